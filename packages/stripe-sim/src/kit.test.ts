import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { createStripeKit } from './index.ts';

test('the kit reads as a test is told', async () => {
  const { stripe, clock, events, admin, truth } = createStripeKit({ clock: { frozen: true } });
  const sdk = new Stripe('sk_test_x', { httpClient: Stripe.createFetchHttpClient(stripe.fetch), maxNetworkRetries: 0 });
  const { subscription, item, customer } = admin.createDemoSubscription({ quantity: 5 });
  const raise = (quantity: number, key: string) =>
    sdk.subscriptionItems.update(item.id, { quantity, proration_behavior: 'always_invoice' }, { idempotencyKey: key });

  stripe.loseNextAnswer();
  await assert.rejects(raise(6, 'a'));
  assert.equal((await raise(6, 'a')).quantity, 6);

  stripe.declineNext();
  await assert.rejects(raise(7, 'b'), { type: 'StripeCardError' });

  await clock.advance({ days: 31 });
  await events.flush();
  const renewed = await sdk.invoices.list({ customer: customer.id });
  assert.equal(renewed.data[0]?.billing_reason, 'subscription_cycle');
  assert.equal(truth().subscriptions[0]?.id, subscription.id);
  assert.deepEqual(truth().violations, []);
});
