import { settleInvitations } from '#features/invitations/server/settle.ts';
import { logger } from '#server/logger.ts';
import { seatbelt } from '#server/seatbelt.ts';

/**
 * Asks Stripe for what a transaction of ours has just committed, and deals with the end. Nobody waits for it: the screen
 * follows the change by its address. If this process dies, the worker and the housekeeping do the same.
 */
export function carryOut(organization: string): void {
  void (async () => {
    await seatbelt().advance(organization);
    await settleInvitations(organization);
  })().catch((error: unknown) => {
    logger.warn({ err: error, organization }, 'Carrying out a change stopped; the worker goes on with it.');
  });
}
