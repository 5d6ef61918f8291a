import Stripe from 'stripe';
import {
  CommandDropped,
  createSeatbelt,
  DatabaseUnavailable,
  OutcomeUnknown,
  SeatRefused,
} from '../../../../packages/engine/src/index.ts';
import type { Program, ProgramSettings, Request, Told } from '../programs.ts';
import { poolOf, stripeKey, stripeOptions } from './connect.ts';

/** Seatbelt with its defaults. Asking again is asking the same with the same key. */
export function seatbeltProgram(settings: ProgramSettings): Program {
  const db = poolOf(settings);
  const stripe = new Stripe(stripeKey, stripeOptions(settings));
  const seatbelt = createSeatbelt({ db, stripe, environment: 'comparison', webhookSecrets: [settings.webhookSecret] });
  const { webhook } = seatbelt.handlers({
    authorize: () => Promise.reject(new Error('Only the webhook route is used here.')),
  });

  async function add({ organization, person, key }: Request): Promise<Told> {
    try {
      const { success } = await seatbelt.add(organization, 1, {
        holders: [person],
        reserve: true,
        idempotencyKey: key,
        waitMs: settings.waitMs,
      });
      if (success === null) return 'unknown';
      return success ? 'success' : 'failure';
    } catch (error) {
      if (error instanceof OutcomeUnknown) return 'unknown';
      // In all three nothing was written and Stripe was not called.
      const nothingDone = [SeatRefused, DatabaseUnavailable, CommandDropped].some((kind) => error instanceof kind);
      if (nothingDone) return 'failure';
      throw error;
    }
  }

  return {
    add,
    askAgain: add,
    async webhook(payload, signature) {
      const answer = await webhook.POST(
        new Request('http://127.0.0.1/api/webhooks/stripe', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'stripe-signature': signature },
          body: payload,
        }),
      );
      return answer.status;
    },
    async close() {
      await seatbelt.close();
      await db.end();
    },
  };
}
