import { subscriptionShape } from '../shapes/subscription.ts';
import type { SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';

/** Ends a subscription at once. Open invoices stay as they are; prorating is the caller's business. */
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
