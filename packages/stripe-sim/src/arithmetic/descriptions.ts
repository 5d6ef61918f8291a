const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** The text of a credit line, as recorded: `Unused time on 3 × Team seat after 10 Nov 2025`. */
export function unusedTime(productName: string, quantity: number, at: number): string {
  return `Unused time on ${counted(productName, quantity)} after ${dayOf(at)}`;
}

/** The text of a debit line, as recorded: `Remaining time on Team seat after 10 Nov 2025`. */
export function remainingTime(productName: string, quantity: number, at: number): string {
  return `Remaining time on ${counted(productName, quantity)} after ${dayOf(at)}`;
}

/**
 * Stripe leaves the count away for a single unit. The unit label, which ordinary lines do show, is recorded to be
 * absent here at a quantity of 1; at larger quantities nothing is recorded and it is left away as well.
 */
function counted(productName: string, quantity: number): string {
  return quantity > 1 ? `${quantity} × ${productName}` : productName;
}

/** `DD Mon YYYY` of a unix second, in UTC whatever the time zone of this machine or of the account. */
function dayOf(at: number): string {
  const date = new Date(at * 1000);
  const month = MONTHS[date.getUTCMonth()];
  if (month === undefined) throw new RangeError(`Not a moment: ${at}`);
  return `${String(date.getUTCDate()).padStart(2, '0')} ${month} ${date.getUTCFullYear()}`;
}
