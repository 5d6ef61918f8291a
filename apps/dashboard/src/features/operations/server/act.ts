import { z } from 'zod';
import type { PersonCaller } from '#server/caller.ts';
import { logger } from '#server/logger.ts';
import { seatbelt } from '#server/seatbelt.ts';
import { audited } from './staff-acts.ts';
import { staffActor } from './staff-door.ts';

/** Nobody acts on a customer's bill without saying why; it is read later by somebody who was not there. */
const reason = z.string().trim().min(3, 'say why in a few words').max(200);

/** Saying which side counts goes with the numbers that were on the screen. */
export const actionBody = z.discriminatedUnion('action', [
  z.object({
    action: z.enum(['adopt', 'revert']),
    reason,
    observed: z.int().nullable(),
    expected: z.int(),
  }),
  z.object({ action: z.enum(['hold', 'resume']), reason }),
]);
type Action = z.infer<typeof actionBody>;

export const sweepBody = z.object({ dryRun: z.boolean(), reason });

/**
 * What staff do, in the engine's verbs. The engine writes who and why into the organization's trail.
 * @throws SeatRefused `numbers_moved` where they are others than were seen, and what else the engine refuses
 */
export async function act(person: PersonCaller, organization: string, asked: Action): Promise<void> {
  const said = { actor: staffActor(person), reason: asked.reason };
  await audited({ ...said, act: asked.action, organization }, async () => {
    const engine = seatbelt();
    switch (asked.action) {
      case 'adopt':
      case 'revert': {
        const seen = { observed: asked.observed, expected: asked.expected };
        return engine.resolve(organization, { by: asked.action === 'adopt' ? 'stripe' : 'database', seen, ...said });
      }
      case 'hold':
        return engine.pause(organization, said);
      case 'resume':
        return engine.resume(organization, said);
    }
  });
}

/**
 * Begins a sweep, or goes on with the one that was cut short. It runs on in this process; what it has found and how far it
 * is are in the database, and a worker goes on with it if this process ends. Resolves when it is written down who began it.
 */
export async function beginSweep(person: PersonCaller, dryRun: boolean, why: string): Promise<void> {
  const { promise: begun, resolve, reject } = Promise.withResolvers<void>();
  audited(
    {
      actor: staffActor(person),
      act: dryRun ? 'sweep, report only' : 'sweep and answer',
      organization: null,
      reason: why,
    },
    () => {
      resolve();
      return seatbelt().sweep({ dryRun });
    },
  ).then(
    ({ id, state, findings }) => logger.info({ sweep: id, state, findings }, 'A sweep that staff began is over.'),
    (error: unknown) => {
      logger.warn({ err: error }, 'A sweep that staff began could not be made.');
      reject(error);
    },
  );
  return begun;
}
