/** A customer who pays twice for the same seats: told with what to do, and over when one of the two is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import type { Alert, SeatbeltOptions } from '../src/index.ts';
import { type Product, product } from './product.ts';

interface Shop extends Product {
  readonly alerts: Alert[];
  /** Buys a second subscription for the same customer at the same price. */
  buyAgain(quantity: number, metadata?: Record<string, string>): Promise<Stripe.Subscription>;
  /** What Stripe has to tell of this subscription arrives by webhook. */
  deliver(subscription: string): Promise<void>;
  incidents(): Promise<{ kind: string; message: string; cause: string | null; closed: boolean }[]>;
}

async function shopWith(engine: Partial<SeatbeltOptions> = {}): Promise<Shop> {
  const alerts: Alert[] = [];
  const shop = await product({
    engine: { onAlert: (alert) => void alerts.push(alert), eventsEveryMs: 0, ...engine },
  });
  return Object.assign(shop, {
    alerts,
    async buyAgain(quantity: number, metadata: Record<string, string> = {}) {
      const first = await shop.stripe.subscriptions.retrieve(shop.subscription);
      const price = first.items.data[0]?.price.id ?? '';
      const customer = String(first.customer);
      return shop.stripe.subscriptions.create({ customer, items: [{ price, quantity }], metadata });
    },
    async deliver(subscription: string) {
      for (const event of (await shop.stripe.events.list({ limit: 100 })).data.reverse()) {
        if ((event.data.object as { id?: string }).id === subscription) await shop.seatbelt.receive(event);
      }
    },
    async incidents() {
      const { rows } = await shop.pool.query(
        `select kind, message, cause, closed_at is not null as closed from seatbelt.incidents order by opened_at, id`,
      );
      return rows;
    },
  });
}

const quiet = { sweepMs: 0 } as const;

test('the sweep finds a second subscription at the same price: an incident says what to do, and its cancellation closes it', async () => {
  await using shop = await shopWith();
  const second = await shop.buyAgain(4);
  const dry = await shop.seatbelt.sweep({ dryRun: true });
  const answers: string[] = [];
  for await (const { answer } of shop.seatbelt.sweepFindings(dry.id)) answers.push(answer);
  await shop.seatbelt.tick(quiet);
  assert.deepEqual([answers, await shop.incidents()], [['would_tell'], []], 'a dry run tells nobody else');

  const report = await shop.seatbelt.sweep({ dryRun: false });
  for await (const finding of shop.seatbelt.sweepFindings(report.id)) {
    assert.deepEqual(
      [finding.kind, finding.answer, finding.subscription, finding.organization],
      ['duplicate_subscription', 'told', second.id, shop.organization],
    );
  }
  assert.deepEqual((await shop.seatbelt.tick(quiet)).duplicates, { open: 1, over: 0, unread: 0 });
  const [incident, ...more] = (await shop.seatbelt.seats(shop.organization)).incidents;
  assert.deepEqual([incident?.kind, incident?.action, more], ['duplicate_subscription', 'act', []]);
  assert.ok(incident?.message.includes(`${second.id} (quantity 4)`), incident?.message);
  assert.match(incident?.message ?? '', /pays twice: .* Cancel .* refund .* link the other/);
  assert.deepEqual((await shop.incidents())[0]?.cause, 'duplicate_subscription');
  assert.match(shop.alerts[0]?.message ?? '', /pays twice/);
  // Seats and money are nobody's business here: nothing was written, and buying goes on.
  assert.deepEqual(shop.stripeWrites(), []);
  assert.equal((await shop.seatbelt.set(shop.organization, 12)).status, 'applied');

  // Found again, it is told once.
  await shop.seatbelt.sweep({ dryRun: false });
  await shop.pool.query('update seatbelt.duplicate_subscriptions set next_look_at = now()');
  await shop.seatbelt.tick(quiet);
  assert.equal((await shop.incidents()).length, 1);

  await shop.stripe.subscriptions.cancel(second.id);
  await shop.deliver(second.id);
  assert.deepEqual((await shop.seatbelt.tick(quiet)).duplicates, { open: 0, over: 1, unread: 0 });
  assert.deepEqual(
    (await shop.incidents()).map(({ closed }) => closed),
    [true],
  );
  assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
});

test('a second subscription at another price may be for something else: it is reported, and nobody is alarmed', async () => {
  await using shop = await shopWith();
  const { customer } = await shop.stripe.subscriptions.retrieve(shop.subscription);
  const price = await shop.stripe.prices.create({
    currency: 'usd',
    unit_amount: 500,
    recurring: { interval: 'month' },
    product_data: { name: 'Support' },
  });
  await shop.stripe.subscriptions.create({ customer: String(customer), items: [{ price: price.id, quantity: 1 }] });
  const report = await shop.seatbelt.sweep({ dryRun: false });
  for await (const { answer } of shop.seatbelt.sweepFindings(report.id)) assert.equal(answer, 'reported');
  assert.deepEqual((await shop.seatbelt.tick(quiet)).duplicates, { open: 0, over: 0, unread: 0 });
});

test('bought twice, told by its webhook: the incident names both numbers, a third one is told anew, and linking closes it', async () => {
  await using shop = await shopWith({ resolveOrganization: ({ metadata }) => metadata.organization ?? null });
  const second = await shop.buyAgain(4, { organization: shop.organization });
  await shop.deliver(second.id);
  const report = await shop.seatbelt.tick(quiet);
  assert.deepEqual(
    [report.firstPurchases?.refused, report.duplicates],
    [1, { open: 1, over: 0, unread: 0 }],
    'in one round',
  );
  assert.equal(shop.alerts.length, 1, 'one thing is told once');
  const third = await shop.buyAgain(6, { organization: shop.organization });
  await shop.deliver(third.id);
  await shop.seatbelt.tick(quiet);
  const [, both] = await shop.incidents();
  assert.ok(both?.message.includes(second.id) && both.message.includes(`${third.id} (quantity 6)`), both?.message);

  // The third one is another organization's, and the second one is to stay instead of the first.
  await shop.seatbelt.link('org_other', { subscription: third.id });
  await shop.pool.query('update seatbelt.duplicate_subscriptions set next_look_at = now()');
  assert.deepEqual((await shop.seatbelt.tick(quiet)).duplicates, { open: 1, over: 1, unread: 0 });
  await shop.stripe.subscriptions.cancel(shop.subscription);
  await shop.deliver(shop.subscription);
  await shop.seatbelt.advance(shop.organization);
  assert.deepEqual(
    (await shop.incidents()).filter(({ closed }) => !closed),
    [],
    'where the linked one has ended nobody pays twice',
  );
  await shop.pool.query('update seatbelt.duplicate_subscriptions set next_look_at = now()');
  await shop.seatbelt.tick(quiet);
  assert.equal((await shop.seatbelt.tick(quiet)).firstPurchases?.linked, 1, 'the host is asked once more');
  const { account } = await shop.seatbelt.inspect(shop.organization);
  assert.equal(account.link?.subscription, second.id);
});

test('a Stripe that cannot be read closes nothing and forgets nothing', async () => {
  await using shop = await shopWith();
  const second = await shop.buyAgain(4);
  await shop.seatbelt.sweep({ dryRun: false });
  shop.sim.faults.add({ kind: 'error_500_before', match: { method: 'GET', path: `/v1/subscriptions/${second.id}` } });
  assert.deepEqual((await shop.seatbelt.tick(quiet)).duplicates, { open: 0, over: 0, unread: 1 });
  await shop.pool.query('update seatbelt.duplicate_subscriptions set next_look_at = now()');
  assert.deepEqual((await shop.seatbelt.tick(quiet)).duplicates, { open: 1, over: 0, unread: 0 });
  assert.equal((await shop.seatbelt.seats(shop.organization)).incidents.length, 1);
});
