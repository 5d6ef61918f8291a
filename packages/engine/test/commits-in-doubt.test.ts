import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { SeatRequest } from '../src/core/types.ts';
import { DatabaseError, databaseOf } from '../src/db/executor.ts';
import { CommandDropped, DatabaseUnavailable, OutcomeUnknown } from '../src/failures.ts';
import { Lane } from '../src/lane.ts';
import { postgresStore } from '../src/store/postgres-store.ts';
import type { Store } from '../src/store/store.ts';
import { product } from './product.ts';

const asked = { idempotencyKey: null, actor: 'host', reason: null };

test('a request that was refused beside a commit in doubt stays refused, whatever others free meanwhile', async () => {
  await using shop = await product({ seats: 10, used: 10 });
  const database = databaseOf(shop.databaseUrl);
  const store = postgresStore(database);
  let doubts = 1;
  const doubtful: Store = {
    ...store,
    async commit(before, decision, lease) {
      const outcome = await store.commit(before, decision, lease);
      if (doubts === 0 || decision.records.changes.length === 0) return outcome;
      doubts -= 1;
      // The acknowledgement is lost, and before anybody reads again another process frees a seat.
      await shop.seatbelt.release(shop.organization, 1);
      throw new DatabaseError({ kind: 'unknown', code: null, constraint: null, message: 'cut' }, null);
    },
  };
  const lane = new Lane(
    {
      store: doubtful,
      newId: randomUUID,
      monotonicNow: () => performance.now(),
      owner: randomUUID(),
      committed: () => undefined,
    },
    { organization: shop.organization, seatType: 'seat' },
  );
  const set: SeatRequest = { ...asked, changeId: randomUUID(), type: 'set', seats: 12 };
  const assign: SeatRequest = { ...asked, changeId: randomUUID(), type: 'assign', quantity: 1 };
  const first = lane.internal({ type: 'wake', pushId: randomUUID() });
  const [assigned, grown] = await Promise.allSettled([lane.request(assign), lane.request(set), first]);
  await database.close();

  assert.equal(grown.status, 'fulfilled');
  const { rows } = await shop.pool.query('select id from seatbelt.seat_changes where id = $1', [assign.changeId]);
  assert.equal(rows.length, assigned.status === 'fulfilled' ? 1 : 0, 'accepted means written');
  assert.equal(assigned.status, 'rejected');
  assert.equal(assigned.status === 'rejected' && assigned.reason.code, 'no_seat_available');
});

/** A lane whose clock and timers pass when the test says so, on a store whose commit hangs until it is let go. */
function hangingLane(shop: Awaited<ReturnType<typeof product>>) {
  const database = databaseOf(shop.databaseUrl);
  const store = postgresStore(database);
  const hangs = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const time = { now: 0 };
  const timers: { readonly at: number; readonly then: () => void }[] = [];
  let commits = 0;
  const lane = new Lane(
    {
      store: {
        ...store,
        async commit(before, decision, lease) {
          commits += 1;
          began.resolve();
          await hangs.promise;
          return store.commit(before, decision, lease);
        },
      },
      newId: randomUUID,
      monotonicNow: () => time.now,
      owner: randomUUID(),
      committed: () => undefined,
      later: (ms, then) => timers.push({ at: time.now + ms, then }),
    },
    { organization: shop.organization, seatType: 'seat' },
  );
  const pass = (ms: number) => {
    time.now += ms;
    for (const timer of timers.splice(0)) {
      if (timer.at <= time.now) timer.then();
      else timers.push(timer);
    }
  };
  return {
    lane,
    pass,
    began: began.promise,
    letGo: hangs.resolve,
    fail: hangs.reject,
    commits: () => commits,
    [Symbol.asyncDispose]: () => database.close(),
  };
}

const add = (): SeatRequest => ({
  ...asked,
  changeId: randomUUID(),
  type: 'add',
  quantity: 1,
  holders: [randomUUID()],
  reserve: false,
  expand: true,
});

test('who waits behind a statement that hangs hears after ten seconds that nothing was written, while it still hangs', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  await using hanging = hangingLane(shop);
  const { lane, pass, began, letGo } = hanging;
  const first = lane.request(add());
  await began;
  const behind = assert.rejects(lane.request(add()), CommandDropped);
  pass(5_000);
  const later = lane.request(add());
  pass(5_001);
  await behind;
  letGo();
  const [one, two] = await Promise.all([first, later]);
  assert.deepEqual([one.change?.status, two.change?.status], ['applied', 'applied']);
});

test('a commit that took all of its time and is in doubt is told so then, instead of being tried twice more', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  await using hanging = hangingLane(shop);
  const { lane, pass, began, fail, commits } = hanging;
  const request = assert.rejects(lane.request(add()), OutcomeUnknown);
  await began;
  pass(10_000);
  fail(new DatabaseError({ kind: 'unknown', code: null, constraint: null, message: 'too late' }, null));
  await request;
  assert.equal(commits(), 1);
});

test('a row that was held for so long that another wait would be too long is told of at once, as nothing written', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  await using hanging = hangingLane(shop);
  const { lane, pass, began, fail, commits } = hanging;
  const request = assert.rejects(lane.request(add()), DatabaseUnavailable);
  await began;
  pass(6_000);
  fail(new DatabaseError({ kind: 'conflict', code: '55P03', constraint: null, message: 'held' }, null));
  await request;
  assert.equal(commits(), 1);
});

test('what nobody waits for is tried on, however long a try takes', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  await using hanging = hangingLane(shop);
  const { lane, pass, began, fail, commits } = hanging;
  const failed = assert.rejects(lane.internal({ type: 'pause', reason: 'test', actor: 'ops' }), OutcomeUnknown);
  await began;
  pass(10_000);
  fail(new DatabaseError({ kind: 'unknown', code: null, constraint: null, message: 'too late' }, null));
  await failed;
  assert.ok(commits() > 1);
});
