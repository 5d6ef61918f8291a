/** Prices that a change can be bound to: what was shown is what is charged, or nothing is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type Stripe from 'stripe';
import { StripeUnavailable } from '../src/failures.ts';
import type { PreviewBody } from '../src/http/contract.ts';
import { StaleQuote } from '../src/quotes.ts';
import { type Product, product } from './product.ts';

const invoiced = { prorationBehavior: 'always_invoice', paymentBehavior: 'error_if_incomplete' } as const;
const terms = { increase: invoiced, decrease: { prorationBehavior: 'always_invoice' } } as const;
/** What is prorated and waits for the bill, half a month after the last one. */
const waiting = {
  seats: 10,
  used: 1,
  link: { terms: { increase: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete' } } },
  demo: { daysAgo: 15 },
} as const;

/** What the lines of one part of a bill come to. */
function sumOf({ lines }: Pick<PreviewBody, 'lines'>, part: PreviewBody['lines'][number]['part']): number {
  return lines.reduce((sum, line) => (line.part === part ? sum + line.amount : sum), 0);
}

async function newest({ stripe, subscription }: Product): Promise<Stripe.Invoice | undefined> {
  return (await stripe.invoices.list({ subscription, limit: 1 })).data[0];
}

const flat = async (shop: Product): Promise<void> => {
  const price = await shop.stripe.prices.create({
    currency: 'usd',
    recurring: { interval: 'month' },
    product_data: { name: 'Platform and seats' },
    billing_scheme: 'tiered',
    tiers_mode: 'graduated',
    tiers: [
      { up_to: 5, flat_amount: 4_900, unit_amount: 0 },
      // The SDK takes its own decimals or their text; its types know only the former.
      { up_to: 'inf', unit_amount_decimal: '733.3' as never },
    ],
  });
  const items = [{ id: shop.item, price: price.id, quantity: 10 }];
  await shop.stripe.subscriptions.update(shop.subscription, { items, proration_behavior: 'none' });
  await shop.seatbelt.mark(shop.organization);
  await shop.seatbelt.advance(shop.organization);
};

const models = ['per_unit', 'graduated', 'volume', 'package', 'flat and decimal'] as const;
for (const model of models) {
  test(`${model}: confirmed in time, a quote charges exactly what it showed`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 27 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 4 }),
        async (daysAgo, wishes) => {
          const demo = { daysAgo, ...(model === 'flat and decimal' ? {} : { priceModel: model }) };
          await using shop = await product({ seats: 10, used: 1, link: { terms }, demo });
          if (model === 'flat and decimal') await flat(shop);
          let seats = 10;
          for (const wanted of wishes) {
            if (wanted === seats) continue;
            const before = await newest(shop);
            const shown = await shop.seatbelt.preview(shop.organization, wanted);
            const answer = await shop.seatbelt.set(shop.organization, wanted, { quote: shown.quote });
            assert.equal(answer.status, 'applied');
            const invoice = await newest(shop);
            seats = wanted;
            if (shown.credit + shown.charge === 0) {
              assert.deepEqual([invoice?.id, shown.dueNow], [before?.id, 0], 'the same amount makes no invoice');
              continue;
            }
            assert.notEqual(invoice?.id, before?.id, 'a change of the bill makes an invoice');
            assert.deepEqual([invoice?.amount_due, invoice?.total], [shown.dueNow, shown.total]);
            assert.equal(shown.credit + shown.charge, shown.total);
          }
        },
      ),
      { numRuns: 4 },
    );
  });
}

test('a subscription that ends with its period has a price of today and no renewal, and can be bought at it', async () => {
  await using shop = await product({ seats: 10, used: 1, link: { terms }, demo: { daysAgo: 15 } });
  await shop.stripe.subscriptions.update(shop.subscription, { cancel_at_period_end: true });
  const shown = await shop.seatbelt.preview(shop.organization, 12);
  assert.ok(shown.dueNow > 0);
  assert.deepEqual(shown.atRenewal, { amountDue: 0, total: 0, at: null });
  const answer = await shop.seatbelt.set(shop.organization, 12, { quote: shown.quote });
  assert.equal(answer.status, 'applied');
  assert.equal((await newest(shop))?.amount_due, shown.dueNow);
});

test('where all of the price would be on a bill that does not come, the price is unknown and the change not refused', async () => {
  await using shop = await product(waiting);
  await shop.stripe.subscriptions.update(shop.subscription, { cancel_at_period_end: true });
  await assert.rejects(shop.seatbelt.preview(shop.organization, 12), StripeUnavailable);
  assert.equal((await shop.seatbelt.set(shop.organization, 12)).status, 'applied');
});

test('what is due now, at renewal, and given back is told apart', async () => {
  await using shop = await product({ seats: 10, used: 1, link: { terms }, demo: { daysAgo: 15 } });
  const now = await shop.seatbelt.preview(shop.organization, 12);
  assert.ok(now.dueNow > 0 && now.credit < 0 && now.charge > 0);
  assert.equal(now.dueNow, now.credit + now.charge);
  assert.deepEqual([now.atRenewal.total, now.tax, now.discount], [12_000, 0, 0]);
  await shop.seatbelt.changeTerms(shop.organization, {
    increase: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete' },
    decrease: { when: 'period_end' },
  });
  const later = await shop.seatbelt.preview(shop.organization, 12);
  assert.equal(later.dueNow, 0);
  assert.equal(later.atRenewal.total, 12_000 + later.credit + later.charge);
  const fewer = await shop.seatbelt.preview(shop.organization, 8);
  assert.deepEqual([fewer.dueNow, fewer.credit, fewer.atRenewal.total], [0, 0, 8_000]);
});

test('what waits for the bill since earlier changes is no part of the price of this one', async () => {
  await using shop = await product(waiting);
  const first = await shop.seatbelt.preview(shop.organization, 12);
  await shop.seatbelt.set(shop.organization, 12, { quote: first.quote });
  const customer = String((await shop.stripe.subscriptions.retrieve(shop.subscription)).customer);
  await shop.stripe.invoiceItems.create({ customer, subscription: shop.subscription, amount: 700, currency: 'usd' });
  shop.sim.clock.advance(60_000);

  const second = await shop.seatbelt.preview(shop.organization, 14);
  const waits = first.credit + first.charge + 700;
  const price = second.credit + second.charge;
  assert.ok(
    first.credit + first.charge > 0 && Math.abs(price - (first.credit + first.charge)) < 10,
    `two seats cost ${price}`,
  );
  assert.equal(second.atRenewal.total, 14_000 + waits + price, 'the bill has all of it');
  assert.deepEqual(
    [sumOf(second, 'change'), sumOf(second, 'renewal'), sumOf(second, 'earlier')],
    [price, 14_000, waits],
  );
});

test('a bill of more lines than Stripe shows at once is priced as well', async () => {
  await using shop = await product(waiting);
  const bill = async (quantity: number) => {
    const items = [{ id: shop.item, quantity }];
    return shop.stripe.subscriptions.update(shop.subscription, { items, proration_behavior: 'create_prorations' });
  };
  // Each of them leaves two lines, and ends where it began.
  for (let change = 0; change < 4; change += 1) {
    await bill(11);
    await bill(10);
    shop.sim.clock.advance(60_000);
  }
  await bill(12);
  await shop.seatbelt.set(shop.organization, 12).catch(() => {});
  const { rows } = await shop.pool.query('select settled_seats from seatbelt.organization_seats');
  const shown = await shop.seatbelt.preview(shop.organization, 14);
  const [renewal, change, earlier] = [sumOf(shown, 'renewal'), sumOf(shown, 'change'), sumOf(shown, 'earlier')];
  assert.deepEqual([rows[0].settled_seats, renewal, change], [12, 14_000, shown.credit + shown.charge]);
  assert.equal(renewal + change + earlier, shown.atRenewal.total);
});

test('an invoice of today with more lines than Stripe shows at once is priced as one of today', async () => {
  await using shop = await product({ seats: 10, used: 1, link: { terms }, demo: { daysAgo: 15 } });
  const customer = String((await shop.stripe.subscriptions.retrieve(shop.subscription)).customer);
  const pending = { customer, subscription: shop.subscription, amount: 100, currency: 'usd' };
  for (let item = 0; item < 12; item += 1) await shop.stripe.invoiceItems.create(pending);
  const shown = await shop.seatbelt.preview(shop.organization, 14);
  assert.deepEqual(
    [sumOf(shown, 'change'), sumOf(shown, 'earlier'), sumOf(shown, 'renewal')],
    [shown.credit + shown.charge, 1_200, 0],
  );
  assert.deepEqual([shown.dueNow, shown.atRenewal.total], [shown.credit + shown.charge + 1_200, 14_000]);
  await shop.seatbelt.set(shop.organization, 14, { quote: shown.quote });
  assert.equal((await newest(shop))?.amount_due, shown.dueNow);
});

/** What may move between the price and the yes. */
const moves: Record<string, (shop: Product) => Promise<unknown>> = {
  'another change of seats': (shop) => shop.seatbelt.set(shop.organization, 11),
  'a quantity changed elsewhere, of which no webhook tells': async (shop) =>
    shop.sim.admin.foreignQuantityChange({
      subscription: shop.subscription,
      item: shop.item,
      quantity: 9,
      by: 'dashboard',
    }),
  'another price': async (shop) => {
    const price = await shop.stripe.prices.create({
      currency: 'usd',
      unit_amount: 1_500,
      recurring: { interval: 'month' },
      product_data: { name: 'Dearer' },
    });
    const items = [{ id: shop.item, price: price.id, quantity: 10 }];
    return shop.stripe.subscriptions.update(shop.subscription, { items, proration_behavior: 'none' });
  },
  'a pending charge that would be swept into the invoice': async (shop) =>
    shop.stripe.invoiceItems.create({
      customer: String((await shop.stripe.subscriptions.retrieve(shop.subscription)).customer),
      subscription: shop.subscription,
      amount: 700,
      currency: 'usd',
    }),
  'other terms': (shop) =>
    shop.seatbelt.changeTerms(shop.organization, {
      increase: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete' },
    }),
  'a cancellation at the end of the period': (shop) =>
    shop.stripe.subscriptions.update(shop.subscription, { cancel_at_period_end: true }),
  'a quarter of an hour': ({ pool }) => pool.query(`update seatbelt.quotes set expires_at = now()`),
};
for (const [name, move] of Object.entries(moves)) {
  test(`quote_stale after ${name}, with a fresh quote, and nothing is written`, async () => {
    await using shop = await product({ seats: 10, used: 1, link: { terms }, demo: { daysAgo: 12 } });
    const shown = await shop.seatbelt.preview(shop.organization, 14);
    await move(shop);
    const before = shop.stripeWrites().length;
    const asked = shop.seatbelt.set(shop.organization, 14, { quote: shown.quote });
    const refused = await asked.then(
      () => null,
      (error: unknown) => error,
    );
    assert.ok(refused instanceof StaleQuote, `it was ${refused}`);
    assert.equal(shop.stripeWrites().length, before);
    const fresh: PreviewBody | null = refused.fresh;
    // At the end of a canceled subscription there is no renewal to show a price of.
    if (fresh !== null) assert.notEqual(fresh.quote, shown.quote);
    else assert.match(name, /cancellation/);
  });
}

test('a key that was used gets its change, although the quote is stale by then', async () => {
  await using shop = await product({ seats: 10, used: 1, link: { terms }, demo: { daysAgo: 12 } });
  const { quote } = await shop.seatbelt.preview(shop.organization, 14);
  const once = await shop.seatbelt.set(shop.organization, 14, { quote, idempotencyKey: 'k' });
  const twice = await shop.seatbelt.set(shop.organization, 14, { quote, idempotencyKey: 'k' });
  assert.equal(twice.change?.id, once.change?.id);
});
