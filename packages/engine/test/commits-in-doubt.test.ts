import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { SeatRequest } from '../src/core/types.ts';
import { DatabaseError, databaseOf } from '../src/db/executor.ts';
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
