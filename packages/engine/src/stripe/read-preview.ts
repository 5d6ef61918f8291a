import { isObject } from './exchange.ts';
import { wholeNumber } from './read-subscription.ts';

/** One line of a previewed invoice. */
export interface PreviewLine {
  readonly description: string;
  /** In the currency's smallest unit; negative for a credit. */
  readonly amount: number;
  readonly quantity: number | null;
  readonly proration: boolean;
  /**
   * `change`: the price of the change that is previewed; `renewal`: of a coming period; `earlier`: what waits for the bill in
   * any case, such as the prorations of earlier changes.
   */
  readonly part: 'change' | 'renewal' | 'earlier';
}

/** What an invoice would say. Amounts are in the currency's smallest unit. */
export interface InvoicePreview {
  readonly currency: string;
  /** What the previewed invoice would ask for, after credits of the customer. */
  readonly amountDue: number;
  readonly total: number;
  /** The sum of all lines, before taxes and discounts. */
  readonly subtotal: number;
  readonly tax: number;
  /** What coupons take off; positive. */
  readonly discount: number;
  readonly lines: readonly PreviewLine[];
  /** Stripe listed only the first lines. */
  readonly moreLines: boolean;
  /** What the change itself costs; null where not all lines are known. */
  readonly prorationAmount: number | null;
}

/**
 * The preview in an answer's body, or null where it is something else.
 *
 * @param prorationDate the moment from which it was to be prorated, in Unix seconds; null: not at all
 */
export function readPreview(body: unknown, prorationDate: number | null): InvoicePreview | null {
  if (!isObject(body) || body.object !== 'invoice' || typeof body.currency !== 'string') return null;
  const amountDue = wholeNumber(body.amount_due);
  const total = wholeNumber(body.total);
  const subtotal = wholeNumber(body.subtotal);
  if (amountDue === null || total === null || subtotal === null) return null;
  if (!isObject(body.lines) || !Array.isArray(body.lines.data)) return null;
  const lines = body.lines.data.map((line) => readLine(line, prorationDate));
  const known = lines.filter((line) => line !== null);
  if (known.length !== lines.length) return null;
  const moreLines = body.lines.has_more === true;
  const ofChange = known.filter((line) => line.part === 'change');
  return {
    currency: body.currency,
    amountDue,
    total,
    subtotal,
    tax: sumOf(body.total_taxes),
    discount: sumOf(body.total_discount_amounts),
    lines: known,
    moreLines,
    prorationAmount: moreLines ? null : ofChange.reduce((sum, line) => sum + line.amount, 0),
  };
}

/** Taxes and discounts come as lists, one entry for each rate or coupon; null where there are none. */
function sumOf(list: unknown): number {
  if (!Array.isArray(list)) return 0;
  return list.reduce<number>((sum, entry) => sum + ((isObject(entry) && wholeNumber(entry.amount)) || 0), 0);
}

function readLine(line: unknown, prorationDate: number | null): PreviewLine | null {
  if (!isObject(line)) return null;
  const amount = wholeNumber(line.amount);
  if (amount === null) return null;
  const parent = isObject(line.parent) ? line.parent : {};
  // A proration is the child of the subscription item or, while pending, of the invoice item that holds it.
  const details = [parent.subscription_item_details, parent.invoice_item_details];
  const proration = details.some((detail) => isObject(detail) && detail.proration === true);
  return {
    description: typeof line.description === 'string' ? line.description : '',
    amount,
    quantity: wholeNumber(line.quantity),
    proration,
    part: partOf(line, proration, prorationDate),
  };
}

/** The upcoming invoice has all that is pending. What begins at the moment that was asked about is of the change asked about. */
function partOf(line: Record<string, unknown>, proration: boolean, prorationDate: number | null): PreviewLine['part'] {
  const parent = isObject(line.parent) ? line.parent : {};
  if (!proration) return isObject(parent.subscription_item_details) ? 'renewal' : 'earlier';
  const start = isObject(line.period) ? wholeNumber(line.period.start) : null;
  return prorationDate !== null && start === prorationDate ? 'change' : 'earlier';
}
