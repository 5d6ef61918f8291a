import type { WireCustomer } from '../shapes/customer.ts';
import type { WirePrice } from '../shapes/price.ts';
import type { WireItem, WireSubscription } from '../shapes/subscription.ts';
import type { PriceRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';

export interface DemoSubscription {
  customer: WireCustomer;
  subscription: WireSubscription;
  item: WireItem;
  price: WirePrice;
}

export interface DemoOptions {
  quantity: number;
  /** Cents for each seat and interval; default 1000. */
  unitAmount?: number;
  /** Default usd. */
  currency?: string;
  /** Default month. */
  interval?: 'day' | 'week' | 'month' | 'year';
  metadata?: Record<string, string>;
  /** Default per_unit. */
  priceModel?: 'per_unit' | 'graduated' | 'volume' | 'package';
  /** Default flexible, as for every subscription of this API version. */
  billingMode?: 'flexible' | 'classic';
  /** A test card such as `pm_card_chargeCustomerFail`; default `pm_card_visa`. */
  card?: string;
}

/** A price of the model asked for, with its product. */
export function demoPrice(
  unit: Unit,
  options: Pick<DemoOptions, 'unitAmount' | 'currency' | 'interval' | 'priceModel'>,
): PriceRow {
  const unitAmount = options.unitAmount ?? 1_000;
  const model = options.priceModel ?? 'per_unit';
  const tiered = model === 'graduated' || model === 'volume';
  const product = unit.store.products.put({
    id: unit.newId('prod'),
    object: 'product',
    active: true,
    created: unit.now,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name: 'Team',
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: 'seat',
    updated: unit.now,
    url: null,
  });
  const tier = (amount: number, upTo: number | null) => ({
    flat_amount: null,
    flat_amount_decimal: null,
    unit_amount: amount,
    unit_amount_decimal: String(amount),
    up_to: upTo,
  });
  return unit.store.prices.put({
    id: unit.newId('price'),
    object: 'price',
    active: true,
    billing_scheme: tiered ? 'tiered' : 'per_unit',
    created: unit.now,
    currency: options.currency ?? 'usd',
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: product.id,
    recurring: {
      interval: options.interval ?? 'month',
      interval_count: 1,
      meter: null,
      trial_period_days: null,
      usage_type: 'licensed',
    },
    tax_behavior: 'unspecified',
    // Ten at the full price, the rest at four fifths: enough for volume prices to make more seats cheaper.
    ...(tiered ? { tiers: [tier(unitAmount, 10), tier(Math.round((unitAmount * 4) / 5), null)] } : {}),
    tiers_mode: tiered ? model : null,
    transform_quantity: model === 'package' ? { divide_by: 5, round: 'up' } : null,
    type: 'recurring',
    unit_amount: tiered ? null : unitAmount,
    unit_amount_decimal: tiered ? null : String(unitAmount),
  });
}
