import type Stripe from 'stripe';

/** What an application under test might do: set the seats, under a key that a retry can use again. */
export async function changeSeats(
  stripe: Stripe,
  change: { subscription: string; item: string; seats: number; key: string },
): Promise<number> {
  const subscription = await stripe.subscriptions.update(
    change.subscription,
    { items: [{ id: change.item, quantity: change.seats }], proration_behavior: 'always_invoice' },
    { idempotencyKey: change.key },
  );
  return subscription.items.data[0]?.quantity ?? 0;
}
