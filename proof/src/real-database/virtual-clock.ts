/**
 * A database whose time is ours, under production's own SQL. PostgreSQL looks a function up along the search path, and
 * `pg_catalog` comes first only where the path does not name it: with `proof_clock` before it, the `now()` and
 * `clock_timestamp()` of every statement of the engine, and of every column default that its migrations make, are these.
 * Not one character of a statement is changed for it.
 */
import { databaseOf } from '../../../packages/engine/src/db/executor.ts';
import { migrate } from '../../../packages/engine/src/store/migrate.ts';

/** Where the time comes from: a row that anybody can write, or the session that asks (`set proof.now`, in milliseconds). */
export type ClockSource = 'row' | 'session';

const readings: Record<ClockSource, string> = {
  row: `select now from proof_clock.time`,
  session: `select timestamptz 'epoch' + current_setting('proof.now')::bigint * interval '1 millisecond'`,
};

/**
 * Gives an empty database a clock of ours and then the engine's schema, by the engine's own migrations.
 * @param url an empty database; connections made from now on see the clock.
 */
export async function migrateUnderVirtualClock(url: string, source: ClockSource, beganAt: number): Promise<void> {
  await run(url, [
    `create schema proof_clock`,
    `create table proof_clock.time (now timestamptz not null)`,
    `insert into proof_clock.time values ('${new Date(beganAt).toISOString()}')`,
    `create function proof_clock.now() returns timestamptz language sql stable as $$ ${readings[source]} $$`,
    `create function proof_clock.clock_timestamp() returns timestamptz language sql stable as $$ ${readings[source]} $$`,
  ]);
  await lookAtVirtualClock(url, beganAt);
  const database = databaseOf(url, { maxConnections: 1 });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
}

/** A copy of a database has its functions, and not its settings. */
export async function lookAtVirtualClock(url: string, beganAt: number): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await run(url, [
    `alter database ${name} set search_path = proof_clock, pg_catalog`,
    `alter database ${name} set proof.now = '${beganAt}'`,
    `alter database ${name} set proof.struck = 'off'`,
  ]);
}

/** Lets the server turn down, now and then, what another transaction was in the way of: `set proof.struck = 'on'`. */
export async function addConflicts(url: string): Promise<void> {
  await run(url, [
    `create function proof_clock.strike() returns trigger language plpgsql as $$
begin
  raise exception 'could not serialize access due to concurrent update' using errcode = 'serialization_failure';
end $$`,
    `create trigger struck before update on seatbelt.accounts for each row
       when (current_setting('proof.struck') = 'on') execute function proof_clock.strike()`,
  ]);
}

async function run(url: string, statements: readonly string[]): Promise<void> {
  const database = databaseOf(url, { maxConnections: 1 });
  try {
    for (const statement of statements) await database.executeSql(statement, []);
  } finally {
    await database.close();
  }
}

/** Everything of the engine's, removed; the audit trail too, which refuses that from anybody who is not a superuser at it. */
export const emptyEverything = /* sql */ `
set session_replication_role = replica;
delete from seatbelt.audit; delete from seatbelt.host_events; delete from seatbelt.incidents; delete from seatbelt.pushes;
delete from seatbelt.seats; delete from seatbelt.seat_changes; delete from seatbelt.quotes; delete from seatbelt.stripe_events;
delete from seatbelt.mark_reasons; delete from seatbelt.accounts; delete from seatbelt.installation;
delete from seatbelt.installation_audit;
set session_replication_role = origin;`;
