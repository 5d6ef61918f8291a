import { subscriptionShape } from '../shapes/subscription.ts';
import type { SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { bill } from './change-subscription.ts';
import { draftInvoice } from './invoices.ts';
import { prorationOf, writeProrationItems } from './proration-items.ts';

/**
 * What a cancellation does with the money: credit for the unused time when `prorate` is wanted, and an invoice of all
 * that is pending when `invoice_now` is.
 */
export function settleCancel(
  unit: Unit,
  row: SubscriptionRow,
  wanted: { prorate: boolean; invoiceNow: boolean },
): void {
  if (wanted.prorate && row.status !== 'trialing') {
    for (const itemId of row.itemIds) {
      const change = { before: unit.store.items.need(itemId), after: undefined };
      const debits = writeProrationItems(unit, row, itemId, prorationOf(unit, row, change, unit.now), change);
      unit.store.items.put({ ...unit.store.items.need(itemId), debits });
    }
  }
  if (!wanted.invoiceNow || unit.store.pendingItemsBySubscription.ids(row.id).length === 0) return;
  const draft = draftInvoice(unit, {
    reason: 'subscription_update',
    customer: row.customer,
    subscription: row,
    currency: row.currency,
    period: { start: unit.store.items.need(row.itemIds[0] ?? '').currentPeriodStart, end: unit.now },
    lines: () => [],
  });
  unit.store.subscriptions.put({ ...unit.store.subscriptions.need(row.id), latestInvoice: draft.id });
  bill(unit, draft, 'allow_incomplete');
}

/** Ends a subscription at once. Open invoices stay as they are. */
export function cancelNow(
  unit: Unit,
  row: SubscriptionRow,
  details: {
    comment?: string | null | undefined;
    feedback?: string | null | undefined;
    reason: string | null;
  },
): SubscriptionRow {
  const ended: SubscriptionRow = {
    ...row,
    status: 'canceled',
    cancelAtPeriodEnd: false,
    extras: {
      ...row.extras,
      cancelAt: null,
      canceledAt: row.extras?.canceledAt ?? unit.now,
      cancellation: { comment: details.comment ?? null, feedback: details.feedback ?? null, reason: details.reason },
      endedAt: unit.now,
      pendingUpdate: null,
    },
  };
  unit.store.subscriptions.put(ended);
  unit.emit('customer.subscription.deleted', subscriptionShape(unit.store, ended));
  return ended;
}
