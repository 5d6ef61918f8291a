import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { cacheDirectory } from './cache-directory.ts';
import {
  type EmbeddedPostgres,
  type PostgresVersion,
  removeAbandonedCluster,
  startPostgres,
} from './embedded-postgres/index.ts';
import { ownFolder } from './own-folder.ts';
import { scratchDirectories, scratchDirectory } from './scratch-directory.ts';
import { sharedServerUrl } from './shared-server.ts';
import { migratedTemplate, migrateForTests, withDatabase } from './test-template.ts';

export type TestDatabaseOptions = {
  /** Which PostgreSQL. Default 18; 15 is the oldest that the engine supports. */
  version?: PostgresVersion;
  /** `migrated` (the default): the engine's schema is there. `empty`: nothing is. */
  template?: 'migrated' | 'empty';
};

/** A database of a test's own on the run's shared server. */
export type TestDatabase = {
  url: string;
  /** A pool on it, made when first asked for; `drop` ends it. */
  readonly pool: pg.Pool;
  /** Disconnects whoever is still connected and removes the database. */
  drop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

let made = 0;

/**
 * A fresh database, copied from a template in some 15 ms. Tests that use it run side by side: nothing but the server
 * is shared. `npm test` starts the server; a test file that runs alone finds or starts one by itself.
 *
 *     await using database = await testDatabase();
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const serverUrl = await sharedServerUrl(options.version ?? 18);
  const template = options.template === 'empty' ? 'template0' : await migratedTemplate(serverUrl);
  made += 1;
  const name = `test_${process.pid}_${made}_${Date.now().toString(36)}`;
  const server = maintenance(serverUrl);
  // The other way writes each file into the write-ahead log as well.
  await server.query(`create database ${name} template ${template} strategy file_copy`);

  const url = withDatabase(serverUrl, name);
  let pool: pg.Pool | undefined;
  const drop = async () => {
    await pool?.end();
    pool = undefined;
    await server.query(`drop database if exists ${name} with (force)`);
  };
  return {
    url,
    get pool() {
      pool ??= poolThatMayBeCut(url);
      return pool;
    },
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

const maintaining = new Map<string, pg.Pool>();

/** Connections that make and drop databases: the same ones for all tests of a file, and no reason for it to stay alive. */
function maintenance(serverUrl: string): pg.Pool {
  const known = maintaining.get(serverUrl);
  if (known !== undefined) return known;
  const pool = new pg.Pool({ connectionString: serverUrl, max: 2, allowExitOnIdle: true });
  pool.on('error', () => {});
  maintaining.set(serverUrl, pool);
  return pool;
}

/** A server of a test's own, for tests that stop it, crash it or change its settings. */
export type PrivatePostgres = EmbeddedPostgres & {
  /** Stops the server and removes everything it had. */
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts a server that nobody else uses, in about 0.7 s. `template: 'migrated'` puts the engine's schema into its database.
 * `onDisk` is for whoever measures or judges what waits for one; otherwise it lies in memory where there is room.
 */
export async function privatePostgres(
  options: TestDatabaseOptions & {
    settings?: Record<string, string | number | boolean>;
    port?: number;
    onDisk?: boolean;
  } = {},
): Promise<PrivatePostgres> {
  for (const place of scratchDirectories()) await removeAbandonedServers(join(place, privateServers));
  const folder = ownFolder(join(options.onDisk === true ? cacheDirectory() : scratchDirectory(), privateServers));
  made += 1;
  const dataDir = join(folder, `${process.pid}-${made}-${Date.now().toString(36)}`);
  const server = await startPostgres({
    dataDir,
    durable: false,
    database: 'seatbelt',
    version: options.version ?? 18,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  const remove = async () => {
    await server.stop();
    await rm(server.dataDir, { recursive: true, force: true });
  };
  if (options.template !== 'empty') await migrateForTests(server.url);
  return Object.assign(server, { remove, [Symbol.asyncDispose]: remove });
}

const privateServers = 'private-servers';

/** Tests get killed too; what they left is removed by the next one that wants a server. */
async function removeAbandonedServers(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const names = (await readdir(folder)).map((name) => name.replace(/\.unfinished-.*$/, ''));
  for (const name of new Set(names)) await removeAbandonedCluster(join(folder, name));
}

/**
 * A pool that reports a cut connection at the next query only; an idle client's error would otherwise end the process.
 * Also for a pool that is ended before its database is dropped: `end` resolves while its connections are still closing,
 * and what the server says to them then would be nobody's error.
 */
export function poolThatMayBeCut(url: string, max = 8): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on('error', () => {});
  return pool;
}
