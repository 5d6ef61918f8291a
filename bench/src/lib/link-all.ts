import Stripe from 'stripe';
import { createSeatbelt } from '../../../packages/engine/src/index.ts';
import type { TwoSides } from './two-sides.ts';

/** Links every customer to Seatbelt by its own verb, with so many seats in use. */
export async function linkAll(place: TwoSides, used: number): Promise<void> {
  const stripe = new Stripe('sk_test_bench', { host: '127.0.0.1', port: place.sim.port, protocol: 'http' });
  const seatbelt = createSeatbelt({ db: place.url, stripe, environment: 'bench' });
  try {
    for (const { organization, subscription } of place.customers) {
      await seatbelt.link(organization, { subscription, used });
    }
  } finally {
    await seatbelt.close();
  }
}
