import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createStripeKit, type StripeKit } from '@seatbelt/stripe-sim';
import Stripe from 'stripe';
import { changeSeats } from './change-seats.ts';

let kit: StripeKit;
let stripe: Stripe;

beforeEach(() => {
  kit = createStripeKit();
  stripe = new Stripe('sk_test_x', {
    httpClient: Stripe.createFetchHttpClient(kit.stripe.fetch),
    telemetry: false,
  });
});
afterEach(() => kit.close());

test('a declined card leaves the seats as they were', async () => {
  const { subscription, item } = kit.admin.createDemoSubscription({ quantity: 5 });
  kit.stripe.declineNext('insufficient_funds');

  const change = changeSeats(stripe, { subscription: subscription.id, item: item.id, seats: 8, key: 'change-1' });

  await expect(change).rejects.toMatchObject({ type: 'StripeCardError', decline_code: 'insufficient_funds' });
  expect((await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.quantity).toBe(5);
});

test('a webhook that comes twice is told apart by nothing but its id', async () => {
  const received: string[] = [];
  const secret = 'whsec_of_the_example';
  kit.events.addEndpoint({
    secret,
    enabledEvents: ['customer.subscription.updated'],
    receiver: async (request) => {
      const signature = request.headers.get('stripe-signature') ?? '';
      received.push((await stripe.webhooks.constructEventAsync(await request.text(), signature, secret)).id);
      return new Response();
    },
  });
  const { subscription, item } = kit.admin.createDemoSubscription({ quantity: 5 });
  kit.events.spoil({ kind: 'duplicate' });
  await changeSeats(stripe, { subscription: subscription.id, item: item.id, seats: 8, key: 'change-1' });
  await kit.events.flush();
  expect(received).toHaveLength(2);
  expect(received[0]).toBe(received[1]);
});
