import type { ScheduleRow } from '../state/rows.ts';

export const emptyDefaults: ScheduleRow['default_settings'] = {
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor: 'automatic',
  billing_thresholds: null,
  collection_method: 'charge_automatically',
  default_payment_method: null,
  description: null,
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    days_until_due: null,
    description: null,
    footer: null,
    issuer: { type: 'self' },
  },
  on_behalf_of: null,
  transfer_data: null,
};

export function phaseOf(made: {
  currency: string;
  start: number;
  end: number;
  items: { price: string; quantity: number }[];
  prorationBehavior: 'create_prorations' | 'always_invoice' | 'none';
  metadata: Record<string, string>;
}): ScheduleRow['phases'][number] {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: null,
    currency: made.currency,
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    end_date: made.end,
    invoice_settings: null,
    items: made.items.map(({ price, quantity }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: price,
      price,
      quantity,
      tax_rates: [],
    })),
    metadata: made.metadata,
    on_behalf_of: null,
    proration_behavior: made.prorationBehavior,
    start_date: made.start,
    transfer_data: null,
    trial_end: null,
  };
}
