import { simulatorUrl } from '../environment.ts';
import { simulator } from './simulator.ts';

/** Seats that a new organization of the demo begins with: the founder's and a few for the first invitations. */
const trialSeats = 5;

/**
 * A subscription for a new organization at the demo's simulated Stripe; returns its id. null outside the demo, where a
 * subscription is the business of the host and is linked by an operator.
 */
export async function trialSubscription(organization: string, name: string): Promise<string | null> {
  if (simulatorUrl() === null) return null;
  const { subscription } = await simulator<{ subscription: { id: string } }>('POST', 'admin/createDemoSubscription', {
    quantity: trialSeats,
    metadata: { organization, name },
  });
  return subscription.id;
}
