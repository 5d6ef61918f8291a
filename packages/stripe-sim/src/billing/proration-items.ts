import { type Proration, type ProrationLine, prorate } from '../arithmetic/index.ts';
import { invalidRequest } from '../http/errors.ts';
import { invoiceItemShape } from '../shapes/invoice.ts';
import type { DebitRow, InvoiceItemRow, PriceRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { productNameOf, productOf } from './lines.ts';

/** One item before and after a change; undefined where it is added or removed. */
export interface ItemChange {
  before: SubscriptionItemRow | undefined;
  after: SubscriptionItemRow | undefined;
}

/** The proration moment must lie in the item's present period. */
export function checkProrationDate(date: number, items: SubscriptionItemRow[]): void {
  for (const item of items) {
    if (date < item.currentPeriodStart || date > item.currentPeriodEnd) {
      throw invalidRequest(
        'Invalid proration_date: must be within the current period of the subscription item being updated.',
        'proration_date',
      );
    }
  }
}

/** The exact lines of one item's change, credits first, in the subscription's billing mode. */
export function prorationOf(unit: Unit, row: SubscriptionRow, change: ItemChange, at: number): Proration<PriceRow> {
  const tracked = (change.before?.debits ?? []).map(({ invoice: _, ...debit }) => {
    const price = unit.store.prices.need(debit.price);
    return { ...debit, price, productName: productNameOf(unit, price) };
  });
  const side = (item: SubscriptionItemRow | undefined) => {
    if (item === undefined) return undefined;
    const price = unit.store.prices.need(item.price);
    return {
      price,
      productName: productNameOf(unit, price),
      quantity: item.quantity,
      period: { start: item.currentPeriodStart, end: item.currentPeriodEnd },
    };
  };
  return prorate({
    before: side(change.before),
    after: side(change.after),
    at,
    basis: row.flexibleSince === null ? { mode: 'classic' } : { mode: 'flexible', debits: tracked },
  });
}

/** Writes proration lines as pending invoice items and gives the item's debits as they stand afterwards. */
export function writeProrationItems(
  unit: Unit,
  row: SubscriptionRow,
  itemId: string,
  proration: Proration<PriceRow>,
  change: ItemChange,
): DebitRow[] | null {
  const invoices = new Map((change.before?.debits ?? []).map((debit) => [debit.id, debit.invoice]));
  const debits: DebitRow[] = proration.debitsAfter
    .filter((debit) => debit.standsUntil > debit.period.start)
    .map(({ productName: _, ...debit }) => ({
      ...debit,
      price: debit.price.id,
      invoice: invoices.get(debit.id) ?? null,
    }));
  // Debits are written first: lists show the newest first, and in them the credit stands before the debit (recorded).
  for (const line of proration.lines.toReversed()) {
    const credited = line.creditedDebit === undefined ? null : creditedItems(unit, line.creditedDebit, invoices);
    const pending = pendingItem(unit, row, itemId, line, credited);
    unit.store.invoiceItems.put(pending);
    unit.emit('invoiceitem.created', { ...invoiceItemShape(pending) });
    if (line.kind === 'debit') {
      debits.push(debitOf(pending.id, null, { ...line, price: line.price.id }));
    }
  }
  return row.flexibleSince === null ? null : debits;
}

function pendingItem(
  unit: Unit,
  row: SubscriptionRow,
  itemId: string,
  line: ProrationLine<PriceRow>,
  credited: CreditedItems,
): InvoiceItemRow {
  return {
    id: unit.newId('ii'),
    object: 'invoiceitem',
    amount: line.amount,
    currency: line.price.currency,
    customer: row.customer,
    customer_account: null,
    date: unit.now,
    description: line.description,
    discountable: false,
    discounts: [],
    frozen_fields: ['pricing', 'quantity', 'discounts'],
    invoice: null,
    invoicing_rules: [],
    livemode: false,
    metadata: {},
    net_amount: line.amount,
    parent: {
      subscription_details: { subscription: row.id, subscription_item: itemId },
      type: 'subscription_details',
    },
    period: line.period,
    pricing: {
      price_details: { price: line.price.id, product: productOf(line.price) },
      type: 'price_details',
      unit_amount_decimal: null,
    },
    proration: true,
    proration_details: { credited_items: credited, discount_amounts: [] },
    quantity: line.quantity,
    quantity_decimal: String(line.quantity),
    tax_rates: [],
    test_clock: row.testClock,
    sim: { subscription: row.id, item: itemId },
  };
}

/** A debit that has just been made, with nothing of it credited. */
export function debitOf(
  id: string,
  invoice: string | null,
  made: { amount: number; quantity: number; price: string; period: { start: number; end: number } },
): DebitRow {
  const { amount, quantity, price, period } = made;
  return { id, invoice, amount, quantity, price, period, standsUntil: period.end, credited: 0 };
}

type CreditedItems = NonNullable<InvoiceItemRow['proration_details']>['credited_items'];

/**
 * A debit that stands on an invoice is named by its line; one that still waits by its invoice item. A debit keeps the
 * id of its invoice item when an invoice takes it up, so the line is looked for on that invoice.
 */
function creditedItems(unit: Unit, debitId: string, invoices: Map<string, string | null>): CreditedItems {
  const onInvoice = (invoice: string, lineId: string): CreditedItems => ({
    type: 'invoice_line_items',
    invoice_line_item_details: { invoice, invoice_line_items: [lineId] },
  });
  const named = invoices.get(debitId) ?? null;
  if (named !== null) return onInvoice(named, debitId);
  const invoiceId = unit.store.invoiceItems.get(debitId)?.invoice ?? null;
  if (typeof invoiceId !== 'string') return { type: 'invoice_item', invoice_item: debitId };
  const line = unit.store.invoices
    .need(invoiceId)
    .lines.find((candidate) => candidate.parent?.subscription_item_details?.invoice_item === debitId);
  return onInvoice(invoiceId, line?.id ?? debitId);
}
