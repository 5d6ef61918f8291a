import {
  clearable,
  either,
  flag,
  hash,
  id,
  integer,
  listOf,
  metadata,
  notModelled,
  oneOf,
  quantityShape,
  required,
  text,
  timestamp,
  withoutValues,
} from '../http/params.ts';
import { expand } from './common.ts';

export const prorationBehavior = oneOf('create_prorations', 'always_invoice', 'none');
export const paymentBehavior = oneOf(
  'allow_incomplete',
  'default_incomplete',
  'error_if_incomplete',
  'pending_if_incomplete',
);

const itemFields = {
  price: id,
  plan: id,
  quantity: quantityShape,
  metadata,
  tax_rates: notModelled(),
  discounts: notModelled(),
  billing_thresholds: notModelled(),
  price_data: notModelled(),
};

const shared = {
  expand,
  automatic_tax: hash({ enabled: notModelled(['false']) }),
  cancel_at: clearable(withoutValues(timestamp, 'min_period_end', 'max_period_end')),
  cancel_at_period_end: flag,
  collection_method: oneOf('charge_automatically', 'send_invoice'),
  days_until_due: integer({ minimum: 0, maximum: 730 }),
  default_payment_method: clearable(id),
  default_tax_rates: notModelled(),
  description: clearable(text),
  discounts: notModelled(),
  add_invoice_items: notModelled(),
  application_fee_percent: notModelled(),
  billing_thresholds: notModelled(),
  invoice_settings: notModelled(),
  metadata,
  off_session: flag,
  on_behalf_of: notModelled(),
  payment_settings: hash({
    save_default_payment_method: oneOf('off', 'on_subscription'),
    payment_method_types: notModelled(),
    payment_method_options: notModelled(),
  }),
  payment_behavior: paymentBehavior,
  pending_invoice_item_interval: notModelled(),
  proration_behavior: prorationBehavior,
  transfer_data: notModelled(),
  trial_end: either(oneOf('now'), timestamp),
  trial_from_plan: notModelled(['false']),
  trial_settings: hash({
    end_behavior: required(hash({ missing_payment_method: required(oneOf('cancel', 'create_invoice', 'pause')) })),
  }),
};

export const createSubscriptionFields = {
  ...shared,
  customer: required(id),
  currency: text,
  items: listOf(hash(itemFields), 20),
  billing_cycle_anchor: timestamp,
  billing_mode: hash({
    type: required(oneOf('classic', 'flexible')),
    flexible: hash({ proration_discounts: oneOf('included', 'itemized') }),
  }),
  backdate_start_date: notModelled(),
  trial_period_days: integer({ minimum: 0, maximum: 730 }),
};

export const updateSubscriptionFields = {
  ...shared,
  items: listOf(hash({ ...itemFields, id, deleted: flag, clear_usage: notModelled(['false']) }), 20),
  billing_cycle_anchor: hash({ type: required(oneOf('now', 'unchanged')) }),
  cancellation_details: hash({ comment: clearable(text), feedback: clearable(text) }),
  pause_collection: clearable(
    hash({ behavior: required(oneOf('keep_as_draft', 'mark_uncollectible', 'void')), resumes_at: timestamp }),
  ),
  proration_date: timestamp,
};

const anchorChoice = oneOf('now', 'unchanged');

export const resumeFields = {
  expand,
  // The text alone is how versions before the pinned one sent it.
  billing_cycle_anchor: either(anchorChoice, hash({ type: required(anchorChoice) })),
  payment_behavior: withoutValues(oneOf('resume_on_payment_attempt'), 'resume_on_payment_success'),
  proration_behavior: prorationBehavior,
  proration_date: notModelled(),
};

export const createItemFields = {
  expand,
  price: id,
  plan: id,
  quantity: quantityShape,
  metadata,
  payment_behavior: paymentBehavior,
  proration_behavior: prorationBehavior,
  proration_date: timestamp,
  tax_rates: notModelled(),
  discounts: notModelled(),
  billing_thresholds: notModelled(),
  price_data: notModelled(),
};

/** Only a change can say that nobody is there to authenticate. */
export const updateItemFields = { ...createItemFields, off_session: flag };
