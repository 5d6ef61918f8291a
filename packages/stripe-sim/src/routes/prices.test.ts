import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

const monthly = {
  currency: 'usd',
  unit_amount: 1_000,
  recurring: { interval: 'month' as const },
  product_data: { name: 'Team' },
};

test('a lookup key names one price at most', async () => {
  const stripe = sdkFor(createStripeSim());
  const holder = await stripe.prices.create({ ...monthly, lookup_key: 'team' });
  const refusal = {
    statusCode: 400,
    param: 'lookup_key',
    message: `A price (\`${holder.id}\`) already uses that lookup key.`,
  };
  await assert.rejects(stripe.prices.create({ ...monthly, lookup_key: 'team' }), refusal);
  const other = await stripe.prices.create({ ...monthly, lookup_key: 'other' });
  await assert.rejects(stripe.prices.update(other.id, { lookup_key: 'team' }), refusal);
  assert.equal((await stripe.prices.update(holder.id, { lookup_key: 'team' })).lookup_key, 'team');
});

test('transfer_lookup_key takes the key from the price that has it', async () => {
  const stripe = sdkFor(createStripeSim());
  const before = await stripe.prices.create({ ...monthly, lookup_key: 'team' });
  const made = await stripe.prices.create({ ...monthly, lookup_key: 'team', transfer_lookup_key: true });
  const named = async () => (await stripe.prices.list({ lookup_keys: ['team'] })).data.map(({ id }) => id);
  assert.deepEqual([(await stripe.prices.retrieve(before.id)).lookup_key, await named()], [null, [made.id]]);
  await stripe.prices.update(before.id, { lookup_key: 'team', transfer_lookup_key: true });
  assert.deepEqual(await named(), [before.id]);
});
