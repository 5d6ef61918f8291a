import type { FaultKind } from '@seatbelt/stripe-sim';
import { seededRandom } from '../../../packages/stripe-sim/src/random.ts';
import { applicationName } from './programs/connect.ts';
import type { Sides } from './sides.ts';

/** Each as likely as the others. The first four do what was asked and do not say so, or say the opposite. */
export const stripeFaults = [
  'drop_after',
  'cut_body_after',
  'error_500_after',
  'drop_before',
  'error_500_before',
  'card_decline_402',
] as const satisfies readonly FaultKind[];

/**
 * Arms faults at Stripe for a share of the organizations: for each of them one, at its first or second write. The SDK
 * repeats a request by itself, so half of them last longer than its repeating does. All follows from the seed alone: every
 * program meets the same. One that calls Stripe once where another calls four times has fewer of the second ones strike
 * it, which the struck count tells.
 */
export function armStripeFaults(sides: Sides, plan: { readonly seed: number; readonly share: number }) {
  const random = seededRandom(plan.seed);
  const rules: string[] = [];
  for (const { item } of sides.customers) {
    const hit = random.next() < plan.share;
    const kind = stripeFaults[Math.floor(random.next() * stripeFaults.length)];
    const nth = random.next() < 0.5 ? 1 : 2;
    const lasting = random.next() < 0.5;
    if (!hit || !kind) continue;
    // Four: the request and the two repetitions of the SDK, and whatever is sent next.
    const times = lasting ? 4 : 1;
    for (let index = 0; index < times; index += 1) {
      rules.push(sides.sim.faults.add({ kind, match: { method: 'POST', object: item, nth: nth + index } }));
    }
  }
  return {
    armed: rules.length,
    /** By kind, how many have struck so far. */
    struck(): Record<string, number> {
      const counts: Record<string, number> = {};
      for (const { id, kind, struck } of sides.sim.faults.list()) {
        if (rules.includes(id)) counts[kind] = (counts[kind] ?? 0) + struck;
      }
      return counts;
    },
    disarm() {
      for (const rule of rules) sides.sim.faults.remove(rule);
    },
  };
}

/** Ends one connection of the program's servers, in the middle of what it does if there is one that does something. */
export async function cutDatabaseConnection(sides: Sides): Promise<number> {
  const { rowCount } = await sides.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = $1
      order by state = 'active' desc, state like 'idle in transaction%' desc, pid
      limit 1`,
    [applicationName],
  );
  return rowCount ?? 0;
}
