import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { poolThatMayBeCut, testDatabase } from '@seatbelt/dev/test-database';
import { drizzle } from 'drizzle-orm/node-postgres';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import postgres from 'postgres';
import {
  createSeatbelt,
  type HostDb,
  type InTransaction,
  InvalidInput,
  type SetOptions,
  StripeUnavailable,
  UnknownOrganization,
} from '../src/index.ts';
import { prismaClient } from './prisma.ts';
import { eventually, type Product, product, stripeClient } from './product.ts';

/** Thrown by a host that changes its mind. */
class ChangedItsMind extends Error {}

/** Runs the host's own transaction around `work`, with one of the libraries hosts use. */
type HostTransaction = (
  shop: Product,
  work: (db: HostDb, insertInvite: () => Promise<unknown>) => Promise<void>,
) => Promise<void>;

const invite = `insert into invites (email) values ('ada@example.com')`;

const hosts: Record<string, HostTransaction> = {
  async pg(shop, work) {
    const client = await shop.pool.connect();
    try {
      await client.query('begin');
      await work(client, () => client.query(invite));
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  },
  async postgres(shop, work) {
    const sql = postgres(shop.databaseUrl, { max: 1, onnotice: () => undefined });
    try {
      await sql.begin(async (transaction) => work(transaction, () => transaction.unsafe(invite)));
    } finally {
      await sql.end();
    }
  },
  async 'postgres that does not ask for types'(shop, work) {
    const sql = postgres(shop.databaseUrl, { max: 1, fetch_types: false, onnotice: () => undefined });
    try {
      await sql.begin(async (transaction) => work(transaction, () => transaction.unsafe(invite)));
    } finally {
      await sql.end();
    }
  },
  async drizzle(shop, work) {
    const db = drizzle(shop.pool);
    await db.transaction(async (transaction) => work(transaction, () => transaction.execute(invite)));
  },
  async kysely(shop, work) {
    const pool = poolThatMayBeCut(shop.databaseUrl, 1);
    const db = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) });
    try {
      await db
        .transaction()
        .execute(async (transaction) => work(transaction, () => transaction.executeQuery(CompiledQuery.raw(invite))));
    } finally {
      await db.destroy();
    }
  },
  async prisma(shop, work) {
    const prisma = prismaClient(shop.databaseUrl);
    try {
      await prisma.$transaction(async (transaction) => work(transaction, () => transaction.$executeRawUnsafe(invite)));
    } finally {
      await prisma.$disconnect();
    }
  },
  async 'a bare function'(shop, work) {
    const client = await shop.pool.connect();
    try {
      await client.query('begin');
      await work(
        async (text: string, values: readonly unknown[]) => (await client.query(text, [...values])).rows,
        () => client.query(invite),
      );
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  },
};

async function counts({ pool }: Product) {
  const { rows } = await pool.query(`
    select (select count(*)::int from invites) as invites,
           (select count(*)::int from seatbelt.seat_changes) as changes,
           (select count(*)::int from seatbelt.seats) as seats,
           (select count(*)::int from seatbelt.pushes) as pushes,
           (select count(*)::int from seatbelt.audit) as audit,
           (select seat_count from seatbelt.accounts) as seat_count`);
  return rows[0];
}

for (const [library, inHostTransaction] of Object.entries(hosts)) {
  describe(`inside a transaction of the host, by ${library}`, () => {
    test('one that rolls back leaves no row, no audit entry and no Stripe call', async () => {
      await using shop = await product({ seats: 10, used: 10 });
      await shop.pool.query('create table invites (email text not null)');
      const before = await counts(shop);
      await assert.rejects(
        inHostTransaction(shop, async (db, insertInvite) => {
          await insertInvite();
          await shop.seatbelt.add(shop.organization, 1, { db, holders: ['ada@example.com'], reserve: true });
          throw new ChangedItsMind();
        }),
        ChangedItsMind,
      );
      await shop.seatbelt.tick();
      assert.deepEqual(await counts(shop), before);
      assert.equal(shop.stripeWrites().length, 0);
    });

    test('one that commits is carried out by advance, or by the worker', async () => {
      await using shop = await product({ seats: 10, used: 10 });
      await shop.pool.query('create table invites (email text not null)');
      await inHostTransaction(shop, async (db, insertInvite) => {
        await insertInvite();
        const { change } = await shop.seatbelt.add(shop.organization, 1, {
          db,
          holders: ['ada@example.com'],
          reserve: true,
        });
        assert.equal(change.status, 'requested');
        assert.equal(shop.stripeWrites().length, 0, 'Stripe is not called inside');
      });
      // Another process finds it, as the worker would.
      await eventually(
        'the seat',
        shop.another(),
        async () => (await shop.seatbelt.seats(shop.organization)).pending === null,
      );
      const after = await counts(shop);
      assert.equal(after.invites, 1);
      assert.equal(after.seat_count, 11);
      assert.equal(shop.stripeQuantity(), 11);
      const { rows } = await shop.pool.query(`select holder, state, change_id from seatbelt.holders`);
      assert.deepEqual(rows, [{ holder: 'ada@example.com', state: 'reserved', change_id: null }]);
    });
  });
}

for (const [renames, transform] of Object.entries({
  'columns and what is in them': postgres.camel,
  'columns alone': { column: { from: postgres.toCamel } },
})) {
  test(`a transaction of a postgres client that renames ${renames} is refused in words, and nothing is written`, async () => {
    await using shop = await product({ seats: 10, used: 10 });
    const sql = postgres(shop.databaseUrl, { max: 1, transform, onnotice: () => undefined });
    for (const engine of [shop.seatbelt, shop.another()]) {
      await assert.rejects(
        sql.begin(async (db) => engine.add(shop.organization, 1, { db })),
        (error) => error instanceof TypeError && /renames columns/.test(error.message),
      );
    }
    await sql.end();
    assert.equal((await shop.pool.query('select 1 from seatbelt.seat_changes')).rowCount, 0);
  });
}

test('a host that commits and asks for advance has its seat at once', async () => {
  await using shop = await product({ seats: 10, used: 10 });
  const client = await shop.pool.connect();
  await client.query('begin');
  const { change } = await shop.seatbelt.add(shop.organization, 1, { db: client });
  await client.query('commit');
  client.release();
  await shop.seatbelt.advance(shop.organization);
  const detail = await shop.seatbelt.change(shop.organization, change.id);
  assert.equal(detail?.change.status, 'applied');
  assert.equal(shop.stripeQuantity(), 11);
});

test('a command in a host transaction that loses its race tells the host, or wins after it', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  const client = await shop.pool.connect();
  await client.query('begin');
  await shop.seatbelt.add(shop.organization, 1, { db: client });
  // The row is the host's until it commits; the other command waits for it and composes.
  const other = shop.seatbelt.add(shop.organization, 1);
  await client.query('commit');
  client.release();
  assert.equal((await other).status, 'applied');
  await shop.seatbelt.tick();
  assert.equal((await shop.seatbelt.seats(shop.organization)).usedSeats, 9);
});

describe('the engine runs on what a host has', () => {
  test('a pg pool', async () => {
    await using shop = await product();
    const pool = poolThatMayBeCut(shop.databaseUrl, 3);
    const engine = shop.another({ db: pool });
    assert.equal((await engine.set(shop.organization, 12)).status, 'applied');
    await engine.close();
    assert.equal((await pool.query('select 1 as alive')).rows[0].alive, 1, 'the host keeps its pool');
    await pool.end();
  });

  test('a postgres client, with prepare: false', async () => {
    await using shop = await product();
    const sql = postgres(shop.databaseUrl, { max: 3, prepare: false, onnotice: () => undefined });
    const engine = shop.another({ db: sql });
    assert.equal((await engine.set(shop.organization, 12)).status, 'applied');
    assert.equal(
      (
        await engine.add(shop.organization, 9, {
          idempotencyKey: 'k',
          holders: Array.from({ length: 9 }, (_, i) => `h${i}`),
        })
      ).status,
      'applied',
    );
    await engine.close();
    await sql.end();
    assert.equal(shop.stripeQuantity(), 16);
  });

  test('a postgres client that does not ask for types: a key is known again, and what happened is told once', async () => {
    await using shop = await product();
    const sql = postgres(shop.databaseUrl, { max: 3, fetch_types: false, onnotice: () => undefined });
    const engine = shop.another({ db: sql });
    engine.on('seat.ready', () => undefined);
    for (const _ of ['the first time', 'the second time']) {
      const { usedSeats } = await engine.add(shop.organization, 2, { idempotencyKey: 'k', holders: ['ada', 'grace'] });
      assert.equal(usedSeats, 9);
    }
    await eventually('the event', engine, async () => {
      const { rows } = await shop.pool.query(
        `select min(tries) as tries from seatbelt.host_events where delivered_at is not null`,
      );
      return rows[0].tries === 1;
    });
    await engine.close();
    await sql.end();
  });

  test('named statements on connections of its own', async () => {
    await using shop = await product();
    const engine = shop.another({ prepare: true });
    for (const seats of [12, 11, 13]) assert.equal((await engine.set(shop.organization, seats)).status, 'applied');
    assert.equal(shop.stripeQuantity(), 13);
  });
});

test('host events come at least once, and again when the listener throws', async () => {
  await using shop = await product({ seats: 10, used: 10 });
  const heard: string[] = [];
  let failures = 1;
  const { promise, resolve } = Promise.withResolvers<void>();
  shop.seatbelt.on('seat.ready', (event) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('not now');
    }
    heard.push(`${event.type} ${JSON.stringify(event.data.holders)}`);
    resolve();
  });
  await shop.seatbelt.add(shop.organization, 1, { holders: ['ada'] });
  await shop.pool.query(`update seatbelt.host_events set next_try_at = now() where delivered_at is null`);
  await eventually('the event', shop.seatbelt, async () => {
    await shop.pool.query(`update seatbelt.host_events set next_try_at = now() where delivered_at is null`);
    return heard.length > 0;
  });
  await promise;
  assert.deepEqual(heard, ['seat.ready ["ada"]']);
});

test('the first command of a process works inside a transaction that has the only connection of its pool', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  const pool = poolThatMayBeCut(shop.databaseUrl, 1);
  const seatbelt = shop.another({ db: pool });
  const client = await pool.connect();
  try {
    await client.query('begin');
    await seatbelt.reserve(shop.organization, 1, { db: client, holders: ['ada'] });
    await client.query('commit');
  } finally {
    client.release();
    await pool.end();
  }
  assert.equal((await shop.seatbelt.seats(shop.organization)).reservedSeats, 1);
});

test('Stripe is not asked while a transaction of the host is open: a key that does not say its mode is asked for before', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  // As if this were a new process whose key says nothing.
  const opaque = stripeClient(shop.sim.port, 'opaque_key');
  const seatbelt = shop.another({ stripe: opaque });
  const asked = () => shop.sim.truth().requests.length;
  const client = await shop.pool.connect();
  try {
    const before = asked();
    await client.query('begin');
    await assert.rejects(
      seatbelt.assign(shop.organization, 1, { db: client }),
      (error: unknown) => error instanceof StripeUnavailable && /inside of a transaction/.test(error.message),
    );
    await client.query('rollback');
    assert.equal(asked(), before, 'nothing was asked of Stripe');
  } finally {
    client.release();
  }
});

test('a price is not confirmed inside of a transaction, since Stripe would have to be asked for it', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  const { quote } = await shop.seatbelt.preview(shop.organization, 12);
  const asked = () => shop.sim.truth().requests.length;
  const before = asked();
  const pool = poolThatMayBeCut(shop.databaseUrl, 1);
  const seatbelt = shop.another({ db: pool });
  const client = await pool.connect();
  try {
    await client.query('begin');
    const said: SetOptions & InTransaction = { db: client, quote };
    await assert.rejects(seatbelt.set(shop.organization, 12, said), InvalidInput);
    await client.query('rollback');
    assert.equal(asked(), before, 'nothing was asked of Stripe');
  } finally {
    client.release();
    await pool.end();
  }
});

test('whose database it is, found in a transaction that rolled back, is found again', async () => {
  await using database = await testDatabase();
  const seatbelt = createSeatbelt({ db: database.url, stripe: stripeClient(9), environment: 'test' });
  const installations = async () => (await database.pool.query('select environment from seatbelt.installation')).rows;
  const client = await database.pool.connect();
  try {
    for (const end of ['rollback', 'commit']) {
      await client.query('begin');
      await assert.rejects(seatbelt.assign('nobody', 1, { db: client }), UnknownOrganization);
      await client.query(end);
      assert.equal((await installations()).length, end === 'commit' ? 1 : 0);
    }
  } finally {
    client.release();
    await seatbelt.close();
  }
});
