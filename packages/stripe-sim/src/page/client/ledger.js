import { facts, showDetails } from 'sim/details';
import { empty, h, pill } from 'sim/dom';
import { moment, money, timeOfDay } from 'sim/format';

const KINDS = {
  charge: ['Charged', 'good'],
  charge_failed: ['Charge failed', 'bad'],
  balance: ['Customer balance', undefined],
  invoice_finalized: ['Invoice finalized', undefined],
  invoice_voided: ['Invoice voided', 'warn'],
  refund: ['Refunded', 'warn'],
};

export const ledger = {
  list: (state) => [...state.ledger].reverse(),
  signature: (row) => row.id,
  none: () => empty('No money has moved yet.'),
  row: (row) => {
    const [label, tone] = KINDS[row.kind] ?? [row.kind, undefined];
    return h(
      'button',
      { type: 'button', class: 'row ledger', 'data-row': row.id, onclick: () => show(row) },
      h('span', { class: 'quiet time' }, timeOfDay(row.at)),
      h('span', {}, pill(label, tone)),
      h('code', { class: 'cut quiet about' }, row.invoice ?? row.customer),
      h('strong', { class: 'number' }, money(row.amount, row.currency)),
    );
  },
};

/** What was charged less what was refunded, for each currency. */
export function collected(rows) {
  const sums = new Map();
  for (const row of rows) {
    const sign = row.kind === 'charge' ? 1 : row.kind === 'refund' ? -1 : 0;
    if (sign !== 0) sums.set(row.currency, (sums.get(row.currency) ?? 0) + sign * row.amount);
  }
  return [...sums].map(([currency, amount]) => money(amount, currency));
}

function show(row) {
  showDetails(
    (KINDS[row.kind] ?? [row.kind])[0],
    facts([
      ['Amount', money(row.amount, row.currency)],
      ['Customer', h('code', {}, row.customer)],
      ['Invoice', row.invoice === null ? null : h('code', {}, row.invoice)],
      [
        'Request',
        row.requestId === null ? 'none: Stripe itself, or a hand in the dashboard' : h('code', {}, row.requestId),
      ],
      ['Idempotency key', row.key === null ? null : h('code', {}, row.key)],
      ['At', `${moment(row.at)} UTC, virtual`],
    ]),
  );
}
