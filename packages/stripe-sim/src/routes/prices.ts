import { invalidRequest, noSuch } from '../http/errors.ts';
import { createdFilter, createdMatches, listFields, listPage } from '../http/list.ts';
import {
  clearable,
  decimal,
  either,
  flag,
  hash,
  id,
  integer,
  listOf,
  mergeMetadata,
  metadata,
  notModelled,
  oneOf,
  type ReadFields,
  required,
  text,
} from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { priceShape } from '../shapes/price.ts';
import type { PriceRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';

const amount = integer({ minimum: 0 });
const tierFields = {
  up_to: required(either(oneOf('inf'), integer({ minimum: 1 }))),
  unit_amount: amount,
  unit_amount_decimal: decimal,
  flat_amount: amount,
  flat_amount_decimal: decimal,
};
type TierParams = ReadFields<typeof tierFields>;

const createFields = {
  expand,
  active: flag,
  billing_scheme: oneOf('per_unit', 'tiered'),
  currency: required(id),
  lookup_key: text,
  metadata,
  nickname: text,
  product: id,
  product_data: hash({ name: required(id), id, active: flag, metadata, unit_label: text, statement_descriptor: text }),
  recurring: hash({
    interval: required(oneOf('day', 'week', 'month', 'year')),
    interval_count: integer({ minimum: 1, maximum: 1_095 }),
    usage_type: oneOf('licensed', 'metered'),
    meter: notModelled(),
    trial_period_days: notModelled(),
  }),
  tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
  tiers: listOf(hash(tierFields), 100),
  tiers_mode: oneOf('graduated', 'volume'),
  transfer_lookup_key: flag,
  transform_quantity: hash({ divide_by: required(integer({ minimum: 1 })), round: required(oneOf('up', 'down')) }),
  unit_amount: amount,
  unit_amount_decimal: decimal,
  currency_options: notModelled(),
  custom_unit_amount: notModelled(),
};

export const priceRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/prices',
    params: createFields,
    run: ({ unit, params }) => {
      const price = newPrice(unit, params);
      claimLookupKey(unit, price, params.transfer_lookup_key);
      unit.store.prices.put(price);
      unit.emit('price.created', { ...priceShape(price) });
      return { ...priceShape(price) };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/prices/:id',
    params: { expand },
    run: ({ unit, ids }) => ({ ...priceShape(findPrice(unit, ids.id ?? '')) }),
  }),
  route({
    method: 'POST',
    pattern: '/v1/prices/:id',
    params: {
      expand,
      active: flag,
      lookup_key: text,
      metadata,
      nickname: clearable(text),
      tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
      transfer_lookup_key: flag,
    },
    run: ({ unit, ids, params }) => {
      const before = findPrice(unit, ids.id ?? '');
      const after: PriceRow = {
        ...before,
        active: params.active ?? before.active,
        lookup_key: params.lookup_key ?? before.lookup_key,
        metadata: mergeMetadata(before.metadata, params.metadata),
        nickname: params.nickname === undefined ? before.nickname : params.nickname,
        tax_behavior: params.tax_behavior ?? before.tax_behavior,
      };
      claimLookupKey(unit, after, params.transfer_lookup_key);
      unit.store.prices.put(after);
      unit.emitChange('price.updated', { ...priceShape(before) }, { ...priceShape(after) });
      return { ...priceShape(after) };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/prices',
    params: {
      ...listFields,
      expand,
      active: flag,
      created: createdFilter,
      currency: text,
      lookup_keys: listOf(text, 10),
      product: id,
      recurring: hash({ interval: text, usage_type: text, meter: text }),
      type: oneOf('one_time', 'recurring'),
    },
    run: ({ unit, params }) => ({
      ...listPage(
        {
          table: unit.store.prices,
          params,
          url: '/v1/prices',
          kind: 'price',
          matches: (row) =>
            (params.active === undefined || row.active === params.active) &&
            (params.currency === undefined || row.currency === params.currency) &&
            (params.product === undefined || row.product === params.product) &&
            (params.type === undefined || row.type === params.type) &&
            (params.lookup_keys === undefined || params.lookup_keys.includes(row.lookup_key ?? '')) &&
            (params.recurring?.interval === undefined || row.recurring?.interval === params.recurring.interval) &&
            createdMatches(params.created, row.created),
        },
        priceShape,
      ),
    }),
  }),
];

export function findPrice(unit: Unit, priceId: string): PriceRow {
  const price = unit.store.prices.get(priceId);
  if (price === undefined) throw noSuch('price', priceId, { path: true, param: 'price' });
  return price;
}

/** A lookup key names one price at most, archived ones among them; it is taken from its holder only on demand. */
function claimLookupKey(unit: Unit, { id, lookup_key: key }: PriceRow, transfer = false): void {
  if (!key) return;
  for (const holder of unit.store.prices.values()) {
    if (holder.lookup_key !== key || holder.id === id) continue;
    if (!transfer) {
      throw invalidRequest(`A price (\`${holder.id}\`) already uses that lookup key.`, 'lookup_key');
    }
    const freed = unit.store.prices.put({ ...holder, lookup_key: null });
    unit.emitChange('price.updated', { ...priceShape(holder) }, { ...priceShape(freed) });
  }
}

function newPrice(unit: Unit, params: ReadFields<typeof createFields>): PriceRow {
  if (params.recurring?.usage_type === 'metered') {
    throw invalidRequest('Metered prices must be backed by a meter.', 'recurring[usage_type]');
  }
  const scheme = params.billing_scheme ?? 'per_unit';
  if (scheme === 'tiered') requireTiers(params);
  else if (params.unit_amount === undefined && params.unit_amount_decimal === undefined) {
    throw invalidRequest(
      'You must specify either `unit_amount` or `unit_amount_decimal` when `billing_scheme=per_unit`.',
      'unit_amount',
      'parameter_missing',
    );
  }
  const amounts = wholeAndDecimal(params.unit_amount, params.unit_amount_decimal);
  return {
    id: unit.newId('price'),
    object: 'price',
    active: params.active ?? true,
    billing_scheme: scheme,
    created: unit.now,
    currency: params.currency.toLowerCase(),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: params.lookup_key ?? null,
    metadata: mergeMetadata({}, params.metadata),
    nickname: params.nickname ?? null,
    product: productFor(unit, params),
    recurring:
      params.recurring === undefined
        ? null
        : {
            interval: params.recurring.interval,
            interval_count: params.recurring.interval_count ?? 1,
            meter: null,
            trial_period_days: null,
            usage_type: 'licensed',
          },
    tax_behavior: params.tax_behavior ?? 'unspecified',
    ...(scheme === 'tiered' ? { tiers: (params.tiers ?? []).map(tierOf) } : {}),
    tiers_mode: scheme === 'tiered' ? (params.tiers_mode ?? 'graduated') : null,
    transform_quantity: params.transform_quantity ?? null,
    type: params.recurring === undefined ? 'one_time' : 'recurring',
    unit_amount: scheme === 'tiered' ? null : amounts.whole,
    unit_amount_decimal: scheme === 'tiered' ? null : amounts.decimal,
  };
}

function requireTiers(params: ReadFields<typeof createFields>): void {
  const tiers = params.tiers ?? [];
  if (tiers.length === 0) {
    throw invalidRequest('You must specify `tiers` when `billing_scheme=tiered`.', 'tiers', 'parameter_missing');
  }
  if (params.tiers_mode === undefined) {
    throw invalidRequest(
      'You must specify `tiers_mode` when `billing_scheme=tiered`.',
      'tiers_mode',
      'parameter_missing',
    );
  }
  if (params.transform_quantity !== undefined) {
    throw invalidRequest('`transform_quantity` can only be used with `billing_scheme=per_unit`.', 'transform_quantity');
  }
  let below = 0;
  tiers.forEach((tier, index) => {
    const last = index === tiers.length - 1;
    if (last !== (tier.up_to === 'inf')) {
      throw invalidRequest('The last tier must be `up_to=inf`, and no other tier may be.', `tiers[${index}][up_to]`);
    }
    if (tier.up_to !== 'inf') {
      if (tier.up_to <= below) {
        throw invalidRequest('Tiers must be ordered by ascending `up_to`.', `tiers[${index}][up_to]`);
      }
      below = tier.up_to;
    }
    if (
      [tier.unit_amount, tier.unit_amount_decimal, tier.flat_amount, tier.flat_amount_decimal].every(
        (given) => given === undefined,
      )
    ) {
      throw invalidRequest('Each tier needs `unit_amount` or `flat_amount`.', `tiers[${index}]`);
    }
  });
}

function tierOf(tier: TierParams): NonNullable<PriceRow['tiers']>[number] {
  const unitPrice = wholeAndDecimal(tier.unit_amount, tier.unit_amount_decimal);
  const flat = wholeAndDecimal(tier.flat_amount, tier.flat_amount_decimal);
  return {
    flat_amount: flat.whole,
    flat_amount_decimal: flat.decimal,
    unit_amount: unitPrice.whole,
    unit_amount_decimal: unitPrice.decimal,
    up_to: tier.up_to === 'inf' ? null : tier.up_to,
  };
}

/** Stripe fills in the other form, and leaves the whole one null when the decimal has cents' fractions. */
function wholeAndDecimal(
  whole: number | undefined,
  exact: string | undefined,
): { whole: number | null; decimal: string | null } {
  if (exact !== undefined) {
    const short = exact.includes('.') ? exact.replace(/\.?0+$/, '') : exact;
    return { whole: short.includes('.') ? null : Number(short), decimal: short };
  }
  return whole === undefined ? { whole: null, decimal: null } : { whole, decimal: String(whole) };
}

function productFor(unit: Unit, params: ReadFields<typeof createFields>): string {
  if (params.product_data !== undefined) {
    const data = params.product_data;
    const productId = data.id ?? unit.newId('prod');
    const product = unit.store.products.put({
      id: productId,
      object: 'product',
      active: data.active ?? true,
      created: unit.now,
      default_price: null,
      description: null,
      images: [],
      livemode: false,
      marketing_features: [],
      metadata: mergeMetadata({}, data.metadata),
      name: data.name,
      package_dimensions: null,
      shippable: null,
      statement_descriptor: data.statement_descriptor ?? null,
      tax_code: null,
      tax_details: null,
      type: 'service',
      unit_label: data.unit_label ?? null,
      updated: unit.now,
      url: null,
    });
    unit.emit('product.created', { ...product });
    return productId;
  }
  if (params.product === undefined) {
    throw invalidRequest(
      'You must specify either `product` or `product_data` when creating a price.',
      'product',
      'parameter_missing',
    );
  }
  if (!unit.store.products.has(params.product)) throw noSuch('product', params.product, { param: 'product' });
  return params.product;
}
