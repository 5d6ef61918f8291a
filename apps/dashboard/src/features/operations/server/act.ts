import { z } from 'zod';
import type { PersonCaller } from '#server/caller.ts';
import { logger } from '#server/logger.ts';
import { Refused } from '#server/problem.ts';
import { seatbelt } from '#server/seatbelt.ts';
import { movedSince } from './moved.ts';
import { audited } from './staff-acts.ts';
import { staffActor } from './staff-door.ts';

/** Nobody acts on a customer's bill without saying why; it is read later by somebody who was not there. */
const reason = z.string().trim().min(3, 'say why in a few words').max(200);

/** Saying which side counts goes with the numbers that were on the screen: the engine goes by those of its own moment. */
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
 * @throws Refused 409 where the numbers have moved since they were seen; what moves in the instant between is the engine's
 */
export async function act(person: PersonCaller, organization: string, asked: Action): Promise<void> {
  const said = { actor: staffActor(person), reason: asked.reason };
  await audited({ ...said, act: asked.action, organization }, async () => {
    const engine = seatbelt();
    switch (asked.action) {
      case 'adopt':
      case 'revert': {
        const moved = movedSince(await engine.inspect(organization), asked);
        if (moved !== null) throw numbersMoved(moved);
        return engine.resolve(organization, { by: asked.action === 'adopt' ? 'stripe' : 'database', ...said });
      }
      case 'hold':
        return engine.pause(organization, said);
      case 'resume':
        return engine.resume(organization, said);
    }
  });
}

function numbersMoved(detail: string): Refused {
  return new Refused({ status: 409, code: 'numbers_moved', title: 'The numbers have moved', detail });
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
