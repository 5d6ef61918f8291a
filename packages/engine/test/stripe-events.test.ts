import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { type Product, product } from './product.ts';

/** The event that Stripe sends about a change of the quantity, made under `key`. */
function updated(shop: Product, key: string | null, quantityBefore: number): Stripe.Event {
  const event = {
    id: `evt_${key}_${quantityBefore}`,
    object: 'event',
    type: 'customer.subscription.updated',
    data: {
      object: { object: 'subscription', id: shop.subscription },
      previous_attributes: { quantity: quantityBefore },
    },
    request: { id: 'req_1', idempotency_key: key },
  };
  return event as unknown as Stripe.Event;
}

async function newestKey({ pool }: Product): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('select id from seatbelt.pushes order by intended_at desc limit 1');
  return `seatbelt:${rows[0]?.id}:1`;
}

test('the echo of a push is no reason to look, unless it tells of a quantity that we overwrote', async () => {
  await using shop = await product();
  await shop.seatbelt.set(shop.organization, 12);
  const key = await newestKey(shop);
  assert.equal((await shop.seatbelt.receive(updated(shop, key, 10))).accounts, 0);
  assert.equal((await shop.seatbelt.receive(updated(shop, key, 11))).accounts, 1);
  assert.equal((await shop.seatbelt.receive(updated(shop, null, 10))).accounts, 1);
});

test('a write of ours that Stripe tells of after its push was rolled back is looked at', async () => {
  await using shop = await product();
  shop.sim.faults.add({ kind: 'card_decline_402' });
  assert.equal((await shop.seatbelt.set(shop.organization, 12)).status, 'rolled_back');
  assert.equal((await shop.seatbelt.receive(updated(shop, await newestKey(shop), 10))).accounts, 1);
});

test('a key that only looks like one of ours is a foreign one', async () => {
  await using shop = await product();
  const key = `seatbelt:${'-'.repeat(36)}:1`;
  assert.equal((await shop.seatbelt.receive(updated(shop, key, 10))).accounts, 1);
});

test('an event about live money changes nothing where money is for test, and is told: by code, log and metric', async () => {
  const lines: string[] = [];
  const logger = { debug() {}, info() {}, warn: (...said: unknown[]) => void lines.push(JSON.stringify(said)) };
  await using shop = await product({
    engine: {
      logger: { ...logger, error() {}, fatal() {} },
      webhookSecrets: ['whsec_test'],
      resolveOrganization: () => null,
    },
  });
  const rows = async (table: string) => (await shop.pool.query(`select 1 from seatbelt.${table}`)).rowCount;
  const { marks } = (await shop.seatbelt.inspect(shop.organization)).account;
  const { webhook } = shop.seatbelt.handlers({ authorize: () => null });
  const deliver = async (event: object) => {
    const payload = JSON.stringify(event);
    const signature = shop.stripe.webhooks.generateTestHeaderString({ payload, secret: 'whsec_test' });
    const headers = { 'stripe-signature': signature };
    const url = 'https://app.example/api/webhooks/stripe';
    const answer = await webhook.POST(new Request(url, { method: 'POST', headers, body: payload }));
    return { status: answer.status, body: await answer.json() };
  };
  // The very ids of ours, and a subscription that nobody is linked to.
  for (const subscription of [shop.subscription, 'sub_nobody']) {
    const event = updated(shop, null, 10);
    const about = { ...event.data, object: { object: 'subscription', id: subscription } };
    assert.deepEqual(await deliver({ ...event, id: `evt_${subscription}`, livemode: true, data: about }), {
      status: 200,
      body: { received: false, seenBefore: false, code: 'other_livemode' },
    });
  }
  assert.equal((await shop.seatbelt.inspect(shop.organization)).account.marks, marks);
  for (const table of ['stripe_events', 'mark_reasons', 'unlinked_subscriptions'])
    assert.equal(await rows(table), 0, table);
  assert.equal(lines.filter((line) => /about live money was ignored.*for test money/.test(line)).length, 2);
  assert.match(await shop.seatbelt.metricsText(), /seatbelt_events_ignored_total\{reason="other_livemode"\} 2\n/);
  // The same event of our own mode is what it always was.
  assert.deepEqual(await deliver({ ...updated(shop, null, 10), livemode: false }), {
    status: 200,
    body: { received: true, seenBefore: false },
  });
  assert.equal((await shop.seatbelt.inspect(shop.organization)).account.marks, marks + 1);
});
