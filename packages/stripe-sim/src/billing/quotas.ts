import { rateLimited } from '../faults/fault-answers.ts';
import type { SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import type { ProposedChange } from './change-subscription.ts';

/** Documented per subscription: 10 new invoices a minute, 20 a day, 200 quantity updates an hour. Off unless limits are on. */
export function checkQuotas(unit: Unit, row: SubscriptionRow, proposed: ProposedChange): void {
  const { limits, invoicesPerMinute, invoicesPerDay, quantityUpdatesPerHour } = unit.world.settings;
  if (!limits) return;
  const { store } = unit;
  for (const { before, after } of proposed.plan.changes) {
    if (before === undefined || after === undefined || before.quantity === after.quantity) continue;
    const times = store.quantitiesByItem.ids(before.id).map((id) => store.quantities.need(id).at);
    if (within(times, unit.now, 3_600) >= quantityUpdatesPerHour) throw rateLimited('resource-specific');
  }
  if (proposed.draft === null) return;
  // The draft of this request is already among them.
  const times = store.invoicesBySubscription.ids(row.id).map((id) => store.invoices.need(id).created);
  if (within(times, unit.now, 60) > invoicesPerMinute || within(times, unit.now, 86_400) > invoicesPerDay) {
    throw rateLimited('resource-specific');
  }
}

function within(times: number[], now: number, seconds: number): number {
  return times.filter((at) => at > now - seconds).length;
}
