import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Random } from '../../random.ts';
import type { Place } from '../place/place.ts';
import type { StrikeLog } from './log.ts';

/** What can happen to PostgreSQL, in turn, so that every kind gets its share. */
export const databaseFaultKinds = ['immediate_stop', 'postmaster_kill', 'backend_kill', 'backend_terminated'] as const;
export type DatabaseFault = (typeof databaseFaultKinds)[number];

/** How long the database stays away after a crash of the whole of it. */
const awayMs = [20, 700] as const;
/** After a backend was killed the server restarts itself; how long it may take before that is a fault of its own. */
const backWithinMs = 20_000;

/** Crashes of PostgreSQL, whole and in parts. What was committed has to be there afterwards. */
export class DatabaseFaults {
  readonly #place: Place;
  readonly #random: Random;
  readonly #log: StrikeLog;
  readonly counts: Record<DatabaseFault, number> = {
    immediate_stop: 0,
    postmaster_kill: 0,
    backend_kill: 0,
    backend_terminated: 0,
  };

  constructor(place: Place, random: Random, log: StrikeLog) {
    this.#place = place;
    this.#random = random;
    this.#log = log;
  }

  async strike(kind: DatabaseFault): Promise<void> {
    switch (kind) {
      case 'immediate_stop':
        await this.#crash('immediate', 'pg_ctl stop -m immediate');
        break;
      case 'postmaster_kill':
        await this.#crash('sigkill', 'SIGKILL of the postmaster');
        break;
      case 'backend_kill':
        await this.#endBackend(
          'SIGKILL of one backend, after which PostgreSQL restarts all of them',
          async (pid, _client, gone) => {
            process.kill(pid, 'SIGKILL');
            // Until the server has noticed, it still takes connections, and looks as if it were back.
            await gone;
          },
        );
        await this.#whenBack();
        break;
      case 'backend_terminated':
        await this.#endBackend('pg_terminate_backend of one connection', async (pid, client) => {
          await client.query('select pg_terminate_backend($1)', [pid]);
        });
        break;
    }
    this.counts[kind] += 1;
  }

  async #crash(kind: 'immediate' | 'sigkill', what: string): Promise<void> {
    const { postgres, children } = this.#place;
    this.#log.note('database_crash', null, what);
    await postgres.crash(kind);
    await pause(this.#random.between(...awayMs));
    await postgres.restart();
    if (postgres.pid !== undefined) children.guard(postgres.pid);
  }

  /** One that is in the middle of a statement, if there is one at this moment. */
  /** @param end `gone`: the connection that asks has ended, as all do when a backend is killed. */
  async #endBackend(
    what: string,
    end: (pid: number, client: pg.Client, gone: Promise<void>) => Promise<void>,
  ): Promise<void> {
    await this.#whenBack();
    const client = new pg.Client({ connectionString: this.#place.databaseUrl });
    // The connection that asks goes down with all others.
    client.on('error', () => undefined);
    const gone = new Promise<void>((resolve) => client.once('end', () => resolve()));
    await client.connect();
    try {
      const { rows } = await client.query(
        `select pid from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
          order by state = 'active' desc, random() limit 1`,
      );
      const pid = Number(rows[0]?.pid);
      if (!Number.isSafeInteger(pid)) throw new Error('No server of the product is connected to PostgreSQL.');
      this.#log.note('backend_end', null, what);
      await end(pid, client, gone);
    } finally {
      // It may be gone already; there is nothing left to end then.
      await client.end().catch(() => undefined);
    }
  }

  async #whenBack(): Promise<void> {
    const deadline = Date.now() + backWithinMs;
    for (;;) {
      const client = new pg.Client({ connectionString: this.#place.databaseUrl });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query('select 1');
        return;
      } catch (error) {
        if (Date.now() > deadline) throw new Error('PostgreSQL did not come back by itself.', { cause: error });
        await pause(50);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }
}
