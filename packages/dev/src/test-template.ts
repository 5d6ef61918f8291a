import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from 'seatbelt';

const migrations = join(import.meta.dirname, '../../engine/src/store/migrations');

// Chosen at random; the lock is taken in the maintenance database, which nobody else uses for locks.
const templateLock = 7_283_411;

const templates = new Map<string, Promise<string>>();

/** The name of a database on that server with the engine's schema in it, made if this state of the migrations has none yet. */
export function migratedTemplate(serverUrl: string): Promise<string> {
  const known = templates.get(serverUrl);
  if (known !== undefined) return known;
  const making = makeTemplate(serverUrl);
  templates.set(serverUrl, making);
  return making;
}

async function makeTemplate(serverUrl: string): Promise<string> {
  const name = `template_${migrationsDigest()}`;
  await onServer(serverUrl, async (client) => {
    // Tests run in processes of their own; the first one makes the template and the others wait for it.
    await client.query('select pg_advisory_lock($1)', [templateLock]);
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount !== 0) return;
    // Under another name until it is complete: whoever is killed in between leaves no half template.
    await client.query(`drop database if exists ${name}_unfinished with (force)`);
    await client.query(`create database ${name}_unfinished template template0`);
    await migrateForTests(withDatabase(serverUrl, `${name}_unfinished`));
    await client.query(`alter database ${name}_unfinished rename to ${name}`);
  });
  return name;
}

/** Puts the engine's schema into a database, by the engine's own migrations. */
export async function migrateForTests(url: string): Promise<void> {
  await migrate(url);
}

/** The migrations as they are now: another digest, another template. */
function migrationsDigest(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(migrations).sort()) {
    hash.update(name).update(readFileSync(join(migrations, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Runs something on a connection of its own to the server's maintenance database. */
export async function onServer<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
