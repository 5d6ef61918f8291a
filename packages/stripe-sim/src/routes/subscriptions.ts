import { cancelNow, settleCancel } from '../billing/cancel.ts';
import { changeSubscription } from '../billing/change-subscription.ts';
import { createSubscription } from '../billing/create-subscription.ts';
import { noSuch } from '../http/errors.ts';
import { createdFilter, createdMatches, listFields, listPage } from '../http/list.ts';
import { clearable, flag, hash, id, oneOf, text } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { subscriptionShape } from '../shapes/subscription.ts';
import { subscriptionJson } from '../shapes/subscription-json.ts';
import type { SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';
import { createSubscriptionFields, updateSubscriptionFields } from './subscription-params.ts';

const statusFilter = oneOf(
  'active',
  'past_due',
  'unpaid',
  'canceled',
  'incomplete',
  'incomplete_expired',
  'trialing',
  'paused',
  'all',
  'ended',
);

export const subscriptionRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/subscriptions',
    params: createSubscriptionFields,
    lock: ({ params }) => params.customer,
    run: ({ unit, params }) => subscriptionShape(unit.store, createSubscription(unit, params)),
  }),
  route({
    method: 'GET',
    pattern: '/v1/subscriptions/:id',
    params: { expand },
    run: ({ unit, ids }) => subscriptionShape(unit.store, findSubscription(unit, ids.id ?? '')),
  }),
  route({
    method: 'POST',
    pattern: '/v1/subscriptions/:id',
    params: updateSubscriptionFields,
    lock: ({ ids }) => ids.id ?? null,
    run: ({ unit, ids, params }) => {
      const row = findSubscription(unit, ids.id ?? '');
      return subscriptionShape(unit.store, changeSubscription(unit, row, params));
    },
  }),
  route({
    method: 'DELETE',
    pattern: '/v1/subscriptions/:id',
    params: {
      expand,
      cancellation_details: hash({ comment: clearable(text), feedback: clearable(text) }),
      invoice_now: flag,
      prorate: flag,
    },
    lock: ({ ids }) => ids.id ?? null,
    run: ({ unit, ids, params }) => {
      const row = findSubscription(unit, ids.id ?? '');
      unit.onClockOf(row);
      // A second cancel finds nothing to cancel; recorded notes say 404, as if the subscription were gone.
      if (row.status === 'canceled' || row.status === 'incomplete_expired') {
        throw noSuch('subscription', row.id, { path: true });
      }
      settleCancel(unit, row, { prorate: params.prorate ?? false, invoiceNow: params.invoice_now ?? false });
      const canceled = cancelNow(unit, unit.store.subscriptions.need(row.id), {
        ...params.cancellation_details,
        reason: 'cancellation_requested',
      });
      return subscriptionShape(unit.store, canceled);
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/subscriptions',
    params: {
      ...listFields,
      expand,
      collection_method: oneOf('charge_automatically', 'send_invoice'),
      created: createdFilter,
      customer: id,
      price: id,
      plan: id,
      status: statusFilter,
      test_clock: id,
    },
    run: ({ unit, params }) => {
      const { store } = unit;
      const hasPrice = (price: string | undefined, row: SubscriptionRow) =>
        price === undefined || row.itemIds.some((item) => store.items.need(item).price === price);
      const page = listPage(
        {
          table: store.subscriptions,
          params,
          url: '/v1/subscriptions',
          kind: 'subscription',
          among: params.customer === undefined ? undefined : store.subscriptionsByCustomer.ids(params.customer),
          matches: (row) =>
            statusMatches(params.status, row) &&
            (params.collection_method === undefined || row.collectionMethod === params.collection_method) &&
            onClock(params, row) &&
            hasPrice(params.price, row) &&
            // A plan has the id of its price.
            hasPrice(params.plan, row) &&
            createdMatches(params.created, row.created),
        },
        (row) => row,
      );
      if (params.expand !== undefined) return { ...page, data: page.data.map((row) => subscriptionShape(store, row)) };
      const data = page.data.map((row) => subscriptionJson(store, row)).join(',');
      return `{"object":"list","data":[${data}],"has_more":${page.has_more},"url":"${page.url}"}`;
    },
  }),
];

export function findSubscription(unit: Unit, subscriptionId: string): SubscriptionRow {
  const row = unit.store.subscriptions.get(subscriptionId);
  if (row === undefined) throw noSuch('subscription', subscriptionId, { path: true });
  return row;
}

/** Without a status Stripe lists everything that is not canceled; `all` lists everything, `ended` what is over. */
function statusMatches(wanted: string | undefined, row: SubscriptionRow): boolean {
  const over = row.status === 'canceled' || row.status === 'incomplete_expired';
  if (wanted === undefined) return row.status !== 'canceled';
  if (wanted === 'all') return true;
  if (wanted === 'ended') return over;
  return row.status === wanted;
}

/** Documented: without a customer or a clock to ask for, subscriptions on test clocks are left out. */
function onClock(
  params: { customer?: string | undefined; test_clock?: string | undefined },
  row: SubscriptionRow,
): boolean {
  if (params.test_clock !== undefined) return row.testClock === params.test_clock;
  return params.customer !== undefined || row.testClock === null;
}
