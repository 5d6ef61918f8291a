import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testDatabase } from '@seatbelt/dev/test-database';
import { type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import { createSeatbelt, type Seatbelt, type SeatbeltOptions } from '../src/index.ts';
import { readStripeRate, slowDown, takeTurns } from '../src/store/stripe-rate.ts';
import { product, stripeClient } from './product.ts';

/** Of the documented limit of a test account; four fifths of it are used. */
const perSecond = 25;

/**
 * What Stripe lets through here: half as much again as is meant to arrive, and less than two processes would send that each
 * kept the rate for itself. A turn that was taken in time is used late where six test files want two processors, and what
 * comes late comes with the next ones.
 */
const letThroughPerSecond = 35;

interface Busy extends AsyncDisposable {
  readonly sim: StripeSim;
  readonly databaseUrl: string;
  readonly organizations: readonly string[];
  readonly engines: readonly Seatbelt[];
  readonly pool: Awaited<ReturnType<typeof testDatabase>>['pool'];
  readonly executor: {
    executeSql(text: string, values: readonly unknown[]): Promise<{ rows: never[]; rowCount: number }>;
  };
  /** The organizations, in the order in which requests for them reached Stripe from `from` on. */
  order(from: number): string[];
}

/** A Stripe with its limits on, and two processes that share them. */
async function busy(organizations: number, options: Partial<SeatbeltOptions> = {}): Promise<Busy> {
  // Where an organization cannot be linked, what was started here would keep the process alive.
  await using started = new AsyncDisposableStack();
  const database = await testDatabase();
  started.defer(() => database.drop());
  const sim = await startStripeSim({ settings: { limits: true, requestsPerSecond: letThroughPerSecond } });
  const engine = () =>
    createSeatbelt({
      db: database.url,
      stripe: stripeClient(sim.port),
      environment: 'test',
      stripeRequestsPerSecond: perSecond,
      eventsEveryMs: 0,
      sweepEveryMs: 0,
      ...options,
    });
  started.defer(() => sim.close());
  const engines = [engine(), engine()];
  started.defer(async () => void (await Promise.allSettled(engines.map((one) => one.close()))));
  const names = Array.from({ length: organizations }, (_, index) => `org_${index}`);
  const owners = new Map<string, string>();
  await Promise.all(
    names.map(async (name, index) => {
      const demo = await sim.admin.createDemoSubscription({ quantity: 10 });
      owners.set(demo.subscription.id, name);
      await engines[index % 2]?.link(name, { subscription: demo.subscription.id, used: 5 });
    }),
  );
  const all = started.move();
  return {
    sim,
    databaseUrl: database.url,
    organizations: names,
    engines,
    pool: database.pool,
    executor: {
      executeSql: async (text, values) => {
        const { rows, rowCount } = await database.pool.query(text, [...values]);
        return { rows: rows as never[], rowCount: rowCount ?? 0 };
      },
    },
    order: (from) =>
      sim
        .truth()
        .requests.slice(from)
        .flatMap(({ path }) => owners.get(path.split('/')[3]?.split('?')[0] ?? '') ?? []),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function refused(sim: StripeSim): number {
  return sim.truth().requests.filter(({ status }) => status === 429).length;
}

/** Turns that a process was granted, by kind, as its metrics tell. */
function turnsOf(text: string): ReadonlyMap<string, number> {
  const lines = text.matchAll(/^seatbelt_stripe_turns_total\{kind="(\w+)"\} (\d+)$/gm);
  return new Map([...lines].map(([, kind, count]) => [kind ?? '', Number(count)]));
}

/** Rounds of a worker in a process of its own, until nothing is due. */
async function childWorker(shop: Busy): Promise<{ turns: number }> {
  const settings = { databaseUrl: shop.databaseUrl, stripePort: shop.sim.port, perSecond };
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./child-worker.ts', import.meta.url)), JSON.stringify(settings)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  assert.equal(code, 0, output);
  return JSON.parse(output) as { turns: number };
}

describe('one rate for all processes', { concurrency: 1 }, () => {
  test('two processes that have much to do never meet the limit, and everything is done', async () => {
    await using shop = await busy(40);
    const outcomes = await Promise.all(
      shop.organizations.map((name, index) => shop.engines[index % 2]?.set(name, 12, { waitMs: 10_000 })),
    );
    assert.deepEqual(
      outcomes.map((outcome) => outcome?.status),
      shop.organizations.map(() => 'applied'),
    );
    assert.equal(refused(shop.sim), 0);
    const { rows } = await shop.pool.query(
      'select turns_in_minute + turns_in_last_minute as turns from seatbelt.stripe_rate',
    );
    assert.ok(rows[0].turns >= 80, 'every link and every change took its turn');
  });

  test('what a person asks for overtakes what recovery has under way, and recovery comes to its end', async () => {
    await using shop = await busy(40);
    const [worker, desk] = shop.engines;
    const hasty = shop.organizations[39] ?? '';
    for (const name of shop.organizations.slice(0, 39)) await desk?.mark(name);
    const from = shop.sim.truth().requests.length;
    const round = worker?.tick();
    const answer = await desk?.set(hasty, 12, { waitMs: 10_000 });
    assert.equal(answer?.status, 'applied');
    const place = shop.order(from).indexOf(hasty);
    assert.ok(place >= 0 && place < 20, `it was request ${place} of 40`);
    await round;
    const left = await shop.pool.query('select count(*)::int as n from seatbelt.accounts where marks > marks_seen');
    assert.equal(left.rows[0].n, 0);
    assert.equal(refused(shop.sim), 0);
  });

  test('a sweep takes its turns last: its lists and its single reads are the sweep’s, and a person overtakes it', async () => {
    await using shop = await busy(30);
    const hasty = shop.organizations[29] ?? '';
    for (const { id, items } of shop.sim.truth().subscriptions.slice(0, 29)) {
      shop.sim.admin.foreignQuantityChange({
        subscription: id,
        item: items.data[0]?.id ?? '',
        quantity: 14,
        by: 'api',
      });
    }
    // Another process than those that linked, so that its turns are those of the sweep alone.
    const sweeper = createSeatbelt({
      db: shop.databaseUrl,
      stripe: stripeClient(shop.sim.port),
      environment: 'test',
      stripeRequestsPerSecond: perSecond,
    });
    for (const dryRun of [true, false]) {
      const from = shop.sim.truth().requests.length;
      const sweeping = sweeper.sweep({ dryRun });
      await shop.sim.waitFor(({ seq, path }) => seq > from && path === '/v1/subscriptions');
      const answer = await shop.engines[0]?.set(hasty, dryRun ? 12 : 13, { waitMs: 10_000 });
      assert.equal(answer?.status, 'applied');
      const place = shop.order(from).indexOf(hasty);
      assert.ok(place >= 0 && place < 15, `it was request ${place} of 30`);
      const report = await sweeping;
      assert.deepEqual([report.state, report.rereads, report.failed], ['finished', 29, null]);
      const turns = turnsOf(await sweeper.metricsText());
      assert.deepEqual([turns.get('interactive'), turns.get('recovery')], [0, 0]);
      assert.equal(turns.get('sweep'), dryRun ? 30 : 60, 'a list and 29 reads each time');
    }
    await sweeper.close();
    assert.equal(refused(shop.sim), 0);
  });

  test('two processes of the operating system keep within one rate, as Stripe counts it', async () => {
    await using shop = await busy(60);
    for (const name of shop.organizations) await shop.engines[0]?.mark(name);
    const from = shop.sim.truth().requests.length;
    const began = performance.now();
    const children = await Promise.all([0, 1].map(() => childWorker(shop)));
    const seconds = (performance.now() - began) / 1_000;
    const asked = shop.sim.truth().requests.length - from;
    assert.ok(
      children.every(({ turns }) => turns >= 10),
      `both had turns: ${JSON.stringify(children)}`,
    );
    assert.equal(
      children.reduce((sum, { turns }) => sum + turns, 0),
      asked,
      'every request that Stripe counted had its turn',
    );
    assert.ok(asked >= 60, `${asked} requests`);
    // Stripe counts any second; what it would turn away is a 429 here.
    assert.equal(refused(shop.sim), 0);
    assert.ok(asked / seconds <= perSecond, `${asked} requests in ${seconds.toFixed(1)} s`);
    const left = await shop.pool.query('select count(*)::int as n from seatbelt.accounts where marks > marks_seen');
    assert.equal(left.rows[0].n, 0, 'and nothing is left to do');
  });

  test('a process that cannot read the common rate goes on slowly by itself', async () => {
    await using shop = await busy(2);
    await shop.pool.query('alter table seatbelt.stripe_rate rename to stripe_rate_away');
    const answer = await shop.engines[0]?.set('org_0', 12);
    assert.equal(answer?.status, 'applied');
  });

  test('a request that gets no turn in time was not sent, says so, and is tried again', async () => {
    await using shop = await busy(1);
    await shop.pool.query(`update seatbelt.stripe_rate set next_at = now() + interval '40 seconds'`);
    const before = shop.sim.truth().requests.length;
    const answer = await shop.engines[0]?.set('org_0', 12, { waitMs: 7_000 });
    assert.equal(answer?.status, 'requested');
    assert.equal(shop.sim.truth().requests.length, before, 'nothing was sent');
    const notes: string[] = [];
    for await (const { entry } of shop.engines[0]?.exportAudit('org_0') ?? []) notes.push(JSON.parse(entry).note);
    assert.ok(notes.some((note) => /The request did not run and is tried again in 500 ms/.test(note)));
    await shop.pool.query('update seatbelt.stripe_rate set next_at = now()');
    const again = await shop.engines[0]?.set('org_0', 12, { waitMs: 10_000 });
    assert.equal(again?.status, 'applied');
    const { rows } = await shop.pool.query(`select type from seatbelt.host_events where type = 'change.in_doubt'`);
    assert.equal(rows.length, 0, 'nobody was ever in doubt about it');
  });
});

describe('turns', { concurrency: 2 }, () => {
  const base = { intervalMs: 100, share: 0.1, recoversPerSecond: 0.05 };

  test('turns are moments in a row, and nothing is saved up', async () => {
    await using shop = await product();
    const db = {
      executeSql: async (text: string, values: readonly unknown[]) => shop.pool.query(text, [...values]) as never,
    };
    const first = await takeTurns(db, { ...base, kind: 'interactive', count: 3, aheadMs: 5_000 });
    assert.deepEqual([first.granted, first.waitMs, first.intervalMs], [3, 0, 100]);
    const second = await takeTurns(db, { ...base, kind: 'interactive', count: 1, aheadMs: 5_000 });
    assert.equal(second.granted, 1);
    assert.ok(second.waitMs > 100 && second.waitMs <= 300, `${second.waitMs}`);
    // Each lower kind may have one although others are before it, and then waits for what is left.
    const recovery = () => takeTurns(db, { ...base, kind: 'recovery', count: 5, aheadMs: 50 });
    assert.equal((await recovery()).granted, 1);
    assert.equal((await recovery()).granted, 0);
    assert.equal((await takeTurns(db, { ...base, kind: 'sweep', count: 5, aheadMs: 0 })).granted, 1);
    assert.equal((await takeTurns(db, { ...base, kind: 'sweep', count: 5, aheadMs: 0 })).granted, 0);
    // Nobody queues for longer than it may wait.
    const many = await takeTurns(db, { ...base, kind: 'interactive', count: 1_000, aheadMs: 5_000 });
    assert.ok(many.granted > 40 && many.granted <= 51, `${many.granted}`);
    assert.ok((await readStripeRate(db, 0.05)).backlogMs > 4_000);
  });

  test('a "too many requests" slows all processes once, and the rate grows back', async () => {
    await using shop = await product();
    const db = {
      executeSql: async (text: string, values: readonly unknown[]) => shop.pool.query(text, [...values]) as never,
    };
    await shop.pool.query(`update seatbelt.stripe_rate set slowed_at = now() - interval '1 minute'`);
    await Promise.all([1, 2, 3].map(() => slowDown(db, 0.8, 0.1, 0.05)));
    const slow = await readStripeRate(db, 0.05);
    assert.ok(slow.slowed >= 0.8 && slow.slowed < 0.85, `${slow.slowed}`);
    const turns = await takeTurns(db, { ...base, kind: 'interactive', count: 1, aheadMs: 5_000 });
    assert.ok(turns.intervalMs > 115 && turns.intervalMs <= 125, `${turns.intervalMs}`);
    await shop.pool.query(`update seatbelt.stripe_rate set slowed_at = now() - interval '5 seconds'`);
    assert.equal((await readStripeRate(db, 0.05)).slowed, 1);
  });
});
