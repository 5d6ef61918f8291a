import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort, isPortFree, listenTrouble } from '../free-port.ts';
import { type ProcessLock, takeLock } from '../process-lock.ts';
import { type Binaries, findBinaries, type PostgresVersion } from './binaries.ts';
import {
  checkCluster,
  createCluster,
  diskFull,
  existingCluster,
  lastLines,
  readPassword,
  removeUnfinished,
  serverEnvironment,
  superuser,
} from './cluster.ts';
import { PostgresProblem, systemCode } from './problem.ts';
import { allGone, killAll, readPostmaster, stopLeftovers } from './running.ts';
import { chooseServerUser, type ServerUser } from './server-user.ts';

export type StartPostgresOptions = {
  /** Where the cluster lives; made on the first start. May become a symlink if the server's user cannot reach it. */
  dataDir: string;
  /** Default: any free port, another one each time. */
  port?: number;
  /** Take any other port when `port` is taken or not permitted, instead of refusing. Default false. */
  anyPortIfTaken?: boolean;
  /** Default 18. */
  version?: PostgresVersion;
  /** Server settings (`{ max_connections: 20 }`), on top of ours. */
  settings?: Record<string, string | number | boolean>;
  /** The database that `url` names; made if it is not there. Default `postgres`. */
  database?: string;
  /** False for clusters that live a minute: nothing waits for the disk. A crash of the server still loses nothing. Default true. */
  durable?: boolean;
};

/** A running PostgreSQL of our own. */
export type EmbeddedPostgres = {
  /** With the generated password in it; do not print it. */
  url: string;
  port: number;
  version: PostgresVersion;
  /** The folder that really holds the cluster. */
  dataDir: string;
  /** What the server writes to its log. */
  logFile: string;
  /** The postmaster's process id; another one after `restart`. Undefined while it is down. */
  readonly pid: number | undefined;
  /** True if a server that a killed process had left on this cluster was stopped first. */
  replacedLeftover: boolean;
  /** Shuts down in order, everything written to disk. Does nothing when it is already down. */
  stop(): Promise<void>;
  /** `immediate`: as `pg_ctl stop -m immediate`. `sigkill`: the postmaster gets no last word. Resolves when every backend is gone. */
  crash(kind: 'immediate' | 'sigkill'): Promise<void>;
  /** Starts it again on the same port, after `stop`, after `crash`, or while it runs (then it is stopped first). */
  restart(): Promise<void>;
  /** Calls back when the server ends without having been asked to. */
  onUnexpectedEnd(listener: (sentence: string) => void): void;
};

// Starting takes 60 ms, and recovery after a crash of a large cluster some seconds more.
const startWithinMs = 60_000;

/**
 * Starts a real PostgreSQL on 127.0.0.1, making its cluster first if need be. Works as root (the server then runs as
 * `postgres` or `nobody`, or as the owner of the cluster) and as an ordinary user. A server that a killed process left
 * on the cluster is stopped and replaced; nothing committed is lost.
 *
 * @throws PostgresProblem with a sentence for a person.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<EmbeddedPostgres> {
  const version = options.version ?? 18;
  const lock = await takeClusterLock(options.dataDir);
  try {
    return await startLocked(options, version, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Removes a cluster with everything in it, after stopping a server that is left on it, unless a living process uses it.
 * For clusters that were to live a minute and whose owner was killed.
 */
export async function removeAbandonedCluster(dataDir: string): Promise<void> {
  const lock = await takeLock(`postgres ${resolve(dataDir)}`);
  if (lock === undefined) return;
  try {
    const folder = existingCluster(dataDir);
    if (folder === undefined) return await removeUnfinished(resolve(dataDir));
    await stopLeftovers(folder);
    await rm(folder, { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  } finally {
    await lock.release();
  }
}

async function takeClusterLock(dataDir: string): Promise<ProcessLock> {
  const lock = await takeLock(`postgres ${resolve(dataDir)}`);
  if (lock !== undefined) return lock;
  throw new PostgresProblem(
    'in_use',
    `The database in ${dataDir} is in use by another process of yours that is still running. Stop that one first.`,
  );
}

async function startLocked(
  options: StartPostgresOptions,
  version: PostgresVersion,
  firstLock: ProcessLock,
): Promise<EmbeddedPostgres> {
  let lock: ProcessLock | undefined = firstLock;
  const existing = existingCluster(options.dataDir);
  if (existing !== undefined) checkCluster(existing, version);
  const user = chooseServerUser(existing);
  const binaries = await findBinaries(version, user);
  const durable = options.durable ?? true;
  const folder = existing ?? (await createCluster(options.dataDir, binaries, user, { version, sync: durable }));
  const password = readPassword(folder);
  const replacedLeftover = await stopLeftovers(folder);

  const logFile = join(folder, 'server.log');
  const flags = settingsFlags({
    listen_addresses: '127.0.0.1',
    // No socket file: its path is limited to 107 bytes, and /tmp may not be writable.
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: false, full_page_writes: false }),
    ...options.settings,
  });
  const launched = await launchOnPort(options.port, options.anyPortIfTaken ?? false, (port) =>
    launch(binaries, user, folder, logFile, [`-p${port}`, ...flags]),
  );
  const port = launched.port;
  let child: ChildProcess | undefined = launched.child;
  let unexpectedEnd: (sentence: string) => void = () => {};

  const watch = (server: ChildProcess) => {
    const stopAtExit = () => server.kill('SIGINT');
    process.on('exit', stopAtExit);
    server.once('exit', () => {
      process.off('exit', stopAtExit);
      if (child !== server) return;
      child = undefined;
      unexpectedEnd(`PostgreSQL ended unexpectedly: ${lastLines(readLog(logFile))}`);
    });
  };
  watch(launched.child);

  const end = async (name: NodeJS.Signals, withinMs: number) => {
    const server = child;
    if (server === undefined) return;
    // From here on its end is expected.
    child = undefined;
    if (!(await endsWithin(server, name, withinMs))) {
      // The fast way did not do; the write-ahead log brings everything back.
      await endsWithin(server, 'SIGKILL', 5_000);
    }
    // A backend may outlive its postmaster by a moment, and could still commit in it.
    if (!(await allGone(folder, 2_000))) await killAll(folder);
  };
  const address = (database: string) =>
    `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const database = options.database ?? 'postgres';
  try {
    if (database !== 'postgres') await ensureDatabase(address('postgres'), database);
  } catch (error) {
    await end('SIGINT', 10_000);
    throw error;
  }

  return {
    url: address(database),
    port,
    version,
    dataDir: folder,
    logFile,
    replacedLeftover,
    get pid() {
      return child?.pid;
    },
    async stop() {
      await end('SIGINT', 30_000);
      await lock?.release();
      lock = undefined;
    },
    async crash(kind) {
      await end(kind === 'immediate' ? 'SIGQUIT' : 'SIGKILL', 10_000);
    },
    async restart() {
      await end('SIGINT', 30_000);
      lock ??= await takeClusterLock(options.dataDir);
      checkCluster(folder, version);
      const server = await launch(binaries, user, folder, logFile, [`-p${port}`, ...flags]);
      child = server;
      watch(server);
    },
    onUnexpectedEnd(listener) {
      unexpectedEnd = listener;
    },
  };
}

/** A free port can be taken by another program before the server binds it; then the next one is tried. */
async function launchOnPort(
  wished: number | undefined,
  orAny: boolean,
  start: (port: number) => Promise<ChildProcess>,
): Promise<{ child: ChildProcess; port: number }> {
  if (wished !== undefined) {
    try {
      const free = await isPortFree(wished).catch((error: unknown) => {
        throw portRefused(wished, error);
      });
      if (!free) throw portTaken(wished);
      return { child: await start(wished), port: wished };
    } catch (error) {
      if (!orAny || !isPortProblem(error)) throw error;
    }
  }
  for (let attempt = 1; ; attempt++) {
    const port = await freePort().catch((error: unknown) => {
      throw portRefused('any', error);
    });
    try {
      return { child: await start(port), port };
    } catch (error) {
      if (attempt === 5 || !isPortProblem(error)) throw error;
    }
  }
}

function isPortProblem(error: unknown): boolean {
  return error instanceof PostgresProblem && (error.code === 'port_taken' || error.code === 'port_not_permitted');
}

function portRefused(port: number | 'any', error: unknown): unknown {
  const trouble = listenTrouble(error);
  if (trouble === undefined || !(error instanceof Error)) return error;
  if (trouble === 'not_permitted' && port !== 'any') return portNotPermitted(port, error);
  return new PostgresProblem('did_not_start', `PostgreSQL cannot listen on 127.0.0.1: ${error.message}.`, {
    cause: error,
  });
}

function portNotPermitted(port: number, cause?: unknown): PostgresProblem {
  return new PostgresProblem(
    'port_not_permitted',
    `Port ${port} on 127.0.0.1 may not be listened on by the user that PostgreSQL runs as.`,
    { cause },
  );
}

function portTaken(port: number): PostgresProblem {
  return new PostgresProblem('port_taken', `Port ${port} on 127.0.0.1 is taken by another program.`);
}

function settingsFlags(settings: Record<string, string | number | boolean>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
    return ['-c', `${name}=${text}`];
  });
}

/** Starts the server and resolves when it accepts connections. Its log goes to a file, so that it does not depend on us. */
async function launch(
  binaries: Binaries,
  user: ServerUser,
  folder: string,
  logFile: string,
  flags: string[],
): Promise<ChildProcess> {
  const log = openLog(logFile);
  const child = spawn(binaries.postgres, ['-D', folder, ...flags], {
    ...user.ids,
    cwd: '/',
    env: serverEnvironment(),
    // In a process group of its own: Ctrl-C in a terminal must reach the supervisor first and the database last.
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  // A server is no reason for the program that started it to stay alive; it is stopped at exit.
  child.unref();
  let ended: string | undefined;
  child.once('exit', (code, signal) => {
    ended = `ended with ${signal ?? `code ${code}`}`;
  });
  child.once('error', (error) => {
    ended = error.message;
  });

  const deadline = performance.now() + startWithinMs;
  for (;;) {
    if (ended !== undefined) throw startProblem(folder, readLog(logFile), ended, flags);
    const postmaster = await readPostmaster(folder);
    if (postmaster?.ready === true && postmaster.processId === child.pid) return child;
    if (performance.now() > deadline) {
      child.kill('SIGQUIT');
      throw startProblem(folder, readLog(logFile), `was not ready within ${startWithinMs / 1000} s`, flags);
    }
    // The server tells of its readiness in postmaster.pid only; pg_ctl looks there too, ten times a second.
    await pause(10);
  }
}

function startProblem(folder: string, log: string, ending: string, flags: string[]): PostgresProblem {
  if (/No space left on device/i.test(log)) return diskFull(folder);
  const port = Number(flags[0]?.slice('-p'.length));
  if (/could not bind .*Permission denied/i.test(log)) return portNotPermitted(port);
  if (/Address already in use|could not bind/i.test(log)) return portTaken(port);
  return new PostgresProblem('did_not_start', `PostgreSQL on ${folder} ${ending}: ${lastLines(log)}`);
}

function openLog(logFile: string): number {
  try {
    // Emptied, and then appended to: what a dying server of before still writes at its old place would fill the file with zeros.
    closeSync(openSync(logFile, 'w', 0o600));
    return openSync(logFile, 'a', 0o600);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new PostgresProblem('not_permitted', `PostgreSQL's log cannot be written: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function readLog(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8');
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return `its log cannot be read (${(error as Error).message})`;
  }
}

/** Signals the server and waits for its end, at most `withinMs`. Unlike its running, its ending is worth staying alive for. */
function endsWithin(child: ChildProcess, name: NodeJS.Signals, withinMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(true);
  return new Promise((done) => {
    const timer = setTimeout(() => {
      child.off('exit', onExit);
      done(false);
    }, withinMs);
    const onExit = () => {
      clearTimeout(timer);
      done(true);
    };
    child.once('exit', onExit);
    child.kill(name);
  });
}

async function ensureDatabase(maintenanceUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenanceUrl });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
