import { changeSubscription } from '../billing/change-subscription.ts';
import { invalidRequest, noSuch, StripeFailure } from '../http/errors.ts';
import { listFields, listPage } from '../http/list.ts';
import { flag, id, required, timestamp } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { itemShape } from '../shapes/subscription.ts';
import type { SubscriptionItemRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';
import { createItemFields, paymentBehavior, prorationBehavior, updateItemFields } from './subscription-params.ts';
import { findSubscription } from './subscriptions.ts';

export const subscriptionItemRoutes: Route[] = [
  route({
    method: 'GET',
    pattern: '/v1/subscription_items/:id',
    params: { expand },
    run: ({ unit, ids }) => itemShape(unit.store, findItem(unit, ids.id ?? '')),
  }),
  route({
    method: 'POST',
    pattern: '/v1/subscription_items/:id',
    params: updateItemFields,
    lock: ({ unit, ids }) => unit.store.items.get(ids.id ?? '')?.subscription ?? null,
    run: ({ unit, ids, params }) => {
      const { price, plan, quantity, metadata, ...rest } = params;
      const item = findItem(unit, ids.id ?? '');
      const subscription = unit.store.subscriptions.need(item.subscription);
      changeSubscription(unit, subscription, { ...rest, items: [{ id: item.id, price, plan, quantity, metadata }] });
      return itemShape(unit.store, unit.store.items.need(item.id));
    },
  }),
  route({
    method: 'POST',
    pattern: '/v1/subscription_items',
    params: { ...createItemFields, subscription: required(id) },
    lock: ({ params }) => params.subscription,
    run: ({ unit, params }) => {
      const { price, plan, quantity, metadata, subscription: subscriptionId, ...rest } = params;
      const before = findSubscription(unit, subscriptionId);
      // Recorded notes: for this verb, as for a second cancel, an ended subscription is gone.
      if (before.status === 'canceled' || before.status === 'incomplete_expired') {
        throw noSuch('subscription', before.id, { path: true });
      }
      const row = changeSubscription(unit, before, { ...rest, items: [{ price, plan, quantity, metadata }] });
      const added = row.itemIds.find((itemId) => !before.itemIds.includes(itemId));
      const waiting = row.extras?.pendingUpdate?.items.find((change) => !before.itemIds.includes(change.id));
      if (added !== undefined) return itemShape(unit.store, unit.store.items.need(added));
      if (waiting === undefined) throw new Error(`invariant: no item was added to ${subscriptionId}`);
      return itemShape(unit.store, {
        ...unit.store.items.need(before.itemIds[0] ?? ''),
        id: waiting.id,
        price: waiting.price,
        quantity: waiting.quantity,
      });
    },
  }),
  route({
    method: 'DELETE',
    pattern: '/v1/subscription_items/:id',
    params: {
      clear_usage: flag,
      payment_behavior: paymentBehavior,
      proration_behavior: prorationBehavior,
      proration_date: timestamp,
    },
    lock: ({ unit, ids }) => unit.store.items.get(ids.id ?? '')?.subscription ?? null,
    run: ({ unit, ids, params }) => {
      const { clear_usage: _, ...rest } = params;
      const item = findItem(unit, ids.id ?? '');
      const subscription = unit.store.subscriptions.need(item.subscription);
      changeSubscription(unit, subscription, { ...rest, items: [{ id: item.id, deleted: true }] });
      return { id: item.id, object: 'subscription_item', deleted: true };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/subscription_items',
    params: { ...listFields, expand, subscription: required(id) },
    run: ({ unit, params }) => {
      const subscription = unit.store.subscriptions.get(params.subscription);
      if (subscription === undefined)
        throw invalidRequest(`No such subscription: '${params.subscription}'`, 'subscription', 'resource_missing');
      return {
        ...listPage(
          {
            table: unit.store.items,
            params,
            url: '/v1/subscription_items',
            kind: 'subscription_item',
            among: subscription.itemIds,
          },
          (row) => itemShape(unit.store, row),
        ),
      };
    },
  }),
];

/** Recorded notes: an unknown item has its own wording and no code. */
function findItem(unit: Unit, itemId: string): SubscriptionItemRow {
  const row = unit.store.items.get(itemId);
  if (row === undefined) {
    throw new StripeFailure(404, {
      type: 'invalid_request_error',
      message: `Invalid subscription_item id: ${itemId}`,
      param: 'id',
    });
  }
  return row;
}
