import { act, control } from 'sim/control';
import { closeDetails, facts, json, showDetails } from 'sim/details';
import { empty, h, pill } from 'sim/dom';
import { moment } from 'sim/format';

const TONES = {
  active: 'good',
  trialing: 'good',
  past_due: 'warn',
  incomplete: 'warn',
  paused: 'warn',
  unpaid: 'bad',
  canceled: undefined,
  incomplete_expired: undefined,
};

export const subscriptions = {
  list: (state) => [...state.subscriptions].reverse(),
  signature: (subscription) => JSON.stringify(subscription),
  none: () =>
    empty(
      'No subscriptions yet. Create one through the API, or start with a ready-made customer.',
      h('button', { type: 'button', class: 'primary', onclick: createDemo }, 'Create a demo subscription'),
    ),
  row: (subscription, state) =>
    h(
      'button',
      {
        type: 'button',
        class: 'row subscription',
        'data-row': subscription.id,
        onclick: () => show(subscription, state),
      },
      h('code', { class: 'cut' }, subscription.id),
      h('span', {}, pill(subscription.status, TONES[subscription.status])),
      h('strong', { class: 'number' }, seatsOf(subscription)),
      h(
        'span',
        { class: 'quiet cut' },
        subscription.pending_update === null ? idOf(subscription.customer) : 'a pending update waits for payment',
      ),
    ),
};

function seatsOf(subscription) {
  const total = subscription.items.data.reduce((sum, item) => sum + (item.quantity ?? 0), 0);
  return `${total.toLocaleString('en-US')} ${total === 1 ? 'seat' : 'seats'}`;
}

function idOf(reference) {
  return typeof reference === 'string' ? reference : (reference?.id ?? '');
}

function createDemo() {
  return act('Created a demo subscription with 5 seats', () =>
    control('POST', 'admin/createDemoSubscription', { quantity: 5 }),
  );
}

function show(subscription, state) {
  const item = subscription.items.data[0];
  const customer = idOf(subscription.customer);
  showDetails(
    subscription.id,
    facts([
      ['Status', pill(subscription.status, TONES[subscription.status])],
      ['Seats', seatsOf(subscription)],
      ['Customer', h('code', {}, customer)],
      ['Item', item === undefined ? null : h('code', {}, item.id)],
      ['Price', item === undefined ? null : h('code', {}, item.price.id)],
      [
        'Period',
        item === undefined ? null : `${moment(item.current_period_start)} to ${moment(item.current_period_end)}`,
      ],
      [
        'Latest invoice',
        subscription.latest_invoice === null ? null : h('code', {}, idOf(subscription.latest_invoice)),
      ],
    ]),
    item === undefined ? null : actions(subscription, item, customer),
    item === undefined ? null : history(state.quantityHistory[item.id] ?? []),
    subscription.pending_update === null ? null : json('Pending update', subscription.pending_update),
    json('Object', subscription),
  );
}

function actions(subscription, item, customer) {
  const quantity = h('input', { type: 'number', min: '0', value: String(item.quantity ?? 0) });
  const change = (by) =>
    act(`Changed to ${quantity.value} by the ${by}`, async () => {
      await control('POST', 'admin/foreignQuantityChange', {
        subscription: subscription.id,
        item: item.id,
        quantity: Number(quantity.value),
        by,
      });
      closeDetails();
    });
  const customerVerb = (verb, sentence) => () => act(sentence, () => control('POST', `admin/${verb}`, { customer }));
  const lockVerb = (verb, sentence) => () =>
    act(sentence, () => control('POST', `admin/${verb}`, { object: subscription.id }));
  return h(
    'section',
    {},
    h('h3', {}, 'By another hand'),
    h(
      'div',
      { class: 'actions' },
      h('label', {}, 'Seats', quantity),
      h('button', { type: 'button', onclick: () => change('dashboard') }, 'Change as the dashboard'),
      h('button', { type: 'button', onclick: () => change('portal') }, 'Change as the portal'),
    ),
    h('h3', { style: 'margin-top: 14px' }, 'Card and lock'),
    h(
      'div',
      { class: 'actions' },
      h(
        'button',
        { type: 'button', onclick: customerVerb('breakCard', 'Every charge of this customer is declined now') },
        'Break the card',
      ),
      h('button', { type: 'button', onclick: customerVerb('mendCard', 'The card works again') }, 'Mend the card'),
      h(
        'button',
        { type: 'button', onclick: lockVerb('holdLock', 'Locked: writes get a 429 lock_timeout') },
        'Hold its lock',
      ),
      h('button', { type: 'button', onclick: lockVerb('releaseLock', 'Unlocked') }, 'Release the lock'),
    ),
  );
}

function history(changes) {
  if (changes.length === 0) return null;
  return h(
    'section',
    {},
    h('h3', {}, 'Quantity history'),
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...['At', 'Change', 'By', 'Key'].map((name) => h('th', { scope: 'col' }, name)))),
      h(
        'tbody',
        {},
        ...[...changes]
          .reverse()
          .map((change) =>
            h(
              'tr',
              {},
              h('td', {}, moment(change.at)),
              h('td', {}, `${change.from} → ${change.to}`),
              h('td', {}, change.by),
              h('td', {}, h('code', {}, change.key ?? '–')),
            ),
          ),
      ),
    ),
  );
}
