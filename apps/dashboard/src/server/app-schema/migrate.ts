import { inTransaction } from '../database.ts';
import { logger } from '../logger.ts';
import { onceItWorks } from '../once.ts';
import { migrations } from './migrations.ts';

/** Resolves when the app's tables are up to date. Done at the first use by this process; a failure is tried again by the next. */
export function appSchema(): Promise<void> {
  return onceItWorks('app-schema', migrate);
}

/** Safe from several processes at once: they wait for each other by a lock that ends with the transaction. */
async function migrate(): Promise<void> {
  await inTransaction(async (db) => {
    await db.query(`select pg_advisory_xact_lock(hashtext('seatbelt.app.migrations'))`);
    await db.query('create schema if not exists app');
    await db.query(
      'create table if not exists app.migrations (name text primary key, ran_at timestamptz not null default now())',
    );
    const { rows } = await db.query<{ name: string }>('select name from app.migrations');
    const done = new Set(rows.map((row) => row.name));
    for (const { name, sql } of migrations) {
      if (done.has(name)) continue;
      await db.query(sql);
      await db.query('insert into app.migrations (name) values ($1)', [name]);
      logger.info({ migration: name }, "Migrated the app's tables.");
    }
  });
}
