import type { Database } from '../db/executor.ts';
import { migrations } from './migrations/index.ts';

/**
 * Brings the schema `seatbelt` up to date and says which migrations ran. Safe to call from several processes at once:
 * they wait for each other by a lock that ends with the transaction, so it works behind a transaction-mode pooler.
 */
export async function migrate(database: Database): Promise<{ ran: string[]; total: number }> {
  return database.transaction(async (tx) => {
    await tx.executeSql(`select pg_advisory_xact_lock(hashtext('seatbelt.migrations'))`, []);
    await tx.executeSql(`create schema if not exists seatbelt`, []);
    await tx.executeSql(
      `create table if not exists seatbelt.migrations (name text primary key, ran_at timestamptz not null default now())`,
      [],
    );
    const { rows } = await tx.executeSql(`select name from seatbelt.migrations`, []);
    const done = new Set(rows.map((row) => String(row.name)));
    const ran: string[] = [];
    for (const migration of migrations) {
      if (done.has(migration.name)) continue;
      for (const statement of statementsOf(migration.sql)) await tx.executeSql(statement, []);
      await tx.executeSql(`insert into seatbelt.migrations (name) values ($1)`, [migration.name]);
      ran.push(migration.name);
    }
    return { ran, total: migrations.length };
  });
}

/**
 * One statement at a time: clients that send parameters take only one per call.
 * A statement ends with a semicolon at the end of a line outside a dollar-quoted body.
 */
export function statementsOf(sql: string): string[] {
  const statements: string[] = [];
  let current = '';
  let quoted = false;
  for (const line of sql.split('\n')) {
    if ((line.match(/\$\$/g) ?? []).length % 2 === 1) quoted = !quoted;
    current += `${line}\n`;
    if (!quoted && line.trimEnd().endsWith(';')) {
      statements.push(current.trim());
      current = '';
    }
  }
  if (current.trim() !== '') throw new Error(`A migration ends without a semicolon: ${current.trim().slice(0, 80)}`);
  return statements;
}
