import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { SeatRefused } from '../src/core/refusals.ts';
import type { SeatRequest } from '../src/core/types.ts';
import { databaseOf } from '../src/db/executor.ts';
import { Lane } from '../src/lane.ts';
import { postgresStore } from '../src/store/postgres-store.ts';
import type { Store } from '../src/store/store.ts';
import { type Product, product } from './product.ts';

type Asked = SeatRequest extends infer Each
  ? Each extends SeatRequest
    ? Omit<Each, 'changeId' | 'actor' | 'reason'>
    : never
  : never;

/** A lane of a process of its own on the product's account, which says what it asked of the database. */
function remembering(shop: Product, clock = () => performance.now()) {
  const database = databaseOf(shop.databaseUrl);
  const asked: string[] = [];
  const plain = postgresStore(database);
  const store: Store = {
    ...plain,
    load: (key, named) => {
      asked.push('load');
      return plain.load(key, named);
    },
    commit: async (before, decision, lease) => {
      const outcome = await plain.commit(before, decision, lease);
      asked.push(outcome);
      return outcome;
    },
  };
  const lane = new Lane(
    { store, newId: randomUUID, monotonicNow: clock, owner: randomUUID(), committed: () => undefined },
    { organization: shop.organization, seatType: 'seat' },
  );
  return {
    asked,
    request: (request: Asked) => lane.request({ changeId: randomUUID(), actor: 'host', reason: null, ...request }),
    /** What was asked since the last time. */
    heard: () => asked.splice(0),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

const take = (quantity: number, idempotencyKey: string | null = null) =>
  ({ type: 'assign', quantity, idempotencyKey }) as const;

test('a process that has just changed an organization changes it again by one statement', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  await using lane = remembering(shop);
  await lane.request(take(1));
  assert.deepEqual(lane.heard(), ['load', 'committed']);
  const { state } = await lane.request(take(2));
  assert.deepEqual(lane.heard(), ['committed']);
  assert.equal(state.account.assigned, 3);
  assert.deepEqual((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
});

test('what another process did meanwhile is found by the commit, and both count', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  await using lane = remembering(shop);
  await lane.request(take(1));
  await shop.seatbelt.assign(shop.organization, 4);
  lane.heard();
  const { state } = await lane.request(take(2));
  assert.deepEqual(lane.heard(), ['conflict', 'load', 'committed']);
  assert.equal(state.account.assigned, 7);
});

test('a key that another process used gets its change, not a second one', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  await using lane = remembering(shop);
  // The other one is first, so that this one's memory is of the version that holds the key already.
  const theirs = await shop.seatbelt.assign(shop.organization, 1, { idempotencyKey: 'invite-1' });
  await lane.request(take(1));
  lane.heard();
  const { change, state } = await lane.request(take(1, 'invite-1'));
  assert.equal(change?.id, theirs.change?.id);
  assert.equal(state.account.assigned, 2);
  assert.deepEqual(lane.heard(), ['load'], 'the unique index turned the first try down');
});

test('nobody is refused by memory alone', async () => {
  await using shop = await product({ seats: 10, used: 9 });
  await using lane = remembering(shop);
  await lane.request(take(1));
  await shop.seatbelt.release(shop.organization, 5);
  const { state } = await lane.request(take(2));
  assert.equal(state.account.assigned, 7);
  await assert.rejects(
    lane.request(take(9)),
    (error: unknown) => error instanceof SeatRefused && error.code === 'no_seat_available',
  );
  assert.ok(lane.heard().includes('load'));
});

test('a request beside one that cannot be remembered is decided on a load together with it', async () => {
  await using shop = await product({ seats: 10, used: 0, holders: [] });
  await using lane = remembering(shop);
  await lane.request(take(1));
  await shop.seatbelt.assign(shop.organization, 1, { holders: ['ann'] });
  lane.heard();
  const [named] = await Promise.all([lane.request({ ...take(1), holders: ['ann'] }), lane.request(take(1))]);
  assert.equal(named.change?.status, 'applied');
  const { assignedSeats } = await shop.seatbelt.seats(shop.organization);
  assert.equal(assignedSeats, 3, 'ann sits there once');
});

test('a pause of everything is known to who remembers a time before it', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  await using lane = remembering(shop);
  await lane.request(take(1));
  await shop.seatbelt.pause(null, { reason: 'moving' });
  lane.heard();
  await assert.rejects(
    lane.request({ type: 'set', seats: 12, idempotencyKey: null }),
    (error: unknown) => error instanceof SeatRefused && error.code === 'paused',
  );
  assert.deepEqual(lane.heard(), ['conflict', 'load']);
  const { state } = await lane.request(take(1));
  assert.equal(state.account.assigned, 2, 'seats that are there may be taken');
});

test('the end of a pause of everything is known to who remembers the pause', async () => {
  await using shop = await product({ seats: 10, used: 10, link: { terms: { mode: 'follow' } } });
  await using lane = remembering(shop);
  await shop.seatbelt.pause(null, { reason: 'moving' });
  const remove = () => lane.request({ type: 'remove', quantity: 1, idempotencyKey: null });
  const during = await remove();
  assert.deepEqual([during.state.waiting.length, during.state.account.dueAt], [1, null]);
  await shop.seatbelt.resume(null);
  lane.heard();
  const after = await remove();
  assert.deepEqual(lane.heard(), ['conflict', 'load', 'committed']);
  assert.equal(after.state.account.push?.target.seats, 8, 'both are told');
});

test('memory is for seconds', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  let now = 0;
  await using lane = remembering(shop, () => now);
  await lane.request(take(1));
  now += 10_001;
  lane.heard();
  await lane.request(take(1));
  assert.deepEqual(lane.heard(), ['load', 'committed']);
});
