import Stripe from 'stripe';
import { stripeAdapter } from '../../../packages/engine/src/stripe/adapter.ts';
import { engineWithoutStripe, type Ground, newChange } from '../lib/ground.ts';
import type { Customer } from '../lib/two-sides.ts';

/** Requests prepared or sent at the same moment: enough to keep two cores busy. */
const atOnce = 32;

/**
 * Leaves for each customer what a process leaves that dies between two commits: the intent and its push are on disk, its lease
 * is taken, and nobody is there any more. Of every second one the request has reached Stripe and was carried out; the
 * answer was never read. The requests are the stored ones, sent by the engine's own adapter.
 */
export async function interruptChanges(
  place: Ground,
  customers: readonly Customer[],
  stripePort: number,
): Promise<{ readonly carriedOut: number }> {
  const dies = engineWithoutStripe(place.database);
  const stripe = stripeAdapter(new Stripe('sk_test_bench', { host: '127.0.0.1', port: stripePort, protocol: 'http' }));
  const waiting = customers.entries();
  let carriedOut = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, { organization }] of waiting) {
        const { state } = await dies.lane({ organization, seatType: 'seat' }).request(newChange(20));
        const { push } = state.account;
        if (push === null) throw new Error(`${organization} has no push after its request.`);
        if (index % 2 === 1) continue;
        const answer = await stripe.send(push, { timeoutMs: 10_000 });
        if (answer.kind !== 'success') throw new Error(`Stripe was to carry this out and said ${answer.kind}.`);
        carriedOut += 1;
      }
    }),
  );
  return { carriedOut };
}
