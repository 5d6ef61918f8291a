import Stripe from 'stripe';
import { createSeatbelt } from '../../packages/engine/src/index.ts';
import type { BenchServer } from './lib/bench-server.ts';
import { median, percentile, round } from './lib/figures.ts';
import { twoSides } from './lib/two-sides.ts';

const stripeMs = 300;

/**
 * So many callers at one moment who each want one seat more for the same organization. Each must hear of a change of
 * its own. The time runs from the first call to the last answer, with the simulator in the same process.
 */
export async function burst(
  size: { readonly server: BenchServer; readonly callers: number; readonly rounds: number },
  tell: (sentence: string) => void,
) {
  // One round more: the first warms the JIT and the connections, and is not counted.
  await using place = await twoSides({ server: size.server, organizations: size.rounds + 1, seats: 10, stripeMs });
  const stripe = new Stripe('sk_test_bench', { host: '127.0.0.1', port: place.sim.port, protocol: 'http' });
  const seatbelt = createSeatbelt({ db: place.url, stripe, environment: 'bench', prepare: true });
  const rounds: { settledMs: number; callerP50Ms: number; stripeCalls: number }[] = [];
  let toldOwnOutcome = true;
  let bothSidesAgree = true;
  try {
    for (const [index, { organization, subscription, item }] of place.customers.entries()) {
      tell(index === 0 ? 'burst: warming up' : `burst: round ${index} of ${size.rounds}`);
      await seatbelt.link(organization, { subscription, used: 10 });
      const callsBefore = place.stripeWrites();
      const began = performance.now();
      const answers = await Promise.all(
        Array.from({ length: size.callers }, async () => {
          const answer = await seatbelt.add(organization, 1);
          return { answer, ms: performance.now() - began };
        }),
      );
      const settledMs = performance.now() - began;
      const applied = answers.filter(({ answer }) => answer.status === 'applied');
      const own = new Set(applied.map(({ answer }) => answer.change?.id));
      toldOwnOutcome &&= own.size === size.callers;
      const { settledSeats } = await seatbelt.seats(organization);
      bothSidesAgree &&= settledSeats === 10 + size.callers && place.stripeQuantities().get(item) === settledSeats;
      if (index === 0) continue;
      const callerP50Ms = percentile(
        answers.map(({ ms }) => ms),
        0.5,
      );
      rounds.push({ settledMs, callerP50Ms, stripeCalls: place.stripeWrites() - callsBefore });
    }
  } finally {
    await seatbelt.close();
  }
  return {
    ...size,
    stripeMs,
    allSettledMs: round(median(rounds.map(({ settledMs }) => settledMs)), 0),
    slowestRoundMs: round(Math.max(...rounds.map(({ settledMs }) => settledMs)), 0),
    goalMs: 2_000,
    callerP50Ms: round(median(rounds.map(({ callerP50Ms }) => callerP50Ms)), 0),
    stripeCalls: Math.max(...rounds.map(({ stripeCalls }) => stripeCalls)),
    goalStripeCalls: 5,
    toldOwnOutcome,
    bothSidesAgree,
  };
}
