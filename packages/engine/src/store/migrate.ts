import { type Database, databaseLimits, type Executor } from '../db/executor.ts';
import { migrations } from './migrations/index.ts';

/**
 * Brings the schema `seatbelt` up to date and says which migrations ran. Safe to call from several processes at once:
 * they wait for each other by a lock that ends with the transaction, so it works behind a transaction-mode pooler.
 */
export async function migrate(database: Database): Promise<{ ran: string[]; total: number }> {
  const total = migrations.length;
  // An app whose role may not change the schema asks at every start, and nothing is in its way while all is done.
  const before = await readDone(database);
  if (before !== null && migrations.every(({ name }) => before.has(name))) return { ran: [], total };
  const work = async (tx: Executor) => {
    await tx.executeSql(`select pg_advisory_xact_lock(hashtext('seatbelt.migrations'))`, []);
    const done = (await readDone(tx)) ?? (await begin(tx));
    const ran: string[] = [];
    for (const migration of migrations) {
      if (done.has(migration.name)) continue;
      for (const statement of statementsOf(migration.sql)) {
        if (statement !== schemaStatement) await tx.executeSql(statement, []);
      }
      await tx.executeSql(`insert into seatbelt.migrations (name) values ($1)`, [migration.name]);
      ran.push(migration.name);
    }
    return { ran, total };
  };
  return database.transaction(work, { statementTimeoutMs: databaseLimits.migrationTimeoutMs });
}

/**
 * The names of the migrations that ran; null where none ever did.
 *
 * The catalog's rows are read, and no name is looked up: a connection that has once looked one up in vain remembers that
 * through its transaction, also when it has waited there for whoever makes it.
 */
async function readDone(db: Executor): Promise<ReadonlySet<string> | null> {
  const begun = await db.executeSql(
    `select exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = 'seatbelt' and c.relname = 'migrations') as begun`,
    [],
  );
  if (begun.rows[0]?.begun !== true) return null;
  const { rows } = await db.executeSql(`select name from seatbelt.migrations`, []);
  return new Set(rows.map((row) => String(row.name)));
}

/**
 * What the first migration begins with. It wants the right to make schemas also where the schema is there, and by then it
 * always is.
 */
const schemaStatement = 'create schema if not exists seatbelt;';

async function begin(tx: Executor): Promise<ReadonlySet<string>> {
  const { rows } = await tx.executeSql(
    `select exists (select from pg_catalog.pg_namespace where nspname = 'seatbelt') as there`,
    [],
  );
  if (rows[0]?.there !== true) await tx.executeSql(`create schema seatbelt`, []);
  await tx.executeSql(
    `create table seatbelt.migrations (name text primary key, ran_at timestamptz not null default now())`,
    [],
  );
  return new Set();
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
