import { policy } from '../../packages/engine/src/core/policy.ts';
import { claimDue } from '../../packages/engine/src/store/claim.ts';
import { listChanges } from '../../packages/engine/src/store/history.ts';
import { load } from '../../packages/engine/src/store/load.ts';
import { readOverview } from '../../packages/engine/src/store/overview.ts';
import { searchHistory } from '../../packages/engine/src/store/search-history.ts';
import { fillHistory, type History } from './history/fill.ts';
import type { BenchServer } from './lib/bench-server.ts';
import { median, percentile, round } from './lib/figures.ts';
import { changeOnce, engineWithoutStripe, type Ground, ground } from './lib/ground.ts';

/** Organizations that changes are made in, on both databases. */
const measuredOrganizations = 50;
const one = { organization: 'org_0', seatType: 'seat' };

/** What is timed, p50 in milliseconds; the goal is about those that do the same work on both databases. */
const names = [
  'a change, over 50 organizations',
  'a change of the organization with the long history',
  'the seats of that organization (one load)',
  'the first page of its history',
  'a page from the middle of its history',
  'a search of its history that finds nothing',
  'a poll of the worker that finds nothing due',
  'the overview over all organizations',
] as const;
/** Stripe takes 200 an hour for one subscription. */
const changesOfAnHour = 100;
const withoutGoal: readonly string[] = [names[5], names[7]];

/**
 * The same calls on an empty database and on one with years of history, each on a PostgreSQL of its own. They take turns
 * call by call: four hundred reads take half a second, and where each database had its half second to itself, whatever
 * else the machine did in one of them counted as the price of the history. What counts is the median of the rounds' ratios.
 */
export async function history(
  size: { readonly server: BenchServer; readonly rounds: number; readonly times: number; readonly history: History },
  tell: (sentence: string) => void,
) {
  await using empty = await ground(measuredOrganizations, size.server);
  await using full = await ground(measuredOrganizations, size.server);
  for (const place of [empty, full]) await changeOnce(engineWithoutStripe(place.database), one, 20);
  tell(`history: ${size.history.organizations} organizations and ${size.history.changes} changes are written`);
  await fillHistory(full, size.history);
  await empty.pool.query('vacuum analyze');
  const { rows } = await full.pool.query<{ mib: number }>(
    `select (pg_database_size(current_database()) / 1024 / 1024)::integer as mib`,
  );

  const timed: { empty: number[]; full: number[] }[] = names.map(() => ({ empty: [], full: [] }));
  // One round more: the first warms plans and caches, and is not counted.
  for (let index = 0; index <= size.rounds; index += 1) {
    tell(index === 0 ? 'history: warming up' : `history: round ${index} of ${size.rounds}`);
    const [withoutHistory, withHistory] = await timeEverything(
      empty,
      full,
      size.times,
      index,
      Math.floor(size.history.ofOne / 2),
    );
    if (index === 0) continue;
    for (const [nth, calls] of timed.entries()) {
      calls.empty.push(withoutHistory[nth] ?? Number.NaN);
      calls.full.push(withHistory[nth] ?? Number.NaN);
    }
  }
  return {
    ...size.history,
    rounds: size.rounds,
    databaseMiB: rows[0]?.mib ?? Number.NaN,
    goalRatio: 1.3,
    calls: names.map((name, nth) => {
      const { empty: without, full: with_ } = timed[nth] ?? { empty: [], full: [] };
      const ratios = with_.map((ms, index) => ms / (without[index] ?? Number.NaN));
      return {
        name,
        emptyMs: round(median(without)),
        fullMs: round(median(with_)),
        ratio: round(median(ratios)),
        ratios: ratios.map((ratio) => round(ratio)),
        hasGoal: !withoutGoal.includes(name),
      };
    }),
  };
}

/** p50 in milliseconds of every call, on the one database and on the other. */
async function timeEverything(empty: Ground, full: Ground, times: number, index: number, middle: number) {
  const sides = [
    { place: empty, calls: callsOn(empty, index, null), p50s: [] as number[] },
    { place: full, calls: callsOn(full, index, middle), p50s: [] as number[] },
  ] as const;
  for (const which of names.keys()) {
    const rarely = which === names.length - 1;
    const taken = sides.map(() => [] as number[]);
    for (let nth = 0; nth < times; nth += 1) {
      for (const turn of sides.keys()) {
        // Neither is always the one that finds the other's data in the processor's caches.
        const at = (turn + nth) % sides.length;
        const side = sides[at];
        if (side === undefined) throw new Error('no side');
        if (which < 2 && nth % changesOfAnHour === 0) await side.place.forgetQuotas();
        const began = performance.now();
        await side.calls[which]?.(nth);
        if (!rarely || nth % 40 === 0) taken[at]?.push(performance.now() - began);
      }
    }
    for (const [at, side] of sides.entries()) side.p50s.push(percentile(taken[at] ?? [], 0.5));
  }
  await empty.nothingIsOpen();
  await full.nothingIsOpen();
  return [sides[0].p50s, sides[1].p50s] as const;
}

/** @param middle where the page from the middle begins; null: the history has none. */
function callsOn(place: Ground, index: number, middle: number | null): ((nth: number) => Promise<unknown>)[] {
  const { database } = place;
  const advancer = engineWithoutStripe(database);
  const seats = 21 + (index % 2);
  return [
    (nth) =>
      changeOnce(
        advancer,
        place.keys[nth % measuredOrganizations] ?? one,
        seats + 2 * (Math.floor(nth / measuredOrganizations) % 2),
      ),
    (nth) => changeOnce(advancer, one, 30 + (nth % 2)),
    () => load(database, one, { keys: [], holders: [] }),
    () => listChanges(database, one, { before: null, limit: 50 }),
    () => listChanges(database, one, { before: middle, limit: 50 }),
    // It looks through as many changes as one page may, which an empty history does not have: so it has no goal beside that one.
    () => searchHistory(database, one, { before: null, limit: 50, filter: { search: 'nobody of that name' } }),
    () => claimDue(database, advancer.owner, policy.advancedAtOnce, policy.leaseMs),
    (nth) => (nth % 40 === 0 ? readOverview(database, 'seat', 60_000) : Promise.resolve()),
  ];
}
