import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../random.ts';
import { type Ended, endAndJudge } from './end.ts';
import { type DatabaseFault, DatabaseFaults, databaseFaultKinds } from './faults/database.ts';
import { StrikeLog } from './faults/log.ts';
import { Load } from './load/load.ts';
import { setUp } from './place/place.ts';
import { promised } from './place/times.ts';
import { unacknowledged } from './recovery.ts';

export interface CrashingOptions {
  readonly seed: number;
  /** How many times something of PostgreSQL is killed. */
  readonly crashes: number;
  readonly organizations: number;
  readonly leaseMs: number | null;
  /** For a soak: go on until then, in milliseconds since 1970. */
  readonly until: number | null;
  readonly signal: AbortSignal;
  progress(now: { readonly crashes: number; readonly faults: number; readonly note: string }): void;
}

export interface CrashingResult extends Ended {
  readonly crashes: Readonly<Record<DatabaseFault, number>>;
  /** Accepted changes that a client was told of; each of them has to be there. */
  readonly acknowledged: number;
  /** Changes that are there although the commit of them was never acknowledged to anybody. */
  readonly unacknowledged: number;
}

/** Between two crashes, in milliseconds: the servers are back at work in between. */
const betweenCrashesMs = [300, 1_300] as const;

/** The product under load on a database that crashes, whole and in parts, with fsync on. */
export async function runCrashing(options: CrashingOptions): Promise<CrashingResult> {
  const { signal } = options;
  const log = new StrikeLog();
  const tell = (note: string) => options.progress({ crashes: log.strikes.length, faults: log.strikes.length, note });
  const place = await setUp({ ...options, foreign: 0, doors: 2, spares: 0 }, tell);
  const { fleet } = place;
  const load = new Load({
    doors: () => fleet.open,
    apiKey: place.settings.apiKey,
    random: new Random(options.seed + 2),
    organizations: place.organizations,
    perSecond: 22,
    atOnce: 50,
  });
  try {
    const random = new Random(options.seed + 1);
    const database = new DatabaseFaults(place, random, log);
    load.start();
    // Commits whose acknowledgement is lost without a crash as well.
    place.setFaults({ clients: 0, database: 0.004, stripe: 0.05 });
    const done = () => Object.values(database.counts).reduce((sum, count) => sum + count, 0);
    while (!signal.aborted && (options.until === null ? done() < options.crashes : Date.now() < options.until)) {
      await pause(random.between(...betweenCrashesMs));
      const kind = databaseFaultKinds[done() % databaseFaultKinds.length];
      if (kind === undefined) throw new RangeError('There is no such kind.');
      await database.strike(kind);
      await place.fleet.whenFilled();
      tell(`${load.stories.length} requests; ${kind.replaceAll('_', ' ')}`);
    }
    await load.stopBeginning();
    const leaseMs = options.leaseMs ?? promised.leaseMs;
    const ended = await endAndJudge({ place, load, log, leaseMs, again: 40, signal, tell });
    const acknowledged = new Set(
      ended.evidence.stories.flatMap(({ attempts }) =>
        attempts.flatMap(({ heard }) => (heard.is === 'change' ? heard.change : [])),
      ),
    );
    return {
      ...ended,
      crashes: database.counts,
      acknowledged: acknowledged.size,
      unacknowledged: unacknowledged(ended.evidence),
    };
  } finally {
    load.close();
    await place.close();
  }
}
