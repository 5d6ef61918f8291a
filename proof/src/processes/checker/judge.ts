/**
 * The independent checker. It knows the promises and the public contract, and no code of the engine; it is given plain
 * data and says what does not hold. What it cannot see from outside is listed in `notSeenFromOutside`.
 */
import { judgeCapacity } from './capacity.ts';
import type { Evidence, Finding } from './evidence.ts';
import { judgeRest } from './rest.ts';
import { judgeSides } from './sides.ts';
import { judgeTold } from './told.ts';
import { judgeTrails } from './trail.ts';
import { judgeWrites } from './writes.ts';

export function judge(evidence: Evidence): Finding[] {
  return [judgeRest, judgeSides, judgeWrites, judgeTold, judgeCapacity, judgeTrails].flatMap((part) => [
    ...part(evidence),
  ]);
}

/** What no reading after a run can show, and where it is shown instead. */
export const notSeenFromOutside: Readonly<Record<string, string>> = {
  G1: 'that a database failure prevents the call is seen only as "no write without its intent in the trail"',
  G2: 'that count and reservations go back in ONE commit; from outside they are back when the client hears of it',
  G3: 'that every failed rollback raised an alert: a failure that nobody lived to tell leaves nothing to compare with',
  G8: 'assigned seats between two readings; the trail has the seats in use after each step, not who waits for Stripe',
};
