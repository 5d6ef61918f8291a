import { act, control } from 'sim/control';
import { DELIVERY_FAULTS, RELEASE_ORDERS } from 'sim/delivery-faults';
import { byId, h } from 'sim/dom';
import { count } from 'sim/format';

const HOUR_SECONDS = 3600;

const steer = (verb, body = {}) => control('POST', `events/${verb}`, body);

/** Builds the panel once; polling only says how many events are kept back. */
export function setUpWebhooks() {
  const order = h(
    'select',
    { id: 'release-order' },
    ...Object.entries(RELEASE_ORDERS).map(([value, label]) => h('option', { value }, label)),
  );
  const kind = h(
    'select',
    { id: 'delivery-fault' },
    ...Object.entries(DELIVERY_FAULTS).map(([value, [label]]) => h('option', { value }, label)),
  );
  const type = h('input', { id: 'delivery-type', placeholder: 'customer.subscription.*', spellcheck: 'false' });
  const help = h('p', { class: 'help', id: 'delivery-help' });
  kind.setAttribute('aria-describedby', 'delivery-help');
  const explain = () => {
    help.textContent = DELIVERY_FAULTS[kind.value]?.[1] ?? '';
  };
  kind.addEventListener('change', explain);
  explain();
  const spoil = () => {
    const rule = { kind: kind.value };
    if (type.value.trim() !== '') rule.type = type.value.trim();
    if (kind.value === 'delay') rule.delaySeconds = HOUR_SECONDS;
    return act(`Next event: ${DELIVERY_FAULTS[kind.value]?.[0] ?? kind.value}`, () => steer('spoil', rule));
  };
  byId('webhooks').append(
    h('p', { id: 'held', class: 'quiet' }),
    h(
      'div',
      { class: 'pair' },
      h('button', { type: 'button', onclick: () => act('Events are kept back', () => steer('hold')) }, 'Hold events'),
      h(
        'button',
        { type: 'button', onclick: () => act('Let go', () => steer('release', { order: order.value })) },
        'Release',
      ),
    ),
    h('label', {}, 'Release them', order),
    h('label', {}, 'Do to the next event', kind),
    help,
    h('label', {}, 'Only of this type', type),
    h(
      'div',
      { class: 'pair' },
      h('button', { type: 'button', class: 'primary', onclick: spoil }, 'Arm'),
      h('button', { type: 'button', onclick: () => act('Deliveries are proper again', () => steer('reset')) }, 'Reset'),
    ),
  );
}

export function showWebhooks(state) {
  const waiting = state.deliveries.filter((delivery) => delivery.state === 'waiting');
  const held = waiting.filter((delivery) => delivery.held).length;
  const retried = waiting.filter((delivery) => !delivery.held && delivery.attempts > 0).length;
  byId('held').textContent =
    state.deliveries.length === 0
      ? 'No delivery yet: register a webhook endpoint through the API.'
      : `${count(held, 'delivery', 'deliveries')} held, ${retried} to be tried again`;
}

export function sendAgain(event) {
  return act('Sent again', () => steer('resend', { eventId: event.id }));
}
