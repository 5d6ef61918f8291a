import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import Stripe from 'stripe';
import { createStripeSim, type StripeSim } from '../../src/index.ts';
import { extent, seedOf } from './bench.ts';

const DAY = 86_400;

/** One subscription with one item, and the SDK that talks to the simulator it lives in. */
interface Account {
  sim: StripeSim;
  stripe: Stripe;
  customer: string;
  subscription: string;
  item: string;
}

interface Terms {
  priceModel: 'per_unit' | 'graduated' | 'volume' | 'package';
  billingMode: 'flexible' | 'classic';
  unitAmount: number;
  seats: number;
}

function openAccount(terms: Terms): Account {
  const sim = createStripeSim({ clock: { frozen: true, startAt: 1_790_000_000 } });
  const httpClient = Stripe.createFetchHttpClient((url, init) => sim.fetch(new Request(url, init)));
  const stripe = new Stripe('sk_test_property', { httpClient, telemetry: false });
  const { priceModel, billingMode, unitAmount, seats } = terms;
  const demo = sim.admin.createDemoSubscription({ quantity: seats, priceModel, billingMode, unitAmount });
  return { sim, stripe, customer: demo.customer.id, subscription: demo.subscription.id, item: demo.item.id };
}

const terms: fc.Arbitrary<Terms> = fc.record({
  priceModel: fc.constantFrom('per_unit', 'graduated', 'volume', 'package'),
  billingMode: fc.constantFrom('flexible', 'classic'),
  unitAmount: fc.oneof(fc.nat(20), fc.nat(20_000)),
  seats: fc.integer({ min: 1, max: 60 }),
});
/** Seconds into a period of 28 days at least, so that the moment lies inside it whatever the month. */
const moments = fc.integer({ min: 0, max: 28 * DAY - 1 });
const seats = fc.integer({ min: 1, max: 60 });

/** What has to be the same about two invoices, ids and numbers apart. */
function substance(invoice: Stripe.Invoice) {
  return {
    total: invoice.total,
    subtotal: invoice.subtotal,
    amountDue: invoice.amount_due,
    startingBalance: invoice.starting_balance,
    currency: invoice.currency,
    lines: invoice.lines.data.map((line) => ({
      amount: line.amount,
      description: line.description,
      period: line.period,
      quantity: line.quantity,
    })),
  };
}

function assertSums(invoice: Stripe.Invoice): void {
  const sum = invoice.lines.data.reduce((total, line) => total + line.amount, 0);
  assert.equal(sum, invoice.total);
  assert.equal(invoice.amount_due, invoice.amount_paid + invoice.amount_remaining);
}

/** Every cent of every invoice was either charged or moved to the balance; nothing is lost and nothing made. */
async function assertMoneyAddsUp({ stripe, customer, sim }: Account): Promise<void> {
  const invoices = await stripe.invoices.list({ customer, limit: 100 });
  const finalized = invoices.data.filter((invoice) => invoice.status === 'paid' || invoice.status === 'open');
  const billed = finalized.reduce((sum, invoice) => sum + invoice.total, 0);
  const paid = finalized.reduce((sum, invoice) => sum + invoice.amount_paid, 0);
  const owed = finalized.reduce((sum, invoice) => sum + invoice.amount_remaining, 0);
  const { balance } = (await stripe.customers.retrieve(customer)) as Stripe.Customer;
  assert.equal(billed, paid + owed + balance);
  const charged = sim
    .truth()
    .ledger.filter((row) => row.kind === 'charge')
    .reduce((sum, row) => sum + row.amount, 0);
  assert.equal(charged, paid);
}

function latestInvoice(subscription: Stripe.Subscription): Stripe.Invoice {
  const invoice = subscription.latest_invoice;
  assert.ok(invoice !== null && typeof invoice === 'object', 'latest_invoice was expanded');
  return invoice;
}

function changeTo({ stripe, subscription, item }: Account, quantity: number, at: number): Promise<Stripe.Subscription> {
  return stripe.subscriptions.update(subscription, {
    items: [{ id: item, quantity }],
    proration_behavior: 'always_invoice',
    proration_date: at,
    expand: ['latest_invoice'],
  });
}

test('what a preview shows is what is charged, for every price model, mode, quantity and moment', async (context) => {
  const seed = seedOf(context);
  await fc.assert(
    fc.asyncProperty(terms, seats, moments, async (given, quantity, elapsed) => {
      fc.pre(quantity !== given.seats);
      const account = openAccount(given);
      const at = await account.sim.clock.advance(elapsed);
      const preview = await account.stripe.invoices.createPreview({
        subscription: account.subscription,
        subscription_details: {
          items: [{ id: account.item, quantity }],
          proration_behavior: 'always_invoice',
          proration_date: at,
        },
      });
      const charged = latestInvoice(await changeTo(account, quantity, at));
      // A change that leaves the period's amount as it is makes no invoice; the preview is then the next renewal.
      if (charged.billing_reason === 'subscription_create') {
        assert.ok(preview.lines.data.every((line) => line.parent?.subscription_item_details?.proration !== true));
        return;
      }
      assert.deepEqual(substance(charged), substance(preview));
      assertSums(charged);
      assert.equal(charged.billing_reason, 'subscription_update');
      await assertMoneyAddsUp(account);
      assert.deepEqual(account.sim.truth().violations, []);
    }),
    extent(seed, 80, 2_000),
  );
});

test('a preview leaves nothing behind', async (context) => {
  const seed = seedOf(context);
  await fc.assert(
    fc.asyncProperty(terms, seats, moments, async (given, quantity, elapsed) => {
      const account = openAccount(given);
      await account.sim.clock.advance(elapsed);
      const seen = () => {
        const { subscriptions, quantityHistory, ledger, events } = account.sim.truth();
        return JSON.stringify({ subscriptions, quantityHistory, ledger, events });
      };
      const before = seen();
      const preview = await account.stripe.invoices.createPreview({
        subscription: account.subscription,
        subscription_details: { items: [{ id: account.item, quantity }] },
      });
      assert.match(preview.id ?? '', /^upcoming_in_/);
      assert.equal(preview.status, 'draft');
      assert.equal(seen(), before);
      const invoices = await account.stripe.invoices.list({ customer: account.customer });
      assert.equal(invoices.data.length, 1);
    }),
    extent(seed, 40, 1_500),
  );
});

test('a change that waits for the renewal is billed there as the preview of the renewal said', async (context) => {
  const seed = seedOf(context);
  await fc.assert(
    fc.asyncProperty(terms, seats, moments, async (given, quantity, elapsed) => {
      const account = openAccount(given);
      await account.sim.clock.advance(elapsed);
      await account.stripe.subscriptions.update(account.subscription, {
        items: [{ id: account.item, quantity }],
        proration_behavior: 'create_prorations',
      });
      const preview = await account.stripe.invoices.createPreview({ subscription: account.subscription });
      await account.sim.clock.advance({ days: 32 });
      const invoices = await account.stripe.invoices.list({ subscription: account.subscription, limit: 100 });
      const renewals = invoices.data.filter((invoice) => invoice.billing_reason === 'subscription_cycle');
      const first = renewals.at(-1);
      assert.ok(first !== undefined, 'the subscription renewed');
      assert.deepEqual(substance(first), substance(preview));
      assertSums(first);
      await assertMoneyAddsUp(account);
      assert.deepEqual(account.sim.truth().violations, []);
    }),
    extent(seed, 40, 1_500),
  );
});

test('an immediate undo gives back what was taken, to within a cent for each line', async (context) => {
  const seed = seedOf(context);
  await fc.assert(
    fc.asyncProperty(terms, seats, moments, async (given, quantity, elapsed) => {
      fc.pre(quantity !== given.seats);
      const account = openAccount(given);
      const at = await account.sim.clock.advance(elapsed);
      const invoiced = latestInvoice(await changeTo(account, quantity, at));
      // Two quantities can cost the same (one package, one flat tier); then there is nothing to undo.
      fc.pre(invoiced.billing_reason === 'subscription_update');
      const there = invoiced.lines.data;
      const back = latestInvoice(await changeTo(account, given.seats, at)).lines.data;
      const credits = (lines: Stripe.InvoiceLineItem[]) => sumOf(lines.filter((line) => line.amount < 0));
      const debits = (lines: Stripe.InvoiceLineItem[]) => sumOf(lines.filter((line) => line.amount > 0));
      const lines = there.length + back.length;
      assert.ok(Math.abs(debits(there) + credits(back)) <= lines, 'what was debited is credited');
      assert.ok(Math.abs(credits(there) + debits(back)) <= lines, 'what was credited is debited');
      assert.deepEqual(account.sim.truth().violations, []);
    }),
    extent(seed, 40, 1_500),
  );
});

function sumOf(lines: Stripe.InvoiceLineItem[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0);
}

test('a long life of changes at any moment never makes or loses a cent', async (context) => {
  const seed = seedOf(context);
  const steps = fc.array(
    fc.record({
      quantity: seats,
      wait: fc.integer({ min: 0, max: 12 * DAY }),
      behavior: fc.constantFrom('create_prorations' as const, 'always_invoice' as const, 'none' as const),
      card: fc.constantFrom('good' as const, 'good' as const, 'bad' as const),
      payment: fc.constantFrom(
        'allow_incomplete' as const,
        'error_if_incomplete' as const,
        'pending_if_incomplete' as const,
        'default_incomplete' as const,
      ),
    }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(terms, steps, async (given, changes) => {
      const account = openAccount(given);
      for (const { quantity, wait, behavior, card, payment } of changes) {
        await account.sim.clock.advance(wait);
        if (card === 'bad') account.sim.admin.breakCard(account.customer);
        else account.sim.admin.mendCard(account.customer);
        try {
          await account.stripe.subscriptions.update(account.subscription, {
            items: [{ id: account.item, quantity }],
            proration_behavior: behavior,
            payment_behavior: payment,
          });
        } catch (error) {
          // A refusal is a fair answer to a bad card or an unfit combination; a crash of the simulator is not.
          if (!(error instanceof Stripe.errors.StripeError) || (error.statusCode ?? 500) >= 500) throw error;
        }
        await assertMoneyAddsUp(account);
        assert.deepEqual(account.sim.truth().violations, []);
      }
    }),
    extent(seed, 40, 1_500),
  );
});
