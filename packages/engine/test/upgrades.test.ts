/**
 * A database that was made under an older version, with everything open that can be open, is brought up to date and gone
 * on with. Its rows are those of today's engine as the older schema held them: without the columns, words and shapes that
 * came later. A new table has to be named here, so that a new migration is tried as well.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { moveStoredTimes } from '@seatbelt/dev/move-stored-times';
import { type TestDatabase, testDatabase } from '@seatbelt/dev/test-database';
import { migrate } from '../src/index.ts';
import { statementsOf } from '../src/store/migrate.ts';
import { migrations } from '../src/store/migrations/index.ts';
import { eventually, type Product, product } from './product.ts';

/** In the order in which they refer to each other. */
const tables = [
  'installation',
  'accounts',
  'seat_changes',
  'seats',
  'pushes',
  'incidents',
  'audit',
  'host_events',
  'stripe_events',
  'quotes',
  'duties',
  'mark_reasons',
  'kept_marks',
  'cursors',
  'sweeps',
  'sweep_findings',
  'sweep_listed',
  'unlinked_subscriptions',
  'installation_incidents',
  'installation_audit',
  'duplicate_subscriptions',
];
/** What migrations write themselves. */
const written = ['migrations', 'stripe_rate'];

type Json = Record<string, unknown>;

/** Made by hand as the engine of that time did it: each migration in its place, and its name remembered. */
async function databaseAt(count: number): Promise<TestDatabase> {
  const database = await testDatabase({ template: 'empty' });
  await database.pool.query(
    'create schema seatbelt; create table seatbelt.migrations (name text primary key, ran_at timestamptz not null default now())',
  );
  for (const { name, sql } of migrations.slice(0, count)) {
    for (const text of statementsOf(sql)) await database.pool.query(text);
    await database.pool.query('insert into seatbelt.migrations (name) values ($1)', [name]);
  }
  return database;
}

async function copyRows(from: Product['pool'], to: TestDatabase['pool'], count: number): Promise<void> {
  const { rows: there } = await to.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'seatbelt' and table_type = 'BASE TABLE'`,
  );
  const names = new Set(there.map(({ name }) => name));
  for (const name of names) assert.ok([...tables, ...written].includes(name), `the table ${name} is not copied here`);
  for (const table of tables.filter((name) => names.has(name))) {
    const { rows } = await from.query<{ row: Json }>(`select to_jsonb(t) as row from seatbelt.${table} t`);
    for (const { row } of rows) {
      // Before the fifth a duty was known only from its first success on.
      if (table === 'duties' && count < 5 && row.last_success_at === null) continue;
      await to.query(
        `insert into seatbelt.${table} overriding system value select (jsonb_populate_record(null::seatbelt.${table}, $1)).*`,
        [JSON.stringify(table === 'accounts' ? accountAsOf(row, count) : row)],
      );
    }
  }
  // As restoring a dump does: numbers that were given out are not given out again.
  await to.query(
    `select setval(pg_get_serial_sequence('seatbelt.host_events', 'id'), max(id)) from seatbelt.host_events`,
  );
}

/** The shapes inside of columns as the first `count` migrations knew them. */
function accountAsOf(row: Json, count: number): Json {
  const terms = { ...(row.terms as Json) };
  const hold = row.hold === null ? null : { ...(row.hold as Json) };
  if (count < 3) {
    delete terms.onForeignChange;
    delete hold?.cause;
  }
  if (count < 4) {
    for (const name of ['settleMs', 'maxWaitMs', 'guard']) delete terms[name];
    const { when: _, ...decrease } = terms.decrease as Json;
    terms.decrease = decrease;
  }
  const { slots = [] } = (row.spent ?? {}) as { slots?: { at: number; seats: number; amount: number }[] };
  const [slot] = slots;
  // Until the ninth it was one sum since one moment.
  const spent = count < 9 && slot ? { since: slot.at, seats: slot.seats, amount: slot.amount } : row.spent;
  return { ...row, terms, hold, spent };
}

/** Another organization of the same installation. */
async function linked(shop: Product, organization: string, terms: object = {}): Promise<{ id: string; item: string }> {
  const { subscription, item } = shop.sim.admin.createDemoSubscription({ quantity: 10 });
  await shop.seatbelt.link(organization, { subscription: subscription.id, used: 4, terms });
  return { id: subscription.id, item: item.id };
}

const parkedTerms = { decrease: { when: 'period_end' }, guard: { seatsPerDay: 3 } } as const;

for (let count = 1; count < migrations.length; count += 1) {
  const last = migrations[count - 1]?.name;
  describe(`a database made under ${last}`, () => {
    test('is brought up to date with all that was open, and everything comes to its end', async () => {
      await using shop = await product({ seats: 10, used: 2, engine: { sweepEveryMs: 0, eventsEveryMs: 0 } });
      const { organization, seatbelt, sim } = shop;
      await seatbelt.add(organization, 3, { holders: ['ada', 'ben', 'cy'], reserve: true });
      await seatbelt.set(organization, 12, { idempotencyKey: 'kept' });
      sim.faults.add({ kind: 'card_decline_402' });
      const declined = await seatbelt.set(organization, 15);
      assert.equal(declined.status, 'rolled_back');
      const held = await linked(shop, 'org_held');
      sim.admin.foreignQuantityChange({ subscription: held.id, item: held.item, quantity: 14, by: 'dashboard' });
      await seatbelt.mark('org_held');
      await seatbelt.advance('org_held');
      const parks = count >= 4;
      if (parks) {
        await linked(shop, 'org_parked', parkedTerms);
        await seatbelt.set('org_parked', 12);
        await seatbelt.add('org_parked', 20);
        await seatbelt.set('org_parked', 6);
      }
      // Its sender dies with the answer unheard, and something waits behind it.
      sim.faults.add({ kind: 'drop_after', match: { method: 'POST' }, times: null });
      await seatbelt.set(organization, 13, { waitMs: 0 });
      await seatbelt.add(organization, 9, { waitMs: 0 });
      await seatbelt.close();
      sim.faults.clear();

      await using old = await databaseAt(count);
      await copyRows(shop.pool, old.pool, count);
      const report = await migrate(old.url);
      assert.deepEqual(
        report.ran,
        migrations.slice(count).map(({ name }) => name),
      );

      const faults: string[] = [];
      const note = (...said: unknown[]) => void faults.push(JSON.stringify(said));
      const logger = { debug() {}, info() {}, warn: note, error: note, fatal: note };
      const now = shop.another({ db: old.url, logger });
      const settled = async () => {
        await moveStoredTimes(old.pool, organization, 60_000);
        return (await now.seats(organization)).pending === null;
      };
      await eventually('what was open is settled', now, settled);
      const seats = await now.seats(organization);
      assert.deepEqual(
        [seats.settledSeats, seats.purchasedSeats, seats.usedSeats, seats.reservedSeats],
        [14, 14, 14, 3],
      );
      assert.equal(shop.stripeQuantity(), 14);
      assert.equal((await now.set(organization, 12, { idempotencyKey: 'kept' })).status, 'applied', 'keys are kept');
      assert.equal(shop.stripeQuantity(), 14);
      assert.equal((await now.change(organization, declined.change?.id ?? ''))?.change.payment, true);

      assert.equal((await now.seats('org_held')).hold?.observedQuantity, 14);
      await now.resolve('org_held', { by: 'stripe', reason: 'upgraded' });
      assert.equal((await now.seats('org_held')).settledSeats, 14);

      if (parks) {
        const { scheduled, awaitingApproval } = await now.seats('org_parked');
        assert.equal(scheduled?.seats, 6);
        // Two of the three seats of the day were bought before the upgrade.
        assert.equal((await now.set('org_parked', 14)).status, 'awaiting_approval');
        const approved = await now.approve('org_parked', awaitingApproval[0]?.id ?? '');
        assert.equal(approved.status, 'applied');
      }
      for (const name of [organization, 'org_held', ...(parks ? ['org_parked'] : [])]) {
        assert.equal((await now.verifyAudit(name)).broken, null, name);
      }
      const { accounts } = await now.tick();
      assert.equal(accounts.failed, 0);
      assert.equal((await now.sweep({ dryRun: false })).state, 'finished');
      assert.deepEqual(sim.truth().violations, []);
      assert.deepEqual(
        faults.filter((line) => !line.includes('drift:org_held')),
        [],
        'nothing is warned of but what was held',
      );
      assert.deepEqual((await migrate(old.url)).ran, [], 'a second run changes nothing');
      await now.close();
    });
  });
}
