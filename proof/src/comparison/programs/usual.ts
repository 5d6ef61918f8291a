import Stripe from 'stripe';
import { inviteMember } from '../../../../bench/src/usual-version/invite-member.ts';
import type { Program, ProgramSettings } from '../programs.ts';
import { poolOf, stripeKey, stripeOptions } from './connect.ts';

/** Database first, roll back in the catch. */
export function usual(settings: ProgramSettings): Program {
  const db = poolOf(settings);
  const stripe = new Stripe(stripeKey, stripeOptions(settings));
  const app = { db, stripe, lockRow: settings.name === 'usual, row locked' };
  return {
    async add({ organization, person }) {
      try {
        await inviteMember(app, organization, person);
        return 'success';
      } catch (error) {
        // Every error is shown as "that did not work", which is what a route handler does with it.
        return error instanceof Error ? 'failure' : Promise.reject(error);
      }
    },
    askAgain: null,
    webhook: null,
    close: () => db.end(),
  };
}
