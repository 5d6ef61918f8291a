import type Stripe from 'stripe';
import type { PriceRow } from '../state/rows.ts';
import type { Wire } from '../wire.ts';

export type WirePrice = Wire<Omit<Stripe.Price, 'deleted'>>;
export type WirePlan = Wire<Omit<Stripe.Plan, 'deleted'>>;

const shapes = new WeakMap<PriceRow, { price: WirePrice; plan: WirePlan }>();

/** `tiers` are sent only when expanded. Rows are immutable, so a price's shape is made once and shared by every item. */
export function priceShape(row: PriceRow): WirePrice {
  return shapesOf(row).price;
}

/** The older twin of a price, which Stripe still sends on items and, for a single item, on the subscription. */
export function planShape(row: PriceRow): WirePlan {
  return shapesOf(row).plan;
}

function shapesOf(row: PriceRow): { price: WirePrice; plan: WirePlan } {
  const known = shapes.get(row);
  if (known !== undefined) return known;
  const { tiers: _, ...price } = row;
  const made = { price: Object.freeze(price), plan: Object.freeze(planOf(row)) };
  shapes.set(row, made);
  return made;
}

function planOf(row: PriceRow): WirePlan {
  return {
    id: row.id,
    object: 'plan',
    active: row.active,
    amount: row.unit_amount,
    amount_decimal: row.unit_amount_decimal,
    billing_scheme: row.billing_scheme,
    created: row.created,
    currency: row.currency,
    interval: row.recurring?.interval ?? 'month',
    interval_count: row.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: row.metadata,
    meter: null,
    nickname: row.nickname,
    product: typeof row.product === 'string' ? row.product : row.product.id,
    tiers_mode: row.tiers_mode,
    transform_usage: row.transform_quantity,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}
