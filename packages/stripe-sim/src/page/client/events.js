import { facts, json, showDetails } from 'sim/details';
import { empty, h, pill } from 'sim/dom';
import { moment, timeOfDay } from 'sim/format';
import { sendAgain } from 'sim/webhooks';

export const events = {
  list: (state) => [...state.events].reverse(),
  signature: (event, state) =>
    `${event.id}${event.pending_webhooks}${deliveriesOf(event, state)
      .map((delivery) => delivery.state + delivery.held)
      .join()}`,
  none: () => empty('No events yet. Every change writes one, whether or not a webhook endpoint exists.'),
  row: (event, state) =>
    h(
      'button',
      { type: 'button', class: 'row event', 'data-row': event.id, onclick: () => show(event, state) },
      h('span', { class: 'quiet time' }, timeOfDay(event.created)),
      h('code', { class: 'cut' }, event.type),
      h('code', { class: 'cut quiet about' }, event.data.object.id ?? ''),
      h('code', { class: 'cut quiet key' }, event.request?.idempotency_key ?? 'no key'),
      h('span', { class: 'marks' }, ...deliveriesOf(event, state).map(deliveryPill)),
    ),
};

const TONES = { delivered: 'good', failed: 'bad', dropped: 'bad', waiting: 'warn' };

function deliveryPill(delivery) {
  const label = delivery.held ? 'held' : delivery.spoiled === null ? delivery.state : `${delivery.state}, spoiled`;
  return pill(label, TONES[delivery.state]);
}

function deliveriesOf(event, state) {
  return state.deliveries.filter((delivery) => delivery.event === event.id);
}

function show(event, state) {
  const deliveries = deliveriesOf(event, state);
  showDetails(
    event.type,
    facts([
      ['Event', h('code', {}, event.id)],
      ['About', h('code', {}, event.data.object.id ?? '–')],
      [
        'Caused by',
        event.request?.id === null
          ? 'no API request: Stripe itself, or a hand in the dashboard'
          : h('code', {}, event.request.id),
      ],
      ['Idempotency key', h('code', {}, event.request?.idempotency_key ?? '–')],
      ['At', `${moment(event.created)} UTC, virtual`],
      ['Waiting deliveries', pill(String(event.pending_webhooks))],
    ]),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', onclick: () => sendAgain(event) }, 'Send again to every endpoint'),
    ),
    deliveries.length === 0 ? null : json('Deliveries', deliveries),
    event.data.previous_attributes === undefined
      ? null
      : json('What changed, with the old values', event.data.previous_attributes),
    json('Object as it was then', event.data.object),
  );
}
