import type { PreviewBody } from 'seatbelt/http';

/** A quote, summed up for people. Amounts in Stripe's smallest unit. */
export interface PriceLines {
  /** What the change itself costs for the rest of this period; negative where it gives money back. */
  readonly change: number;
  /** What the invoice it lands on asks for, credits of the customer taken off. */
  readonly amountDue: number;
  readonly currency: string;
}

export function priceLinesOf(quote: PreviewBody): PriceLines {
  const prorations = quote.lines.filter((line) => line.proration);
  return {
    change: prorations.reduce((sum, line) => sum + line.amount, 0),
    amountDue: quote.amountDue,
    currency: quote.currency,
  };
}
