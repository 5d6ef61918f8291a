import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

test('a list shows each subscription exactly as it is shown alone, plain or not', async () => {
  const sim = createStripeSim();
  const stripe = sdkFor(sim);
  sim.admin.createSubscriptionsInBulk({
    count: 3,
    quantity: 2,
    metadata: (index) => ({ '"@@id@@"': `${index} "quoted"` }),
  });
  const plain = sim.admin.createDemoSubscription({ quantity: 7, metadata: { organization: 'ö\n' } });
  sim.admin.createDemoSubscription({ quantity: 7, billingMode: 'classic', priceModel: 'package' });
  const ending = sim.admin.createDemoSubscription({ quantity: 7 });
  await stripe.subscriptions.update(ending.subscription.id, { cancel_at_period_end: true });
  const before = (await stripe.subscriptions.list({ limit: 100 })).data.length;
  await stripe.subscriptionItems.update(plain.item.id, { quantity: 9 });
  await stripe.prices.update(plain.price.id, { nickname: 'new name' });
  const list = await stripe.subscriptions.list({ limit: 100 });
  assert.equal(list.data.length, before);
  assert.equal(list.data.length, 6);
  for (const listed of list.data) {
    const alone = await stripe.subscriptions.retrieve(listed.id);
    assert.deepEqual(JSON.parse(JSON.stringify(listed)), JSON.parse(JSON.stringify(alone)));
  }
});
