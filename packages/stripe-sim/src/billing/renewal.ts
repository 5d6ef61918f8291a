import { invoiceShape } from '../shapes/invoice.ts';
import type { InvoiceRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { announceSince, snapshot } from './announce.ts';
import { cancelNow } from './cancel.ts';
import { withDebits } from './change-subscription.ts';
import { collect, markUncollectible, setStatus, voidInvoice } from './invoice-outcomes.ts';
import { draftInvoice, finalizeInvoice } from './invoices.ts';
import { periodLines } from './lines.ts';
import { methodFor } from './payments.ts';
import { intervalOf, periodAround } from './periods.ts';

/** The items whose period is over, moved into their next one. Pure: nothing is written. */
export function rolledItems(
  unit: Unit,
  row: SubscriptionRow,
  at: number,
): { rolled: SubscriptionItemRow[]; all: SubscriptionItemRow[] } {
  const items = row.itemIds.map((id) => unit.store.items.need(id));
  const all = items.map((item) => {
    if (item.currentPeriodEnd > at) return item;
    const period = periodAround(row.billingCycleAnchor, intervalOf(unit.store.prices.need(item.price)), at);
    // Behind a trial or an odd anchor the new period begins where the old one ended, not on the grid before it.
    const start = Math.max(period.start, item.currentPeriodEnd);
    return { ...item, currentPeriodStart: start, currentPeriodEnd: period.end, debits: null };
  });
  return { rolled: all.filter((item, index) => item !== items[index]), all };
}

/** The draft for the next period, with everything that waits. The very code behind previews of the next invoice. */
export function draftCycle(unit: Unit, row: SubscriptionRow, rolled: SubscriptionItemRow[], held: boolean): InvoiceRow {
  const first = unit.store.items.get(rolled[0]?.id ?? '');
  return draftInvoice(unit, {
    reason: 'subscription_cycle',
    customer: row.customer,
    subscription: row,
    currency: row.currency,
    period: { start: first?.currentPeriodStart ?? row.startDate, end: first?.currentPeriodEnd ?? unit.now },
    finalizesAt: held ? null : unit.now + unit.world.settings.draftSeconds,
    held,
    lines: (invoiceId) => rolled.flatMap((item) => periodLines(unit, invoiceId, row, item)),
  });
}

/** A period is over: the items move on and the new period is invoiced. */
export function renew(unit: Unit, row: SubscriptionRow): void {
  const { store } = unit;
  const before = snapshot(unit, row.id);
  const endsTrial = row.status === 'trialing';
  if (endsTrial && !endTrialWithoutCard(unit, row)) return;
  const { rolled } = rolledItems(unit, row, unit.now);
  const held = row.status === 'unpaid' || row.extras?.pauseCollection?.behavior === 'keep_as_draft';
  const draft = draftCycle(unit, row, rolled, held);
  for (const item of rolled) store.items.put(withDebits(row, item, draft));
  store.subscriptions.put({
    ...store.subscriptions.need(row.id),
    latestInvoice: draft.id,
    ...(endsTrial ? { status: 'active' as const } : {}),
  });
  announceSince(unit, before);
}

/** What happens at the end of a trial to a customer who gave no card. False when there is nothing to renew. */
function endTrialWithoutCard(unit: Unit, row: SubscriptionRow): boolean {
  const behavior = row.extras?.trialMissingMethod ?? 'create_invoice';
  const customer = unit.store.customers.need(row.customer);
  const hasMethod = row.extras?.defaultPaymentMethod ?? customer.defaultPaymentMethod;
  if (hasMethod || behavior === 'create_invoice') return true;
  if (behavior === 'cancel') cancelNow(unit, row, { reason: null });
  else setStatus(unit, row, 'paused');
  return false;
}

/** The hour of the draft is over. */
export function finalizeDue(unit: Unit, draft: InvoiceRow): void {
  const open = finalizeInvoice(unit, draft);
  const row = open.sim.subscription === null ? undefined : unit.store.subscriptions.get(open.sim.subscription);
  const pause = row?.extras?.pauseCollection?.behavior;
  if (pause === 'void') voidInvoice(unit, open);
  else if (pause === 'mark_uncollectible') markUncollectible(unit, open);
  else if (open.collection_method === 'send_invoice' && open.amount_due > 0) {
    unit.emit('invoice.sent', invoiceShape(open));
  } else collect(unit, open);
}

/** Dunning: one more automatic attempt. */
export function retryDue(unit: Unit, invoice: InvoiceRow): void {
  const planned = unit.store.invoices.put({ ...invoice, next_payment_attempt: null });
  // An intent that waits for the customer is not confirmed by Stripe's retry when no card could pass it.
  if (methodFor(unit, planned) === undefined) unit.emit('invoice.payment_failed', invoiceShape(planned));
  collect(unit, unit.store.invoices.need(invoice.id));
}
