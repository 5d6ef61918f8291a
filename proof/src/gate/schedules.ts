/** Many seeds of the world in `schedule.ts`, on every processor, and the matrix of what they have met. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type FaultPoint, faultPoints, type HeldBecause, holdReasons, moments } from '../focus.ts';
import { runSchedule } from '../schedule.ts';
import type { HeatMap } from './drawings.ts';
import type { Goal, Part, PartContext, PartResult, Size, Violation } from './part.ts';
import type { Chunk, Played } from './schedules-worker.ts';

const sizes: Readonly<Record<Size, number>> = { slice: 500, gate: 100_000, soak: 5_000_000 };
/**
 * How often something goes wrong in an account that is held, by why a person is asked. A write of our own holds one only
 * where it comes after its push was rolled back and Stripe refuses its reversal too, so few of them are met.
 */
const wantedPerCause: Readonly<Record<HeldBecause, number>> = {
  'somebody else': 1_000,
  'an open push': 1_000,
  'a late write of ours': 10,
};
/** Every pair of state and fault is met this often at least, in the gate. */
const wantedPerPair = 100;
/**
 * From the death of a process to when another one has its work: a lease of 15 s, a poll of 2 s, and some room. How long it
 * takes in half of the cases is wanted of real processes, where people and restarts come by as well.
 */
const pickUpWithinMs = 20_000;
const chunkSize = 250;

export const schedules: Part = {
  name: 'schedules',
  title: 'seeded schedules',
  async run(context: PartContext): Promise<PartResult> {
    const total = new Totals();
    // By the time that there was at the beginning.
    const { rehearsal } = context;
    await playAll(context, total);
    const violations = total.violation === null ? [] : [await told(total.violation)];
    return {
      goals: goalsOf(total, context.size, rehearsal),
      violations,
      faults: total.faultCount,
      data: { ...(await drawingsOf(total, context.size)), faultsByKind: total.faults, seeds: total.seeds },
    };
  },
};

/** Chunks are handed out in order, so that of several broken seeds the first one is told. */
async function playAll(context: PartContext, total: Totals): Promise<void> {
  const { seed, size, until, signal } = context;
  const wanted = sizes[size];
  const bounded = until === null ? wanted : null;
  let next = seed;
  const over = () =>
    signal.aborted || total.violation !== null || (until === null ? next >= seed + wanted : Date.now() >= until);
  const lane = async (): Promise<void> => {
    const worker = new Worker(new URL('./schedules-worker.ts', import.meta.url));
    try {
      while (!over()) {
        const count = until === null ? Math.min(chunkSize, seed + wanted - next) : chunkSize;
        const chunk = { first: next, count };
        next += count;
        total.add(chunk, await ask(worker, chunk));
        context.progress({ done: total.schedules, total: bounded, faults: total.faultCount });
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}

function ask(worker: Worker, chunk: Chunk): Promise<Played> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => reject(error);
    worker.once('error', failed);
    worker.once('message', (played: Played) => {
      worker.off('error', failed);
      resolve(played);
    });
    worker.postMessage(chunk);
  });
}

class Totals {
  schedules = 0;
  events = 0;
  writes = 0;
  accepted = 0;
  held = 0;
  faultCount = 0;
  readonly faults: Partial<Record<FaultPoint, number>> = {};
  readonly met = new Map<string, number>();
  readonly recoveries: number[] = [];
  quotasUsedUp = 0;
  readonly pickUps: number[] = [];
  slowestPickUp: Played['slowestPickUp'] = null;
  slowest: Played['slowest'] = null;
  violation: Played['violation'] = null;
  first = Number.POSITIVE_INFINITY;
  last = 0;

  get seeds(): string {
    return `${this.first} to ${this.last}`;
  }

  add(chunk: Chunk, played: Played): void {
    this.first = Math.min(this.first, chunk.first);
    this.last = Math.max(this.last, chunk.first + chunk.count - 1);
    this.schedules += played.schedules;
    this.events += played.events;
    this.writes += played.writes;
    this.accepted += played.accepted;
    this.held += played.held;
    for (const [name, times] of Object.entries(played.faults) as [FaultPoint, number][]) {
      this.faults[name] = (this.faults[name] ?? 0) + times;
      this.faultCount += times;
    }
    for (const [pair, times] of Object.entries(played.met)) this.met.set(pair, (this.met.get(pair) ?? 0) + times);
    this.recoveries.push(...played.recoveries);
    this.quotasUsedUp += played.quotasUsedUp;
    this.pickUps.push(...played.pickUps);
    const { slowest, slowestPickUp, violation } = played;
    if (slowestPickUp && (this.slowestPickUp === null || slowestPickUp.ms > this.slowestPickUp.ms))
      this.slowestPickUp = slowestPickUp;
    if (slowest && (this.slowest === null || slowest.ms > this.slowest.ms)) this.slowest = slowest;
    if (violation && (this.violation === null || violation.seed < this.violation.seed)) this.violation = violation;
  }
}

async function told({ seed, guarantee, what }: NonNullable<Played['violation']>): Promise<Violation> {
  const { lines } = await runSchedule(seed, true);
  return { guarantee, message: `seed ${seed}: ${what}`, replay: `node proof/src/replay.ts ${seed}`, timeline: lines };
}

function goalsOf(total: Totals, size: Size, rehearsal: boolean): Goal[] {
  const mean = total.schedules === 0 ? 0 : total.faultCount / total.schedules;
  const goals: Goal[] = [
    // A soak plays as many as its time allows; what it wants at least is what the gate wants.
    goal('schedules played', rehearsal ? 1 : size === 'slice' ? sizes.slice : sizes.gate, total.schedules),
    { title: 'faults in each, on average', wanted: '>= 3', got: mean.toFixed(1), met: mean >= 3 },
    {
      title: 'schedules that diverged or did not come to rest',
      wanted: '0',
      got: total.violation === null ? '0' : `seed ${total.violation.seed}`,
      met: total.violation === null,
    },
  ];
  if (size === 'slice' || rehearsal) return goals;
  const thin = pairs().filter((pair) => (total.met.get(pair) ?? 0) < wantedPerPair);
  const heldBy = holdReasons.map((why) => ({ why, times: timesHeld(total, why) }));
  const pickUps = total.pickUps.toSorted((a, b) => a - b);
  const [half, last] = [pickUps[Math.floor(pickUps.length / 2)] ?? 0, pickUps.at(-1) ?? 0];
  return [
    ...goals,
    {
      title: 'faults that met a held account, by cause',
      wanted: holdReasons.map((why) => `>= ${wantedPerCause[why]}`).join(', '),
      got: heldBy.map(({ why, times }) => `${why} ${times}`).join(', '),
      met: heldBy.every(({ why, times }) => times >= wantedPerCause[why]),
    },
    {
      title: 'work of a dead process is picked up, always',
      wanted: `<= ${pickUpWithinMs / 1_000} s`,
      got: `${(last / 1_000).toFixed(1)} s (half of ${pickUps.length} within ${(half / 1_000).toFixed(1)} s)`,
      met: pickUps.length > 0 && last <= pickUpWithinMs,
    },
    {
      title: `pairs of state and fault met ${wantedPerPair} times`,
      wanted: `all ${pairs().length}`,
      got: thin.length === 0 ? 'all' : `all but ${thin.length}: ${thin.slice(0, 3).join(', ')}`,
      met: thin.length === 0,
    },
  ];
}

function timesHeld(total: Totals, why: HeldBecause): number {
  return faultPoints().reduce((sum, fault) => sum + (total.met.get(`held: ${why} x ${fault}`) ?? 0), 0);
}

function goal(title: string, wanted: number, got: number): Goal {
  return { title, wanted: `>= ${wanted}`, got: String(got), met: got >= wanted };
}

/** No pair is impossible: a sender that slept can be on the wire in whatever state the account is by then. */
function pairs(): string[] {
  return moments.flatMap((state) => faultPoints().map((fault) => `${state} x ${fault}`));
}

async function drawingsOf(total: Totals, size: Size): Promise<Record<string, unknown>> {
  const matrix: HeatMap = {
    kind: 'heatmap',
    title: 'How often each fault struck in each state of an account',
    rows: faultPoints(),
    columns: moments,
    cells: faultPoints().map((fault) => moments.map((state) => total.met.get(`${state} x ${fault}`) ?? 0)),
    impossible: {},
    wanted: size === 'slice' ? 0 : wantedPerPair,
  };
  const reasons: HeatMap = {
    kind: 'heatmap',
    title: 'The same for accounts that are held, by why a person is asked',
    rows: faultPoints(),
    columns: holdReasons,
    cells: faultPoints().map((fault) => holdReasons.map((why) => total.met.get(`held: ${why} x ${fault}`) ?? 0)),
    impossible: {},
    wanted: 0,
  };
  const { slowest } = total;
  return {
    matrix,
    reasons,
    recovery: {
      kind: 'distribution',
      title: `Virtual time from the end of all faults until the last open change had ended (without ${total.quotasUsedUp} seeds that waited for a quota of Stripe's)`,
      unit: 'ms',
      values: sampled(total.recoveries),
    },
    pickUps: {
      kind: 'distribution',
      title:
        'Virtual time from the death of a process at work to when another one had its account, where nothing else went wrong',
      unit: 'ms',
      values: sampled(total.pickUps),
    },
    ...(slowest && total.violation === null
      ? {
          worst: {
            kind: 'timeline',
            title: `The slowest recovery: seed ${slowest.seed}, ${(slowest.ms / 60_000).toFixed(1)} virtual minutes`,
            lines: (await runSchedule(slowest.seed, true)).lines,
          },
        }
      : {}),
  };
}

/** A page can carry some ten thousand values; sorted and thinned evenly, the percentiles stay what they are. */
function sampled(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const step = Math.max(1, Math.ceil(sorted.length / 10_000));
  return sorted.filter((_, index) => index % step === 0 || index === sorted.length - 1);
}
