import type { StripeSim } from '@seatbelt/stripe-sim';
import type { Seatbelt } from 'seatbelt';
import type Stripe from 'stripe';

type DemoOrganization = { id: string; seats: number; holders: string[] };

/** One organization with room, and one where the next invite has to buy a seat. */
export const demoOrganizations: DemoOrganization[] = [
  {
    id: 'org_demo',
    seats: 10,
    holders: ['user_ada', 'user_blaise', 'user_carl', 'user_dorothy', 'user_emmy', 'user_frances', 'user_grace'],
  },
  { id: 'org_full', seats: 3, holders: ['user_hedy', 'user_irene', 'user_joan'] },
];

const marker = 'seatbelt_demo_organization';

/**
 * Creates the demo organizations that are not there yet, with a subscription each in the simulator, and returns their
 * names. A kill between the two leaves a subscription that nobody is linked to; the next start finds and links it.
 */
export async function createDemoOrganizations(
  seatbelt: Seatbelt,
  simulator: StripeSim,
  stripe: Stripe,
): Promise<string[]> {
  const present = new Set<string>();
  for await (const organization of seatbelt.organizations()) present.add(organization);
  const created: string[] = [];
  for (const { id, seats, holders } of demoOrganizations) {
    if (present.has(id)) continue;
    const subscription =
      (await findSubscription(stripe, id)) ??
      simulator.admin.createDemoSubscription({ quantity: seats, metadata: { [marker]: id } }).subscription.id;
    await seatbelt.link(id, { subscription, holders, actor: 'npm start', reason: 'A demo organization.' });
    created.push(id);
  }
  return created;
}

async function findSubscription(stripe: Stripe, organization: string): Promise<string | undefined> {
  for await (const subscription of stripe.subscriptions.list({ status: 'active', limit: 100 })) {
    if (subscription.metadata[marker] === organization) return subscription.id;
  }
  return undefined;
}
