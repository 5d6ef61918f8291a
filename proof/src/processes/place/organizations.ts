import type { StripeSimClient } from '@seatbelt/stripe-sim';
import type { Seatbelt } from 'seatbelt';
import type { Random } from '../../random.ts';
import type { AgreedOrganization, AgreedTerms } from '../checker/evidence.ts';
import { crowdedOrganizations } from '../load/wishes.ts';

const plain: AgreedTerms = { mode: 'prepaid', includedSeats: 0, minimumQuantity: 0, charged: 'later' };

/** The contracts there are, the usual one most often. */
const contracts: readonly AgreedTerms[] = [
  plain,
  plain,
  plain,
  plain,
  { ...plain, mode: 'follow' },
  { ...plain, includedSeats: 3 },
  { ...plain, minimumQuantity: 8 },
  // Whose cards break: an increase is charged at once or refused.
  { ...plain, charged: 'at_once' },
];

/**
 * Makes subscriptions and links them, before anything goes wrong.
 *
 * @param foreign so many of them, the last ones, are left alone by the load: somebody else will change them at Stripe.
 */
export async function linkOrganizations(
  seatbelt: Seatbelt,
  controls: StripeSimClient,
  random: Random,
  count: { readonly all: number; readonly foreign: number },
): Promise<AgreedOrganization[]> {
  const organizations: AgreedOrganization[] = [];
  const linkOne = async (index: number): Promise<void> => {
    const wished = random.pick(contracts);
    // Stripe takes 20 invoices a day for one subscription, and Seatbelt waits for the next day before it meets that. Where
    // a third of the whole load goes, nothing is invoiced at once, so that a wait of a day is not taken for a lost change.
    const terms = index < crowdedOrganizations && wished.charged === 'at_once' ? plain : wished;
    const seats = random.between(8, 20);
    const used = random.between(2, seats - 2);
    // What Stripe bills before Seatbelt is there is what the contract says for these seats.
    const quantity = Math.max(seats - terms.includedSeats, terms.minimumQuantity);
    const made = await controls.admin.createDemoSubscription({ quantity });
    const id = `org_${String(index).padStart(4, '0')}`;
    await seatbelt.link(id, {
      subscription: made.subscription.id,
      seats,
      used,
      terms: {
        mode: terms.mode,
        includedSeats: terms.includedSeats,
        minimumQuantity: terms.minimumQuantity,
        ...(terms.charged === 'at_once'
          ? { increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'error_if_incomplete' } }
          : {}),
      },
    });
    organizations.push({
      id,
      subscription: made.subscription.id,
      item: made.item.id,
      customer: made.customer.id,
      seats,
      used,
      terms,
      foreign: index >= count.all - count.foreign,
    });
  };
  const numbers = Array.from({ length: count.all }, (_, index) => index).values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const index of numbers) await linkOne(index);
    }),
  );
  return organizations.sort((a, b) => (a.id < b.id ? -1 : 1));
}
