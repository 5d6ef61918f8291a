import { changeRow } from '../billing/announce.ts';
import { resumeSubscription } from '../billing/resume.ts';
import { invalidRequest, refused } from '../http/errors.ts';
import { hash, notModelled, oneOf, required } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { subscriptionShape } from '../shapes/subscription.ts';
import { expand } from './common.ts';
import { resumeFields } from './subscription-params.ts';
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
    params: resumeFields,
    lock: ({ ids }) => ids.id ?? null,
    run: ({ unit, ids, params }) => {
      const row = findSubscription(unit, ids.id ?? '');
      return subscriptionShape(unit.store, resumeSubscription(unit, row, params));
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
