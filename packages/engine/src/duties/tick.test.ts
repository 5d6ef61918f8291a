/** What a round does beside what takes long: nothing here has a clock, a database or a Stripe. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace.ts';
import { type TickContext, tick } from './tick.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };

/** A round whose accounts end at once, with a Sentry that answers when the test says so. */
function round(slow: 'wait' | 'leave') {
  const due: string[] = [];
  const advanced: string[] = [];
  const sentry = Promise.withResolvers<{ delivered: number; left: number }>();
  const asked = Promise.withResolvers<void>();
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  const context: TickContext = {
    database: { executeSql: async () => ({ rows: [], rowCount: 0 }) },
    store: {
      claimDue: async (_owner, limit) =>
        due.splice(0, limit).map((organization) => ({ organization, seatType: 'seat' })),
      release: async () => {},
      load: async () => null,
    },
    advancer: {
      owner: 'worker',
      pace: new Pace({ monotonicNow: () => performance.now(), pause }),
      underWay: new Map(),
      advance: async ({ organization }) => {
        advanced.push(organization);
      },
      tellIncident: () => {},
    },
    alerts: {
      deliver: () => {
        asked.resolve();
        return sentry.promise;
      },
    },
    listeners: { deliverWithin: async () => ({ delivered: 0, failed: 0 }) },
    logger: silent,
    pause,
    ending: () => false,
    slow,
    watch: async () => {},
    everyMs: { rounds: 2_000, events: 0, sweep: 0 },
    besides: {
      followEvents: async () => null,
      linkFirstPurchases: null,
      watchDuplicates: async () => ({ open: 0, over: 0, unread: 0 }),
      sweep: async () => null,
    },
  };
  return { due, advanced, asked: asked.promise, sentry, ended: tick(context, 10_000, 0) };
}

test('what becomes due while Sentry does not answer is done by the same round of a worker', async () => {
  const { due, advanced, asked, sentry, ended } = round('leave');
  await asked;
  due.push('org_1');
  while (advanced.length === 0) await new Promise((resolve) => setImmediate(resolve));
  sentry.resolve({ delivered: 0, left: 1 });
  const { accounts, alerts } = await ended;
  assert.deepEqual([accounts.claimed, alerts.left], [1, 1]);
});

test("a cron's round has its budget, and leaves what becomes due meanwhile to the next one", async () => {
  const { due, advanced, asked, sentry, ended } = round('wait');
  await asked;
  due.push('org_1');
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  sentry.resolve({ delivered: 1, left: 0 });
  assert.equal((await ended).accounts.claimed, 0);
  assert.deepEqual([advanced, due], [[], ['org_1']]);
});

test('a failure of telling an alert fails the round, whatever it did meanwhile', async () => {
  const { due, advanced, asked, sentry, ended } = round('leave');
  await asked;
  due.push('org_1');
  while (advanced.length === 0) await new Promise((resolve) => setImmediate(resolve));
  sentry.reject(new Error('the database is away'));
  await assert.rejects(ended, /the database is away/);
});
