import type { PartContext } from '../gate/part.ts';

/** In a soak everything is settled, read and judged this often: what one round leaves has to fit into memory. */
const roundMs = 8 * 60_000;
/** Less than this is not worth another set-up. */
const leastMs = 60_000;

/**
 * One run, or in a soak one after another until the time is up, each from a seed of its own, up to the first that found
 * something.
 *
 * @param run is given the seed, and when to stop with its faults (null: after its own number of them)
 */
export async function inRounds<Result extends { readonly violations: readonly unknown[] }>(
  context: PartContext,
  run: (seed: number, until: number | null) => Promise<Result>,
): Promise<Result[]> {
  if (context.size !== 'soak' || context.until === null) return [await run(context.seed, null)];
  const results: Result[] = [];
  do {
    results.push(await run(context.seed + results.length, Math.min(context.until, Date.now() + roundMs)));
  } while (
    !context.signal.aborted &&
    Date.now() < context.until - leastMs &&
    results.every(({ violations }) => violations.length === 0)
  );
  return results;
}
