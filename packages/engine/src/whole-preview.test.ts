import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StripeUnavailable } from './failures.ts';
import type { InvoicePreview, PreviewLine } from './stripe/read-preview.ts';
import { wholePreview } from './whole-preview.ts';

const line = (amount: number, part: PreviewLine['part']): PreviewLine => ({
  description: part,
  amount,
  quantity: null,
  proration: part !== 'renewal',
  part,
});

function preview(lines: readonly PreviewLine[], more: Partial<InvoicePreview> = {}): InvoicePreview {
  const total = lines.reduce((sum, { amount }) => sum + amount, 0);
  return {
    currency: 'usd',
    amountDue: total,
    total,
    subtotal: total,
    tax: 0,
    discount: 0,
    lines,
    moreLines: false,
    prorationAmount: null,
    ...more,
  };
}

const asked = (lines: readonly PreviewLine[]) => async () => preview(lines);
const never = () => assert.fail('nothing more is to be asked');

test('a preview with all its lines is taken as it is', async () => {
  const shown = preview([line(2_000, 'change'), line(14_000, 'renewal')]);
  assert.equal(await wholePreview(shown, never), shown);
});

test('of more lines than Stripe lists: the change, the period that comes, and what is left', async () => {
  // Listed are the change and a part of what waits; the rest of that, and the renewal, are not.
  const listed = [line(-10_000, 'change'), line(12_000, 'change'), line(300, 'earlier')];
  const shown = preview(listed, { subtotal: 17_500, total: 17_000, discount: 500, moreLines: true });
  const whole = await wholePreview(shown, asked([line(14_000, 'renewal')]));
  assert.deepEqual(
    whole.lines.map(({ amount, part }) => [amount, part]),
    [
      [-10_000, 'change'],
      [12_000, 'change'],
      [1_500, 'earlier'],
      [14_000, 'renewal'],
    ],
  );
  assert.deepEqual([whole.total, whole.discount, whole.moreLines], [17_000, 500, false]);
});

test('an invoice of today with more lines than Stripe lists: the change and what is left, without a renewal', async () => {
  const shown = preview([line(2_000, 'change'), line(300, 'earlier')], { subtotal: 3_500, moreLines: true });
  const whole = await wholePreview(shown, null);
  assert.deepEqual(
    whole.lines.map(({ amount, part }) => [amount, part]),
    [
      [2_000, 'change'],
      [1_500, 'earlier'],
    ],
  );
});

test('where not even the change is listed whole, nobody guesses', async () => {
  const shown = preview([line(-10_000, 'change')], { moreLines: true });
  await assert.rejects(wholePreview(shown, never), StripeUnavailable);
});
