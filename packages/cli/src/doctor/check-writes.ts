import pg from 'pg';
import type { ServerFacts } from 'seatbelt/operator';
import { problemOf } from '../problem.ts';
import { type Finding, fail, ok } from './finding.ts';

/** About a megabyte, so that it needs new pages whatever room was left in old ones. */
const rows = 16_384;

/**
 * A table of its own is all new files, where one of ours may have free room inside that hides a full disk. Its making is
 * written to the log and waited for like every commit; nothing of it is there afterwards. Several statements sent as one are
 * one transaction, which a pooler keeps together.
 */
const filling = /* sql */ `
set local temp_tablespaces = '';
create temporary table seatbelt_doctor (filling text) on commit drop;
insert into pg_temp.seatbelt_doctor select md5(n::text) from generate_series(1, ${rows}) as n`;

/** For a role that may make no temporary table: a commit of a megabyte of the log, which no table sees. */
const logging = /* sql */ `select pg_logical_emit_message(true, 'seatbelt doctor', repeat('x', ${rows * 64}))`;

/** Whether a commit goes through: a server whose disk is full reads, and says of itself that it takes writes. */
export async function checkWrites(client: pg.Client, { inRecovery, readOnly }: ServerFacts): Promise<Finding> {
  if (inRecovery || readOnly) {
    return fail(
      'database_writable',
      inRecovery ? 'This is a standby, which takes no writes.' : 'Transactions are read-only here.',
      'Point DATABASE_URL at the primary.',
    );
  }
  try {
    return ok('database_writable', await written(client));
  } catch (error) {
    const { message } = problemOf(error);
    return codeOf(error) === '53100'
      ? fail('database_writable', `There is no room for what is written: ${message}`, 'Make room on the server’s disk.')
      : fail('database_writable', `A commit did not go through: ${message}`, 'Look into the server’s log.');
  }
}

/** Says what went through. @throws what the server refuses */
async function written(client: pg.Client): Promise<string> {
  try {
    await client.query(filling);
    return 'It takes writes: one was committed, and left nothing.';
  } catch (error) {
    if (codeOf(error) !== '42501') throw error;
    await client.query(logging);
    return 'It takes commits; whether its tables have room was not tried, since this role may make no temporary one.';
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
