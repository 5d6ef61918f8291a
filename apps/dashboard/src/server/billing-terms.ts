import type { BillingTerms } from '#lib/billing-terms.ts';
import { logger } from './logger.ts';
import { seatbelt } from './seatbelt.ts';

/** The contract as far as the screen speaks of it. What cannot be read now is taken for the usual: the price says how it really is. */
export async function billingTerms(organization: string): Promise<BillingTerms> {
  try {
    const { terms } = (await seatbelt().inspect(organization)).account;
    return { decreases: terms.decrease.when };
  } catch (error) {
    logger.warn({ err: error, organization }, 'The terms for a page could not be read.');
    return { decreases: 'now' };
  }
}
