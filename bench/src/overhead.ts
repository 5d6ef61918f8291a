import { bareShape } from './lib/bare-shape.ts';
import type { BenchServer } from './lib/bench-server.ts';
import { changeInTwoTransactions } from './lib/change-in-two-transactions.ts';
import { percentile, round } from './lib/figures.ts';
import { changeOnce, engineWithoutStripe, ground } from './lib/ground.ts';
import { pgbench, pgbenchVersion } from './lib/pgbench.ts';
import { onePush } from './throughput.ts';

/** So many that nobody is changed more often than a busy customer is. */
const organizations = 1_000;

/**
 * Engine overhead per change without Stripe at one client: one load and two commits. Beside it what one round trip, the bare
 * shape, and the same rows by pgbench cost in the same minute, because on a busy machine only the relation says something.
 */
export async function overhead(
  size: { readonly server: BenchServer; readonly changes: number; readonly pgbenchSeconds: number },
  tell: (sentence: string) => void,
) {
  tell(`overhead: ${size.changes} changes, one after another`);
  await using place = await ground(organizations, size.server);
  const script = await changeInTwoTransactions(place.pool, await onePush(place), place.keys.length, 1);
  // Made anew for each change, so that nobody remembers the organization; the other one remembers it.
  const times: number[] = [];
  const remembering = engineWithoutStripe(place.database);
  const remembered: number[] = [];
  const roundTrips: number[] = [];
  const bare = await bareShape(place.database, place.keys.length);
  const bares: number[] = [];
  for (let index = 0; index < size.changes; index += 1) {
    const key = place.keys[index % place.keys.length];
    if (!key) throw new Error('no organization');
    const began = performance.now();
    await changeOnce(engineWithoutStripe(place.database), key, 20 + (Math.floor(index / place.keys.length) % 2));
    times.push(performance.now() - began);
    // The change before it was made by somebody else, so the first of these finds that out and the second remembers.
    await changeOnce(remembering, key, 30);
    const again = performance.now();
    await changeOnce(remembering, key, 31);
    remembered.push(performance.now() - again);
    const asked = performance.now();
    await place.database.executeSql('select $1::integer', [index]);
    roundTrips.push(performance.now() - asked);
    const bareBegan = performance.now();
    await bare.change(key.organization, index % 50);
    bares.push(performance.now() - bareBegan);
  }
  await place.nothingIsOpen();
  // The first rounds plan statements and warm the JIT; they are not the price of a change.
  const warm = times.slice(Math.floor(size.changes / 5));
  const floor = pgbenchVersion()
    ? await pgbench(place.url, script, { clients: 1, seconds: size.pgbenchSeconds })
    : null;
  const bareP50Ms = percentile(bares.slice(Math.floor(size.changes / 5)), 0.5);
  const mean = warm.reduce((sum, time) => sum + time, 0) / warm.length;
  return {
    changes: warm.length,
    p50Ms: round(percentile(warm, 0.5)),
    p99Ms: round(percentile(warm, 0.99)),
    meanMs: round(mean),
    goalP50Ms: 2,
    /** Where this process changed the organization seconds before: no load. */
    rememberedP50Ms: round(percentile(remembered.slice(Math.floor(size.changes / 5)), 0.5)),
    roundTripP50Ms: round(percentile(roundTrips, 0.5)),
    /** The same shape without any of the bookkeeping. */
    bareP50Ms: round(bareP50Ms),
    p50ToBare: round(percentile(warm, 0.5) / bareP50Ms),
    pgbenchMeanMs: floor ? round(floor.meanMs) : null,
    meanToPgbench: floor ? round(mean / floor.meanMs) : null,
  };
}
