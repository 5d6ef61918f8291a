import { StripeUnavailable } from './failures.ts';
import type { InvoicePreview, PreviewLine } from './stripe/read-preview.ts';

/**
 * A preview of more lines than Stripe lists at once; that the rest can be listed by the preview's id is recorded nowhere.
 * The newest come first, so those of the change are there; the period that comes is asked for by itself, and what remains of
 * the invoice waited for it before.
 *
 * @param recurring the next regular invoice by itself; null where the preview is of an invoice of today, without a renewal
 * @throws StripeUnavailable where not even the lines of the change are all listed
 */
export async function wholePreview(
  shown: InvoicePreview,
  recurring: (() => Promise<InvoicePreview>) | null,
): Promise<InvoicePreview> {
  if (!shown.moreLines) return shown;
  const ofChange = shown.lines.filter(({ part }) => part === 'change');
  if (ofChange.length === shown.lines.length) {
    throw new StripeUnavailable('Stripe could not be asked for the price: the change has more lines than it lists.');
  }
  const renewal = recurring === null ? [] : (await recurring()).lines.filter(({ part }) => part === 'renewal');
  const sum = (lines: readonly PreviewLine[]) => lines.reduce((total, line) => total + line.amount, 0);
  const earlier: PreviewLine = {
    description: 'What waits for this invoice since earlier changes',
    amount: shown.subtotal - sum(ofChange) - sum(renewal),
    quantity: null,
    proration: true,
    part: 'earlier',
  };
  return { ...shown, lines: [...ofChange, earlier, ...renewal], moreLines: false };
}
