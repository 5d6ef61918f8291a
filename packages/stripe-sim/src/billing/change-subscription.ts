import { invalidRequest } from '../http/errors.ts';
import { mergeMetadata, type ReadFields } from '../http/params.ts';
import type { updateSubscriptionFields } from '../routes/subscription-params.ts';
import { subscriptionShape } from '../shapes/subscription.ts';
import type { SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';

export type ChangeParams = ReadFields<typeof updateSubscriptionFields>;

export function changeSubscription(
  unit: Unit,
  row: SubscriptionRow,
  params: ChangeParams,
  _via: 'subscription' | 'item' = 'subscription',
): SubscriptionRow {
  unit.onClockOf(unit.store.customers.need(row.customer));
  const before = subscriptionShape(unit.store, row);
  for (const [index, change] of (params.items ?? []).entries()) {
    const item = change.id === undefined ? undefined : unit.store.items.get(change.id);
    if (item === undefined || item.subscription !== row.id) {
      throw invalidRequest(`No such subscription item: '${change.id}'`, `items[${index}][id]`, 'resource_missing');
    }
    const quantity = change.quantity ?? item.quantity;
    unit.store.items.put({ ...item, quantity, metadata: mergeMetadata(item.metadata, change.metadata) });
    if (quantity !== item.quantity) unit.quantityChanged(item.id, item.quantity, quantity);
  }
  const after: SubscriptionRow = {
    ...row,
    metadata: mergeMetadata(row.metadata, params.metadata),
    cancelAtPeriodEnd: params.cancel_at_period_end ?? row.cancelAtPeriodEnd,
  };
  unit.store.subscriptions.put(after);
  unit.emitChange('customer.subscription.updated', before, subscriptionShape(unit.store, after));
  return after;
}
