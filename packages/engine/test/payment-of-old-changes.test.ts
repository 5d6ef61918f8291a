import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '@seatbelt/dev';
import { statementsOf } from '../src/store/migrate.ts';
import { migrations } from '../src/store/migrations/index.ts';

test('changes from before the column keep the status that they were told with', async () => {
  await using database = await testDatabase({ template: 'empty' });
  const at = migrations.findIndex(({ name }) => name.startsWith('0006-'));
  const run = async (some: typeof migrations) => {
    for (const { sql } of some) for (const text of statementsOf(sql)) await database.pool.query(text);
  };
  await run(migrations.slice(0, at));
  await database.pool.query(
    `insert into seatbelt.accounts (organization_id, terms, settled_seats, seat_count) values ('acme', '{}', 1, 1)`,
  );
  const codes = ['insufficient_funds', 'payment_not_made', 'refused_by_stripe', 'below_used', null];
  for (const [index, code] of codes.entries()) {
    await database.pool.query(
      `insert into seatbelt.seat_changes
              (id, organization_id, seat_type, number, kind, status, delta, quantity, takes, holders, reserve, alone, fingerprint,
               actor, seats_before, seats_after, code, requested_at, ended_at)
       values (gen_random_uuid(), 'acme', 'seat', $1, 'add', $2, 1, 1, 0, '[]', false, false, '', 'olga', 1, 2, $3, now(), now())`,
      [index + 1, code === null ? 'applied' : 'rolled_back', code],
    );
  }
  await run(migrations.slice(at));
  // Only what was rolled back can have failed for its payment.
  await assert.rejects(
    database.pool.query(`update seatbelt.seat_changes set payment = true where status = 'applied'`),
    {
      constraint: 'seat_changes_payment_is_an_end',
    },
  );
  const { rows } = await database.pool.query('select code, payment from seatbelt.seat_changes order by number');
  assert.deepEqual(
    rows.map((row: { code: string | null; payment: boolean }) => [row.code, row.payment]),
    codes.map((code, index) => [code, index < 2]),
  );
});
