import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import type pg from 'pg';
import type { BenchServer } from './lib/bench-server.ts';
import { round } from './lib/figures.ts';
import { ground } from './lib/ground.ts';
import { interruptChanges } from './recovery/interrupt.ts';

/** How often both sides are asked how far it is. */
const askEveryMs = 250;
/** A recovery that takes longer than this many times its floor is broken, not slow; a handful of changes may take a minute. */
const mostTimesFloor = 10;
const atLeastMs = 60_000;
/** The lease of the dead process has to run out, and a poll has to find what is due. */
const longestPickUpMs = 60_000;

/**
 * Every organization has a change that a process left behind which died; a worker elsewhere ends them, under a Stripe that
 * takes so many requests a second and answers 429 to the rest. How much of that limit is used counts, because no
 * recovery can be faster than Stripe lets it: each change costs one write, and a second request where evidence is asked for.
 */
export async function recovery(
  size: {
    readonly server: BenchServer;
    readonly changes: number;
    readonly requestsPerSecond: number;
    readonly stripeMs: number;
  },
  tell: (sentence: string) => void,
) {
  const stateFile = join(tmpdir(), `seatbelt-bench-recovery-${process.pid}.json`);
  const before = await startStripeSim({ stateFile });
  before.admin.createSubscriptionsInBulk({ count: size.changes, quantity: 10, cards: true });
  const customers = before.truth().subscriptions.map(({ id, customer, items }, index) => ({
    organization: `org_${index}`,
    customer: typeof customer === 'string' ? customer : customer.id,
    subscription: id,
    item: items.data[0]?.id ?? '',
  }));
  tell(`recovery: ${size.changes} changes are begun and left behind`);
  await using place = await ground(size.changes, size.server, customers);
  const { carriedOut } = await interruptChanges(place, customers, before.port);
  await before.close();

  // The same Stripe, from the same file, with its limit on. Quotas of a subscription are far from being reached.
  const sim = await startStripeSim({
    stateFile,
    settings: { limits: true, requestsPerSecond: size.requestsPerSecond, logLimit: size.changes * 20 },
  });
  sim.faults.add({ kind: 'delay_before', delayMs: size.stripeMs, times: null });
  const worker = fork(
    fileURLToPath(new URL('./recovery/worker.ts', import.meta.url)),
    [JSON.stringify({ databaseUrl: place.url, stripePort: sim.port })],
    { env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  );
  try {
    await once(worker, 'message');
    const measured = await watch(place.pool, sim, size, tell);
    return {
      ...size,
      carriedOut,
      ...measured,
      goalShareOfLimit: 0.95,
      bothSidesAgree: await agree(place.pool, sim, customers),
    };
  } finally {
    await ended(worker);
    await sim.close();
    await rm(stateFile, { force: true });
  }
}

async function watch(
  pool: pg.Pool,
  sim: StripeSim,
  size: { readonly changes: number; readonly requestsPerSecond: number },
  tell: (sentence: string) => void,
) {
  const began = performance.now();
  // The worker reads Stripe's lists from its first round on; what counts is the first change that it goes on with.
  await sim.waitFor(({ method }) => method === 'POST', { timeoutMs: longestPickUpMs });
  const firstRequestAt = performance.now();
  const floorMs = (size.changes / size.requestsPerSecond) * 1_000;
  const latest = firstRequestAt + Math.max(floorMs * mostTimesFloor, atLeastMs);
  // Asking the simulator for its log costs it time, so that is done twice and no more.
  let half: { readonly seconds: number; readonly accepted: number } | null = null;
  for (let asked = 0; ; asked += 1) {
    const open = await openChanges(pool);
    const seconds = (performance.now() - firstRequestAt) / 1_000;
    if (open === 0) {
      const accepted = answeredWith(sim, 200);
      return {
        pickUpSeconds: round((firstRequestAt - began) / 1_000, 1),
        settledSeconds: round(seconds, 1),
        requestsAccepted: accepted,
        requestsTurnedAway: answeredWith(sim, 429),
        shareOfLimit: round(accepted / seconds / size.requestsPerSecond),
        shareOfLimitInFirstHalf: half && round(half.accepted / half.seconds / size.requestsPerSecond),
      };
    }
    half ??= open <= size.changes / 2 ? { seconds, accepted: answeredWith(sim, 200) } : null;
    if (performance.now() > latest) throw new Error(`${open} of ${size.changes} changes are still open.`);
    if (asked % 40 === 0) tell(`recovery: ${open} of ${size.changes} open`);
    await pause(askEveryMs);
  }
}

function answeredWith(sim: StripeSim, status: number): number {
  return sim.truth().requests.filter((request) => request.status === status).length;
}

async function openChanges(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ open: number }>(
    `select count(*)::integer as open from seatbelt.accounts where push_id is not null or waiting_changes > 0`,
  );
  return rows[0]?.open ?? Number.NaN;
}

async function agree(
  pool: pg.Pool,
  sim: StripeSim,
  customers: readonly { readonly organization: string; readonly item: string }[],
): Promise<boolean> {
  const { rows } = await pool.query<{ id: string; seats: number }>(
    `select organization_id as id, settled_seats as seats from seatbelt.accounts`,
  );
  const settled = new Map(rows.map(({ id, seats }) => [id, seats]));
  const items = sim.truth().subscriptions.flatMap((subscription) => subscription.items.data);
  const billed = new Map(items.map(({ id, quantity }) => [id, quantity]));
  return customers.every(({ organization, item }) => settled.get(organization) === 20 && billed.get(item) === 20);
}

async function ended(worker: ChildProcess): Promise<void> {
  if (!worker.connected) return;
  const exited = once(worker, 'exit');
  worker.send('close');
  await exited;
}
