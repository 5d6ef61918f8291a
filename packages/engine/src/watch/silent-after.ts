import { policy } from '../core/policy.ts';

/** How long after its last success a duty counts as silent, in milliseconds, by how often it is done. */
export const silentAfter = {
  /** A round may be missed, and one may be late; the third is not a coincidence. */
  rounds: (everyMs: number): number => Math.max(policy.roundSilentMs, 3 * everyMs),
  /** It has its turns in rounds, so it is as late as they are. */
  events: (everyMs: number, roundEveryMs: number): number => 4 * everyMs + silentAfter.rounds(roundEveryMs),
  /** A sweep takes its time, and one that stopped to ask a person is not done. */
  sweep: (everyMs: number): number => 2 * everyMs + policy.roundSilentMs,
};
