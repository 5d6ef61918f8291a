import { isObject } from './exchange.ts';
import { wholeNumber } from './read-subscription.ts';

/** One line of a previewed invoice. */
export interface PreviewLine {
  readonly description: string;
  /** In the currency's smallest unit; negative for a credit. */
  readonly amount: number;
  readonly quantity: number | null;
  /** Part of the price of the change itself, not of the next period. */
  readonly proration: boolean;
  /** The price of a coming period. */
  readonly recurring: boolean;
}

/** What an invoice would say. Amounts are in the currency's smallest unit. */
export interface InvoicePreview {
  readonly currency: string;
  /** What the previewed invoice would ask for, after credits of the customer. */
  readonly amountDue: number;
  readonly total: number;
  readonly tax: number;
  /** What coupons take off; positive. */
  readonly discount: number;
  readonly lines: readonly PreviewLine[];
  /** Stripe listed only the first lines. */
  readonly moreLines: boolean;
  /** The sum of the proration lines; null where not all lines are known. */
  readonly prorationAmount: number | null;
}

/** The preview in an answer's body, or null where it is something else. */
export function readPreview(body: unknown): InvoicePreview | null {
  if (!isObject(body) || body.object !== 'invoice' || typeof body.currency !== 'string') return null;
  const amountDue = wholeNumber(body.amount_due);
  const total = wholeNumber(body.total);
  if (amountDue === null || total === null || !isObject(body.lines) || !Array.isArray(body.lines.data)) return null;
  const lines = body.lines.data.map(readLine);
  const known = lines.filter((line) => line !== null);
  if (known.length !== lines.length) return null;
  const moreLines = body.lines.has_more === true;
  const prorations = known.filter((line) => line.proration);
  return {
    currency: body.currency,
    amountDue,
    total,
    tax: sumOf(body.total_taxes),
    discount: sumOf(body.total_discount_amounts),
    lines: known,
    moreLines,
    prorationAmount: moreLines ? null : prorations.reduce((sum, line) => sum + line.amount, 0),
  };
}

/** Taxes and discounts come as lists, one entry for each rate or coupon; null where there are none. */
function sumOf(list: unknown): number {
  if (!Array.isArray(list)) return 0;
  return list.reduce<number>((sum, entry) => sum + ((isObject(entry) && wholeNumber(entry.amount)) || 0), 0);
}

function readLine(line: unknown): PreviewLine | null {
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
    recurring: isObject(parent.subscription_item_details) && !proration,
  };
}
