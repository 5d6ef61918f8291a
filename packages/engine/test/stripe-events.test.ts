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
