import type { FaultKind } from '@seatbelt/stripe-sim';
import { seededRandom } from '../../../packages/stripe-sim/src/random.ts';
import type { TwoSides } from '../lib/two-sides.ts';

/** Each as likely as the others. The first four do what was asked and do not say so, or say the opposite. */
const kinds = [
  'drop_after',
  'cut_body_after',
  'error_500_after',
  'drop_before',
  'error_500_before',
  'card_decline_402',
] as const satisfies readonly FaultKind[];

/**
 * Arms faults at Stripe for a share of the organizations: for each of them one, at its first or second write. What is
 * armed follows from the seed alone, so every program meets the same; a program that calls Stripe once where another
 * calls four times has fewer of the second ones strike it, which `struck` tells.
 */
export function armStripeFaults(place: TwoSides, plan: { readonly seed: number; readonly share: number }) {
  const random = seededRandom(plan.seed);
  const rules: string[] = [];
  for (const { item } of place.customers) {
    const hit = random.next() < plan.share;
    const kind = kinds[Math.floor(random.next() * kinds.length)];
    const nth = random.next() < 0.5 ? 1 : 2;
    if (hit && kind) rules.push(place.sim.faults.add({ kind, match: { method: 'POST', object: item, nth } }));
  }
  return {
    armed: rules.length,
    /** By kind, how many have struck so far. */
    struck(): Record<string, number> {
      const counts: Record<string, number> = {};
      for (const { id, kind, struck } of place.sim.faults.list()) {
        if (rules.includes(id)) counts[kind] = (counts[kind] ?? 0) + struck;
      }
      return counts;
    },
  };
}

/** Ends one connection of the program's servers in the middle of whatever it does. */
export async function cutDatabaseConnection(place: TwoSides): Promise<void> {
  await place.pool.query(`
    select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
       and (query ilike '%seatbelt.%' or query ilike '%usual.%' or query like 'begin%' or query = 'commit')
     order by state = 'active' desc, state = 'idle in transaction' desc, pid
     limit 1`);
}
