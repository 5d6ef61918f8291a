import type { Executor } from '../db/executor.ts';
import { migrations } from './migrations/index.ts';

/** What an operator has to know of the server, as far as this role may see it. Works on a database without our schema. */
export interface ServerFacts {
  /** As `server_version_num`: 180004 is 18.4. */
  readonly versionNumber: number;
  readonly version: string;
  /** A standby, which takes no writes. */
  readonly inRecovery: boolean;
  readonly readOnly: boolean;
  /** The server's time, milliseconds since 1970. */
  readonly now: number;
  readonly synchronousCommit: string;
  readonly synchronousStandbyNames: string;
  /**
   * Standbys that receive from this server, by `sync_state`. Details need the role `pg_monitor`; without it a standby
   * counts as `unknown`.
   */
  readonly standbys: Readonly<Record<string, number>>;
  /** The backend that ran this statement: another one than the connection was told at its start means a pooler. */
  readonly backendPid: number;
  readonly schema: {
    /** Migrations of this version of Seatbelt that have not run here; all of them where there is no schema. */
    readonly missing: readonly string[];
    /** Migrations that ran here and that this version does not know: the database is newer. */
    readonly unknown: readonly string[];
    readonly known: number;
  };
}

export async function readServerFacts(db: Executor): Promise<ServerFacts> {
  const { rows } = await db.executeSql(
    /* sql */ `
select current_setting('server_version_num')::int as version_number,
       current_setting('server_version') as version,
       pg_is_in_recovery() as in_recovery,
       current_setting('transaction_read_only') = 'on' as read_only,
       (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now,
       current_setting('synchronous_commit') as synchronous_commit,
       current_setting('synchronous_standby_names') as synchronous_standby_names,
       (select coalesce(jsonb_object_agg(state, standbys), '{}')
          from (select coalesce(sync_state, 'unknown') as state, count(*) as standbys
                  from pg_stat_replication group by 1) as by_state)::text as standbys,
       pg_backend_pid() as backend_pid,
       to_regclass('seatbelt.migrations') is not null as has_schema`,
    [],
  );
  const row = rows[0];
  if (!row) throw new Error('Bug: the facts of the server are one row.');
  const ran = row.has_schema === true ? await readMigrations(db) : [];
  const known = migrations.map(({ name }) => name);
  return {
    versionNumber: Number(row.version_number),
    version: String(row.version),
    inRecovery: row.in_recovery === true,
    readOnly: row.read_only === true,
    now: Number(row.now),
    synchronousCommit: String(row.synchronous_commit),
    synchronousStandbyNames: String(row.synchronous_standby_names),
    standbys: JSON.parse(String(row.standbys)) as Record<string, number>,
    backendPid: Number(row.backend_pid),
    schema: {
      missing: known.filter((name) => !ran.includes(name)),
      unknown: ran.filter((name) => !known.includes(name)),
      known: known.length,
    },
  };
}

async function readMigrations(db: Executor): Promise<string[]> {
  const { rows } = await db.executeSql(`select name from seatbelt.migrations order by name`, []);
  return rows.map((row) => String(row.name));
}
