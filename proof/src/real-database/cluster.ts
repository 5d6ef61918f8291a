/**
 * A real PostgreSQL of the proof's own, with some databases in it that schedules take in turn. Nothing waits for the disk:
 * what a crash of the server leaves behind is for another part, this one is about connections.
 */
import { type PrivatePostgres, privatePostgres } from '@seatbelt/dev/test-database';
import { onServer, withDatabase } from '@seatbelt/dev/test-template';
import { Slot } from './slot.ts';
import { addConflicts, lookAtVirtualClock, migrateUnderVirtualClock } from './virtual-clock.ts';

/** Before every schedule's beginning. */
const longAgo = Date.UTC(2027, 0, 1);

export interface Cluster {
  /** One for each database; a schedule is run on it, and then the next one. */
  readonly urls: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startCluster(databases: number, version: 15 | 18 = 18): Promise<Cluster> {
  const server: PrivatePostgres = await privatePostgres({
    version,
    template: 'empty',
    settings: {
      synchronous_commit: 'off',
      wal_level: 'minimal',
      max_wal_senders: 0,
      autovacuum: 'off',
      jit: 'off',
      // A session of the proof has one client after the other; planning each statement anew for each is most of what it costs.
      plan_cache_mode: 'force_generic_plan',
      max_connections: 200,
    },
  });
  try {
    if (version >= 16) {
      // Sessions are ended by the thousand here, and a password that takes a millisecond to check is not what is tested.
      const { username, password } = new URL(server.url);
      await onServer(server.url, async (client) => {
        await client.query('alter system set scram_iterations = 1');
        await client.query('select pg_reload_conf()');
        await client.query('set scram_iterations = 1');
        await client.query(`alter role ${username} password '${password}'`);
      });
    }
    await onServer(server.url, (client) => client.query('create database proof template template0'));
    const first = withDatabase(server.url, 'proof');
    await migrateUnderVirtualClock(first, 'session', longAgo);
    await addConflicts(first);
    const urls: string[] = [];
    for (let number = 1; number <= databases; number += 1) {
      await onServer(server.url, (client) => client.query(`create database proof_${number} template proof`));
      const url = withDatabase(server.url, `proof_${number}`);
      await lookAtVirtualClock(url, longAgo);
      urls.push(url);
    }
    return { urls, [Symbol.asyncDispose]: () => server.remove() };
  } catch (error) {
    await server.remove();
    throw error;
  }
}

/** Runs `work` with a database of a schedule, and leaves no session behind. */
export async function withSlot<T>(url: string, work: (slot: Slot) => Promise<T>): Promise<T> {
  const slot = await Slot.open(url);
  try {
    return await work(slot);
  } finally {
    await slot.close();
  }
}
