import { collect } from './checker/collect.ts';
import type { Evidence, Finding } from './checker/evidence.ts';
import { judge } from './checker/judge.ts';
import type { StrikeLog } from './faults/log.ts';
import { whenAtRest, whenForeignChangesAreFound } from './heal.ts';
import type { Load } from './load/load.ts';
import type { Place } from './place/place.ts';
import { tickMs, ticksToSettle } from './place/times.ts';
import { type Recoveries, recoveries } from './recovery.ts';

export interface Ended {
  readonly evidence: Evidence;
  readonly findings: readonly Finding[];
  readonly recoveries: Recoveries;
  readonly strikes: StrikeLog['strikes'];
  readonly faultCounts: Place['faultCounts'];
  /** From the last fault until everything was at rest; null: not in time. */
  readonly settledMs: number | null;
}

/**
 * The faults stop. Everything has to settle within its ticks; then every client who does not know is asked once more, both
 * sides are read, and the checker says what does not hold.
 *
 * @throws the signal's reason when the run is told to stop
 */
export async function endAndJudge(given: {
  readonly place: Place;
  readonly load: Load;
  readonly log: StrikeLog;
  readonly leaseMs: number;
  /** Finished stories that are asked again with their keys. */
  readonly again: number;
  readonly signal: AbortSignal;
  readonly tell: (note: string) => void;
}): Promise<Ended> {
  const { place, load, log, tell, signal } = given;
  // Who is told to stop has nothing to judge: what is open then is open because nobody waited for it.
  signal.throwIfAborted();
  place.setFaults({ clients: 0, database: 0, stripe: 0 });
  const faultCounts = place.faultCounts;
  const quietAt = Date.now();
  const settleWithinMs = ticksToSettle * tickMs(given.leaseMs);
  const rested = await whenAtRest(place, settleWithinMs, signal, (open) =>
    tell(`no more faults; ${open} accounts are settling`),
  );
  const restedAt = typeof rested === 'number' ? rested : null;
  signal.throwIfAborted();
  await load.stop();
  await whenForeignChangesAreFound(place, settleWithinMs, signal);
  tell('asking once more what nobody was told');
  await load.askAgain(given.again);
  // What was asked for just now is settled as well before both sides are read.
  await whenAtRest(place, settleWithinMs, signal, (open) => tell(`${open} accounts are settling`));
  tell('reading both sides');
  const truth = await place.simulator.controls.truth();
  const evidence: Evidence = {
    organizations: place.organizations,
    stories: load.stories,
    peeks: load.peeks,
    ...(await collect(place)),
    stripeViolations: truth.violations,
    quietAt,
    restedAt,
    restless: typeof rested === 'number' ? [] : rested,
    settleWithinMs,
  };
  return {
    evidence,
    findings: judge(evidence),
    recoveries: recoveries(evidence, log.strikes),
    strikes: log.strikes,
    faultCounts,
    settledMs: restedAt === null ? null : restedAt - quietAt,
  };
}
