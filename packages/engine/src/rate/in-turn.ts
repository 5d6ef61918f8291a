import { policy } from '../core/policy.ts';
import type { TurnKind } from '../store/stripe-rate.ts';
import type { StripeAdapter } from '../stripe/adapter.ts';
import type { StripeTurns } from './stripe-turns.ts';

const noTurn = 'Too many requests wait for Stripe, so it was not asked.';

/**
 * The same adapter, whose readings take their turns: people's prices and looks before the lists. `send` is not among them,
 * for it belongs to `advance`, which holds a lease while it waits; nor is the question who we are, asked once.
 *
 * @param looks who looks at single subscriptions with it: people, unless it is a sweep's own.
 */
export function inTurn(
  stripe: StripeAdapter,
  turns: Pick<StripeTurns, 'turn'>,
  looks: 'interactive' | 'sweep' = 'interactive',
): StripeAdapter {
  const has = (kind: TurnKind, withinMs: number) => turns.turn(kind, withinMs);
  const failed = { kind: 'failed', message: noTurn } as const;
  return {
    ...stripe,
    look: async (link, options) =>
      (await has(looks, looks === 'sweep' ? policy.listTurnMs : policy.turnAheadMs))
        ? stripe.look(link, options)
        : failed,
    previewQuantity: async (link, quantity, terms) =>
      (await has('interactive', policy.turnAheadMs)) ? stripe.previewQuantity(link, quantity, terms) : failed,
    retrieveSubscription: async (subscription, options) =>
      (await has('recovery', policy.listTurnMs)) ? stripe.retrieveSubscription(subscription, options) : failed,
    listEvents: async (page) => ((await has('recovery', policy.listTurnMs)) ? stripe.listEvents(page) : failed),
    listSubscriptions: async (page) =>
      (await has('sweep', policy.listTurnMs)) ? stripe.listSubscriptions(page) : failed,
  };
}
