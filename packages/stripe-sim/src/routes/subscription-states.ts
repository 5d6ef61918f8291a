import { changeRow } from '../billing/announce.ts';
import { changeSubscription } from '../billing/change-subscription.ts';
import { invalidRequest, refused } from '../http/errors.ts';
import { hash, notModelled, oneOf, required, timestamp } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { subscriptionShape } from '../shapes/subscription.ts';
import { expand } from './common.ts';
import { paymentBehavior, prorationBehavior } from './subscription-params.ts';
import { findSubscription } from './subscriptions.ts';

/** Pausing, resuming and moving to flexible billing: the verbs of a subscription beside update and cancel. */
export const subscriptionStateRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/subscriptions/:id/pause',
    params: { expand, bill_for: notModelled(), invoicing_behavior: notModelled(), type: oneOf('subscription') },
    lock: ({ ids }) => ids.id ?? null,
    run: ({ unit, ids }) => {
      const row = findSubscription(unit, ids.id ?? '');
      if (row.flexibleSince === null) {
        throw refused('Only subscriptions with `billing_mode` `flexible` can be paused.');
      }
      if (row.extras?.schedule)
        throw refused(
          `The subscription is managed by the subscription schedule \`${row.extras.schedule}\`, and cannot be paused.`,
        );
      if (row.status !== 'active' && row.status !== 'trialing' && row.status !== 'past_due') {
        throw refused(`A subscription with status \`${row.status}\` cannot be paused.`);
      }
      const paused = changeRow(unit, row.id, (present) => ({
        ...present,
        status: 'paused',
        extras: { ...present.extras, pausedAt: unit.now },
      }));
      const shape = subscriptionShape(unit.store, paused);
      unit.emit('customer.subscription.paused', shape);
      return shape;
    },
  }),
  route({
    method: 'POST',
    pattern: '/v1/subscriptions/:id/resume',
    params: {
      expand,
      billing_cycle_anchor: oneOf('now', 'unchanged'),
      payment_behavior: paymentBehavior,
      proration_behavior: prorationBehavior,
      proration_date: timestamp,
    },
    lock: ({ ids }) => ids.id ?? null,
    run: ({ unit, ids, params }) => {
      const row = findSubscription(unit, ids.id ?? '');
      if (row.status !== 'paused')
        throw refused(`You can only resume a subscription whose status is \`paused\`; this one is \`${row.status}\`.`);
      const active = changeRow(unit, row.id, (present) => ({
        ...present,
        status: 'active',
        extras: { ...present.extras, pausedAt: null },
      }));
      // By default resuming begins a new cycle, which is invoiced and collected at once.
      const resumed =
        params.billing_cycle_anchor === 'unchanged'
          ? active
          : changeSubscription(unit, active, {
              billing_cycle_anchor: { type: 'now' },
              proration_behavior: params.proration_behavior ?? 'create_prorations',
            });
      const shape = subscriptionShape(unit.store, resumed);
      unit.emit('customer.subscription.resumed', shape);
      return shape;
    },
  }),
  route({
    method: 'POST',
    pattern: '/v1/subscriptions/:id/migrate',
    params: {
      expand,
      billing_mode: required(
        hash({
          type: required(oneOf('flexible', 'classic')),
          flexible: hash({ proration_discounts: oneOf('included', 'itemized') }),
        }),
      ),
    },
    lock: ({ ids }) => ids.id ?? null,
    run: ({ unit, ids, params }) => {
      const row = findSubscription(unit, ids.id ?? '');
      if (params.billing_mode.type === 'classic')
        throw invalidRequest(
          'You can only migrate a subscription to the `flexible` billing mode.',
          'billing_mode[type]',
        );
      if (row.flexibleSince !== null)
        throw refused('This subscription already uses the `flexible` billing mode.', 'billing_mode');
      return subscriptionShape(
        unit.store,
        changeRow(unit, row.id, (present) => ({ ...present, flexibleSince: unit.now })),
      );
    },
  }),
];
