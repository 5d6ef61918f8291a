import { z } from 'zod';
import type { PersonCaller } from '#server/caller.ts';
import { logger } from '#server/logger.ts';
import { seatbelt } from '#server/seatbelt.ts';
import { type StaffAction, staffActions } from '../contract.ts';
import { audited } from './staff-acts.ts';
import { staffActor } from './staff-door.ts';

/** Nobody acts on a customer's bill without saying why; it is read later by somebody who was not there. */
const reason = z.string().trim().min(3, 'say why in a few words').max(200);

export const actionBody = z.object({ action: z.enum(staffActions), reason });
export const sweepBody = z.object({ dryRun: z.boolean(), reason });

/** What staff do, in the engine's verbs. The engine writes who and why into the organization's trail. */
export async function act(person: PersonCaller, organization: string, action: StaffAction, why: string): Promise<void> {
  const said = { actor: staffActor(person), reason: why };
  const engine = seatbelt();
  const verbs: Record<StaffAction, () => Promise<unknown>> = {
    adopt: () => engine.resolve(organization, { by: 'stripe', ...said }),
    revert: () => engine.resolve(organization, { by: 'database', ...said }),
    hold: () => engine.pause(organization, said),
    resume: () => engine.resume(organization, said),
  };
  await audited({ ...said, act: action, organization }, verbs[action]);
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
