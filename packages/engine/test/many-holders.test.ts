/** An organization of ten thousand is read as fast as one of ten: nobody reads ten thousand names to show a number. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { type Product, product } from './product.ts';

const crowd = 10_000;
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, nth) => `${prefix}_${nth}`);

describe('What a page asks does not grow with the people of the organization', () => {
  let many: Product;
  let one: Product;

  before(async () => {
    [many, one] = await Promise.all([product({ seats: crowd * 2, used: 0 }), product({ seats: 10, used: 0 })]);
    await many.seatbelt.add(many.organization, crowd, { holders: names('crowd', crowd), expand: false });
    await one.seatbelt.add(one.organization, 1, { holders: names('one', 1), expand: false });
  });
  after(async () => {
    await many[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
  });

  /** The engine on a pool that listens along: bytes and types do not depend on how busy the machine is. */
  function listening(shop: Product) {
    const pool = new pg.Pool({ connectionString: shop.databaseUrl, max: 2 });
    const heard = { bytes: 0, types: new Map<string, number>() };
    const closed: Promise<unknown>[] = [];
    pool.on('connect', (client) => {
      closed.push(once(client, 'end'));
      // What comes from the server, as it comes: the names and types of columns, and the rows.
      const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
      connection.on('rowDescription', ({ fields }: { fields: { name: string; dataTypeID: number }[] }) => {
        for (const { name, dataTypeID } of fields) heard.types.set(name, dataTypeID);
      });
      connection.on('dataRow', ({ length }: { length: number }) => {
        heard.bytes += length;
      });
    });
    const seatbelt = shop.another({ db: pool });
    const close = async () => {
      await seatbelt.close();
      await pool.end();
      // The pool does not wait for the connections' goodbye, and the database is dropped right after.
      await Promise.all(closed);
    };
    return { seatbelt, heard, [Symbol.asyncDispose]: close };
  }

  test('the seats, the newest change and the history: a few kilobytes, with ten thousand seated by one change', async () => {
    for (const read of ['seats', 'changes', 'history'] as const) {
      await using small = listening(one);
      await using large = listening(many);
      await small.seatbelt[read](one.organization);
      await large.seatbelt[read](many.organization);
      assert.ok(small.heard.bytes > 100, 'nothing was heard');
      assert.ok(
        large.heard.bytes < small.heard.bytes + 500,
        `${read}: ${large.heard.bytes} beside ${small.heard.bytes}`,
      );
    }
    const [change] = (await many.seatbelt.changes(many.organization)).changes;
    assert.equal(change?.quantity, crowd);
  });

  test('a change that waits with ten thousand names is loaded without building a tree around them', async () => {
    const guarded = await product({ seats: 10, used: 0, link: { terms: { guard: { seatsPerDay: 5 } } } });
    try {
      const asked = await guarded.seatbelt.add(guarded.organization, crowd, { holders: names('crowd', crowd) });
      assert.equal(asked.status, 'awaiting_approval');
      const { awaitingApproval } = await guarded.seatbelt.seats(guarded.organization);
      assert.deepEqual(
        awaitingApproval.map(({ quantity }) => quantity),
        [crowd],
      );
      await using beside = listening(guarded);
      const { seatbelt, heard } = beside;
      await seatbelt.seats(guarded.organization);
      // As `jsonb` the same rows took a quarter of a second of the server's time, as `json` some milliseconds.
      assert.equal(heard.types.get('waiting'), pg.types.builtins.JSON);
      // All of them are still there when they are needed.
      const approved = await guarded.seatbelt.approve(guarded.organization, asked.change?.id ?? '');
      assert.deepEqual([approved.status, approved.usedSeats], ['applied', crowd]);
    } finally {
      await guarded[Symbol.asyncDispose]();
    }
  });
});
