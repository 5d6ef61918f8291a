import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from '../core/policy.ts';
import { advanceDue } from './advance-due.ts';
import { Pace } from './pace.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };

/** A worker whose accounts are due and end when the test says so, and whose polls pass one after another. */
function worker(slow: 'wait' | 'leave') {
  const due: string[] = [];
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const time = { now: 0, left: true };
  const pause = async (ms: number) => {
    await settled();
    time.now += ms;
  };
  const advancer = {
    owner: 'worker',
    pace: new Pace({ monotonicNow: () => time.now, pause }),
    underWay: new Map<string, Promise<void>>(),
    advance({ organization }: { organization: string }) {
      begun.push(organization);
      return new Promise<void>((resolve) => ends.set(organization, resolve));
    },
  };
  const asked: number[] = [];
  const released: string[] = [];
  const store = {
    async claimDue(_owner: string, limit: number) {
      asked.push(limit);
      return due.splice(0, limit).map((organization) => ({ organization, seatType: 'seat' }));
    },
    async release({ organization }: { organization: string }) {
      released.push(organization);
    },
  };
  const round = () =>
    advanceDue(store, advancer, silent, { left: () => time.left, monotonicNow: () => time.now, pause, slow });
  return { due, begun, ends, time, asked, released, advancer, round };
}

/** Everything that can happen without a timer has happened. */
const settled = () => new Promise(setImmediate);

test('an account that becomes due while another one hangs at Stripe is picked up by the next poll', async () => {
  const { due, begun, ends, round } = worker('wait');
  due.push('slow');
  const ended = round();
  while (!begun.includes('slow')) await settled();
  due.push('other');
  while (!begun.includes('other')) await settled();
  assert.deepEqual(begun, ['slow', 'other']);
  ends.get('other')?.();
  ends.get('slow')?.();
  assert.deepEqual(await ended, { claimed: 2, failed: 0, moreDue: false });
});

test('a worker ends its round beside an account that hangs, and does not count its place as free', async () => {
  const { due, begun, ends, asked, advancer, round } = worker('leave');
  due.push('slow');
  assert.deepEqual(await round(), { claimed: 1, failed: 0, moreDue: false });
  assert.equal(advancer.underWay.size, 1);
  due.push('other');
  const second = round();
  while (!begun.includes('other')) await settled();
  assert.equal(asked.at(-1), policy.advancedAtOnce - 1);
  ends.get('other')?.();
  await second;
  ends.get('slow')?.();
  await settled();
  assert.equal(advancer.underWay.size, 0);
});

test("a cron's round waits for what it has begun, also when its time is up", async () => {
  const { due, begun, ends, time, round } = worker('wait');
  due.push('slow');
  let over = false;
  const ended = round().then((report) => {
    over = true;
    return report;
  });
  while (!begun.includes('slow')) await settled();
  time.left = false;
  for (let turn = 0; turn < 10; turn += 1) await settled();
  assert.equal(over, false);
  ends.get('slow')?.();
  assert.deepEqual(await ended, { claimed: 1, failed: 0, moreDue: false });
});

test('when every place is taken nothing is claimed until one falls free', async () => {
  const { due, begun, ends, asked, round } = worker('wait');
  due.push(...Array.from({ length: policy.advancedAtOnce + 1 }, (_, index) => `org_${index}`));
  const ended = round();
  while (begun.length < policy.advancedAtOnce) await settled();
  for (let turn = 0; turn < 10; turn += 1) await settled();
  assert.deepEqual(asked, [policy.advancedAtOnce]);
  ends.get('org_3')?.();
  while (begun.length <= policy.advancedAtOnce) await settled();
  assert.equal(asked[1], 1);
  for (const end of ends.values()) end();
  assert.equal((await ended).claimed, policy.advancedAtOnce + 1);
});

test('an account that this process is still at when its lease ends takes no second place, and is left to others', async () => {
  const { due, begun, ends, released, advancer, round } = worker('leave');
  due.push('slow');
  await round();
  due.push('slow');
  assert.deepEqual(await round(), { claimed: 0, failed: 0, moreDue: false });
  assert.deepEqual([begun, released, advancer.underWay.size], [['slow'], ['slow'], 1]);
  ends.get('slow')?.();
});
