import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheDirectory } from './cache-directory.ts';
import type { PostgresVersion } from './embedded-postgres/index.ts';

const servers = new Map<PostgresVersion, Promise<string>>();

/**
 * The URL of the PostgreSQL that tests share. `npm test` starts one and tells by SEATBELT_TEST_POSTGRES (and
 * SEATBELT_TEST_POSTGRES_15). A test file that runs alone asks the keeper for one: a small process that starts a
 * server, keeps it while anybody uses it and for a minute more, and then ends with it, so that running one test again
 * and again takes no start-up time and leaves nothing behind.
 */
export function sharedServerUrl(version: PostgresVersion): Promise<string> {
  const given = process.env[sharedServerVariable(version)];
  if (given !== undefined) return Promise.resolve(given);
  const known = servers.get(version);
  if (known !== undefined) return known;
  const asking = askKeeper(version);
  servers.set(version, asking);
  return asking;
}

export function sharedServerVariable(version: PostgresVersion): string {
  return version === 18 ? 'SEATBELT_TEST_POSTGRES' : `SEATBELT_TEST_POSTGRES_${version}`;
}

/** How a server runs that tests share. */
export const sharedServerSettings = { max_connections: 300 };

/** Where the keeper of that version listens, and where it writes what went wrong. */
export function keeperPlaces(version: PostgresVersion): { socket: string; log: string } {
  const name = join(cacheDirectory(), `test-server-${version}`);
  const beside = `${name}.sock`;
  // The system cuts the path of a socket at 107 bytes.
  const socket =
    beside.length < 100 ? beside : join(tmpdir(), `seatbelt-${userInfo().uid}-test-server-${version}.sock`);
  return { socket, log: `${name}.log` };
}

// Starting a server takes a second; eight test files that start at once on a busy machine take longer.
const keeperWithinMs = 60_000;

async function askKeeper(version: PostgresVersion): Promise<string> {
  const { socket, log } = keeperPlaces(version);
  const deadline = performance.now() + keeperWithinMs;
  let keeper: { failed: boolean; ended: boolean } | undefined;
  for (;;) {
    const url = await holdConnection(socket);
    if (url !== undefined) return url;
    if (keeper?.failed === true || performance.now() > deadline) {
      throw new Error(`The tests' PostgreSQL ${version} did not start: ${readFileSync(log, 'utf8').trim()}`);
    }
    // A keeper that ended well found another one at work, which may have been about to end.
    if (keeper === undefined || keeper.ended) keeper = spawnKeeper(version, log);
    await pause(25);
  }
}

/** Reads the URL from the keeper and stays connected, which is what keeps the server running, until this process ends. */
function holdConnection(socket: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('error', () => resolve(undefined));
    connection.once('close', () => resolve(undefined));
    connection.once('data', (line: Buffer) => {
      connection.unref();
      resolve(line.toString().trim());
    });
  });
}

function spawnKeeper(version: PostgresVersion, log: string): { failed: boolean; ended: boolean } {
  mkdirSync(cacheDirectory(), { recursive: true });
  const output = openSync(log, 'w');
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'shared-server-keeper.ts'), String(version)],
    // NODE_TEST_CONTEXT would make it report to a test runner that is not listening.
    {
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    },
  );
  child.unref();
  const state = { failed: false, ended: false };
  child.once('exit', (code) => {
    state.ended = true;
    state.failed = code !== 0;
  });
  return state;
}
