import { amountFor, roundCents, tierParts } from '../arithmetic/index.ts';
import type { InvoiceItemRow, InvoiceLine, PriceRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { intervalText, moneyText } from './money-text.ts';

export interface Period {
  start: number;
  end: number;
}

/** The parts in which a line of a subscription item can differ. */
interface LineParts {
  amount: number;
  description: string;
  period: Period;
  price: PriceRow;
  quantity: number;
  unitAmountDecimal: string | null;
  subscription: string;
  item: string;
  invoiceItem: string | null;
  proration: boolean;
  creditedItems: { invoice: string; invoice_line_items: string[] } | null;
  metadata: Record<string, string>;
}

function line(unit: Unit, invoice: string, parts: LineParts): InvoiceLine {
  return {
    id: unit.newId('il'),
    object: 'line_item',
    amount: parts.amount,
    currency: parts.price.currency,
    description: parts.description,
    discount_amounts: [],
    discountable: !parts.proration,
    discounts: [],
    invoice,
    livemode: false,
    metadata: parts.metadata,
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: parts.invoiceItem,
        proration: parts.proration,
        proration_details: { credited_items: parts.creditedItems },
        subscription: parts.subscription,
        subscription_item: parts.item,
      },
      type: 'subscription_item_details',
    },
    period: parts.period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: parts.price.id, product: productOf(parts.price) },
      type: 'price_details',
      unit_amount_decimal: parts.unitAmountDecimal,
    },
    quantity: parts.quantity,
    quantity_decimal: String(parts.quantity),
    subscription: parts.subscription,
    subtotal: parts.amount,
    taxes: [],
  };
}

export function productOf(price: PriceRow): string {
  return typeof price.product === 'string' ? price.product : price.product.id;
}

/** What a line is called after: the product's name. */
export function productNameOf(unit: Unit, price: PriceRow): string {
  return unit.store.products.get(productOf(price))?.name ?? productOf(price);
}

/** The lines for a whole period of one item: one, or one for each tier that a graduated price reaches. */
export function periodLines(
  unit: Unit,
  invoice: string,
  row: SubscriptionRow,
  item: SubscriptionItemRow,
): InvoiceLine[] {
  const price = unit.store.prices.need(item.price);
  const shared = {
    period: { start: item.currentPeriodStart, end: item.currentPeriodEnd },
    price,
    subscription: row.id,
    item: item.id,
    invoiceItem: null,
    proration: false,
    creditedItems: null,
    metadata: item.metadata,
  };
  const name = productNameOf(unit, price);
  const interval = intervalText(price);
  const counted = (quantity: number) => `${quantity}${unitLabel(unit, price)} × ${name}`;
  if (price.billing_scheme === 'tiered') {
    return tierParts(price, item.quantity).flatMap((part) => {
      const tier = price.tiers?.[part.tier - 1];
      const at = (cents: string) => `(Tier ${part.tier} at ${moneyText(cents, price.currency)} ${interval})`;
      const lines: InvoiceLine[] = [];
      const flat = roundCents(part.flatAmount);
      const perUnit = tier?.unit_amount_decimal ?? '0';
      if (part.quantity > 0) {
        const amount = roundCents(part.amount) - flat;
        lines.push(
          line(unit, invoice, {
            ...shared,
            amount,
            description: `${counted(part.quantity)} ${at(perUnit)}`,
            quantity: part.quantity,
            unitAmountDecimal: perUnit,
          }),
        );
      }
      if (flat > 0) {
        const flatText = tier?.flat_amount_decimal ?? '0';
        lines.push(
          line(unit, invoice, {
            ...shared,
            amount: flat,
            description: `${name} (Tier ${part.tier} flat fee at ${moneyText(flatText, price.currency)} ${interval})`,
            quantity: 0,
            unitAmountDecimal: flatText,
          }),
        );
      }
      return lines;
    });
  }
  const unitAmount = price.unit_amount_decimal ?? String(price.unit_amount ?? 0);
  const packageText = price.transform_quantity === null ? '' : ` per ${price.transform_quantity.divide_by}`;
  return [
    line(unit, invoice, {
      ...shared,
      amount: roundCents(amountFor(price, item.quantity)),
      description: `${counted(item.quantity)} (at ${moneyText(unitAmount, price.currency)}${packageText} ${interval})`,
      quantity: item.quantity,
      unitAmountDecimal: unitAmount,
    }),
  ];
}

/** The line of nothing that a trial's invoice shows (recorded: quantity as bought, unit amount 0). */
export function trialLine(unit: Unit, invoice: string, row: SubscriptionRow, item: SubscriptionItemRow): InvoiceLine {
  const price = unit.store.prices.need(item.price);
  return line(unit, invoice, {
    amount: 0,
    description: `Free trial for ${item.quantity}${unitLabel(unit, price)} × ${productNameOf(unit, price)}`,
    period: { start: item.currentPeriodStart, end: item.currentPeriodEnd },
    price,
    quantity: item.quantity,
    unitAmountDecimal: '0',
    subscription: row.id,
    item: item.id,
    invoiceItem: null,
    proration: false,
    creditedItems: null,
    metadata: item.metadata,
  });
}

function unitLabel(unit: Unit, price: PriceRow): string {
  const label = unit.store.products.get(productOf(price))?.unit_label;
  return label === null || label === undefined ? '' : ` ${label}`;
}

/** A pending invoice item as the line it becomes on an invoice. */
export function lineOfInvoiceItem(unit: Unit, invoice: string, pending: InvoiceItemRow): InvoiceLine {
  const details = pending.pricing?.price_details;
  const priceId = typeof details?.price === 'string' ? details.price : (details?.price.id ?? '');
  const credited = pending.proration_details?.credited_items ?? null;
  const shared = {
    amount: pending.amount,
    description: pending.description ?? '',
    period: pending.period,
    quantity: pending.quantity,
    metadata: pending.metadata ?? {},
  };
  if (pending.sim.subscription !== null && pending.sim.item !== null) {
    return line(unit, invoice, {
      ...shared,
      price: unit.store.prices.need(priceId),
      unitAmountDecimal: null,
      subscription: pending.sim.subscription,
      item: pending.sim.item,
      invoiceItem: pending.id,
      proration: pending.proration,
      creditedItems: credited?.invoice_line_item_details ?? null,
    });
  }
  return {
    id: unit.newId('il'),
    object: 'line_item',
    ...shared,
    currency: pending.currency,
    discount_amounts: [],
    discountable: pending.discountable,
    discounts: [],
    invoice,
    livemode: false,
    parent: {
      invoice_item_details: {
        invoice_item: pending.id,
        proration: false,
        proration_details: { credited_items: null },
        subscription: pending.sim.subscription,
      },
      subscription_item_details: null,
      type: 'invoice_item_details',
    },
    pretax_credit_amounts: [],
    pricing: pending.pricing,
    quantity_decimal: String(pending.quantity),
    subscription: pending.sim.subscription,
    subtotal: pending.amount,
    taxes: [],
  };
}
