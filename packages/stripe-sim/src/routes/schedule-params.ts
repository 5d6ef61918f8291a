import {
  either,
  hash,
  id,
  integer,
  listOf,
  metadata,
  notModelled,
  oneOf,
  quantityShape,
  required,
  timestamp,
  withoutValues,
} from '../http/params.ts';
import { expand } from './common.ts';
import { prorationBehavior } from './subscription-params.ts';

const phases = listOf(
  hash({
    items: required(
      listOf(
        hash({
          price: id,
          plan: id,
          quantity: quantityShape,
          metadata,
          tax_rates: notModelled(),
          discounts: notModelled(),
        }),
        20,
      ),
    ),
    start_date: either(oneOf('now'), timestamp),
    end_date: timestamp,
    duration: hash({
      interval: required(oneOf('day', 'week', 'month', 'year')),
      interval_count: integer({ minimum: 1 }),
    }),
    proration_behavior: prorationBehavior,
    metadata,
    currency: id,
    add_invoice_items: notModelled(),
    billing_cycle_anchor: notModelled(['automatic']),
    collection_method: notModelled(['charge_automatically']),
    default_payment_method: notModelled(),
    discounts: notModelled(),
    trial: notModelled(['false']),
    trial_end: notModelled(),
  }),
  10,
);

const endBehavior = withoutValues(oneOf('release', 'cancel'), 'none', 'renew');

export const createScheduleFields = {
  expand,
  customer: id,
  from_subscription: id,
  start_date: either(oneOf('now'), timestamp),
  end_behavior: endBehavior,
  metadata,
  phases,
  default_settings: notModelled(),
};

export const updateScheduleFields = {
  expand,
  end_behavior: endBehavior,
  metadata,
  phases,
  proration_behavior: prorationBehavior,
  default_settings: notModelled(),
};
