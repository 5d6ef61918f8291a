/** The seeded schedules with production's store, database access and client library on a real PostgreSQL. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { startCluster, withSlot } from '../real-database/cluster.ts';
import type { PlayedOnPostgres } from '../real-database/worker.ts';
import { runSchedule } from '../schedule.ts';
import type { Part, PartContext, PartResult, Size, Violation } from './part.ts';

const sizes: Readonly<Record<Size, number>> = { slice: 60, gate: 5_000, soak: 100_000 };
/** While one schedule waits for the server another one computes. */
const databasesPerWorker = 3;

export const schedulesOnPostgres: Part = {
  name: 'schedules-on-postgres',
  title: 'Seeded schedules on a real PostgreSQL',
  run,
};

class Totals {
  played = 0;
  statements = 0;
  accepted = 0;
  held = 0;
  faultCount = 0;
  readonly faults: Record<string, number> = {};
  broken: PlayedOnPostgres | null = null;

  add(one: PlayedOnPostgres): void {
    this.played += 1;
    this.statements += one.statements;
    this.accepted += one.accepted;
    if (one.held) this.held += 1;
    for (const [name, times] of Object.entries(one.faults)) {
      this.faults[name] = (this.faults[name] ?? 0) + times;
      this.faultCount += times;
    }
    if (one.violations.length > 0 && (this.broken === null || one.seed < this.broken.seed)) this.broken = one;
  }

  /** Connections that were dropped, and commits that nobody was told of. */
  get dropped(): number {
    return ['never_sent', 'unknown_undone', 'unknown_done', 'unknown_late'].reduce(
      (sum, name) => sum + (this.faults[name] ?? 0),
      0,
    );
  }
}

function run(context: PartContext): Promise<PartResult> {
  const { size } = context;
  const wanted = context.rehearsal ? 1 : size === 'slice' ? sizes.slice : sizes.gate;
  return playOnPostgres(context, sizes[size], wanted);
}

/** @param count how many seeds, where no time is set. @param wanted how many there have to be. */
export async function playOnPostgres(
  context: Pick<PartContext, 'seed' | 'until' | 'signal' | 'progress'>,
  count: number,
  wanted: number,
): Promise<PartResult> {
  const { until } = context;
  const totals = new Totals();
  const workers = availableParallelism();
  const beganAt = performance.now();
  await using cluster = await startCluster(workers * databasesPerWorker);
  let next = context.seed;
  const last = context.seed + count;
  const nextSeed = (): number | null => {
    const over = until === null ? next >= last : Date.now() >= until;
    if (context.signal.aborted || totals.broken !== null || over) return null;
    next += 1;
    return next - 1;
  };
  const heard = (played: PlayedOnPostgres) => {
    totals.add(played);
    context.progress({
      done: totals.played,
      total: until === null ? count : null,
      faults: totals.faultCount,
      note: `${totals.statements} statements`,
    });
  };
  const crew = Array.from({ length: workers }, (_, index) => {
    const urls = cluster.urls.slice(index * databasesPerWorker, (index + 1) * databasesPerWorker);
    return new Worker(new URL('../real-database/worker.ts', import.meta.url), { workerData: { urls } });
  });
  try {
    await Promise.all(crew.map((worker) => play(worker, nextSeed, heard)));
  } finally {
    // Where one of them failed, the others are still at it.
    await Promise.all(crew.map((worker) => worker.terminate()));
  }
  const seconds = (performance.now() - beganAt) / 1_000;
  return {
    goals: [
      {
        title: 'schedules played on PostgreSQL',
        wanted: `>= ${wanted}`,
        got: `${totals.played} (${(totals.played / seconds).toFixed(0)}/s)`,
        met: totals.played >= wanted,
      },
      {
        title: 'connections dropped before, during or after a statement',
        wanted: `>= ${wanted}`,
        got: String(totals.dropped),
        met: totals.dropped >= wanted,
      },
      {
        title: 'schedules on PostgreSQL that diverged or did not come to rest',
        wanted: '0',
        got: totals.broken === null ? '0' : `seed ${totals.broken.seed}`,
        met: totals.broken === null,
      },
    ],
    violations: totals.broken === null ? [] : [await told(totals.broken, cluster.urls)],
    faults: totals.faultCount,
    data: {
      schedules: totals.played,
      statements: totals.statements,
      accepted: totals.accepted,
      held: totals.held,
      faultsByKind: totals.faults,
      seconds,
      settings: 'fsync off: connections are dropped here, and a server that crashes is another part',
    },
  };
}

/** One worker, which asks for a seed whenever one of its databases is free. */
function play(worker: Worker, nextSeed: () => number | null, played: (one: PlayedOnPostgres) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (one: PlayedOnPostgres | null) => {
      if (one === null) worker.postMessage(nextSeed());
      else played(one);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A worker ended with ${code}.`))));
  });
}

async function told(broken: PlayedOnPostgres, urls: readonly string[]): Promise<Violation> {
  const [first] = broken.violations;
  const url = urls[0] ?? '';
  const { lines } = await withSlot(url, (slot) => runSchedule(broken.seed, true, slot));
  return {
    guarantee: first?.guarantee ?? 'Bug',
    message: `seed ${broken.seed} on PostgreSQL: ${first?.what}`,
    replay: `node proof/src/replay.ts ${broken.seed} --postgres`,
    timeline: lines,
  };
}
