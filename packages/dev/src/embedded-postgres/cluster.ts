import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Binaries, PostgresVersion } from './binaries.ts';
import { PostgresProblem, systemCode } from './problem.ts';
import { type ServerUser, userCan } from './server-user.ts';

type ClusterOptions = { version: PostgresVersion; sync: boolean };

/** The role that initdb makes and that everything connects as. */
export const superuser = 'postgres';

/** A fresh cluster takes 39 MB and its first write-ahead log another 16; less than this is trouble within minutes. */
const freshClusterBytes = 150 * 1024 * 1024;

/** Where a root process keeps a cluster whose wished-for place the server's user cannot reach. */
const rootsClusters = '/var/lib/seatbelt';

/** The folder that really holds the cluster at `dataDir` (`dataDir` may be a symlink to it), or undefined if there is none. */
export function existingCluster(dataDir: string): string | undefined {
  if (!existsSync(dataDir)) {
    // A symlink to nothing: whoever removed the cluster left the link.
    if (lstatSync(dataDir, { throwIfNoEntry: false })?.isSymbolicLink()) unlinkSync(dataDir);
    return undefined;
  }
  return realpathSync(dataDir);
}

/** Checks that an existing folder is a cluster of the version we are about to run; changes nothing. */
export function checkCluster(folder: string, version: PostgresVersion): void {
  let found: string;
  try {
    found = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    if (systemCode(error) === 'EACCES') {
      throw new PostgresProblem(
        'not_permitted',
        `The data directory ${folder} belongs to another user. It was probably made by starting as root; start as the same user again, or remove it to begin with an empty database.`,
        { cause: error },
      );
    }
    if (!existsSync(folder)) {
      throw new PostgresProblem(
        'not_a_cluster',
        `The data directory ${folder} is not there any more. Somebody removed it; start again, and an empty database is made in its place.`,
        { cause: error },
      );
    }
    throw new PostgresProblem(
      'not_a_cluster',
      `${folder} exists and is not a PostgreSQL data directory (it has no readable PG_VERSION). Move it away, and an empty database is made in its place.`,
      { cause: error },
    );
  }
  if (found === String(version)) return;
  throw new PostgresProblem(
    'version_differs',
    `The data directory ${folder} was made by PostgreSQL ${found}, and this is PostgreSQL ${version}, which cannot read it. Dump it with version ${found} if you need what is in it, then move it away.`,
  );
}

/** The generated password of the superuser. It lies in the data directory, which only the server's user can open. */
export function readPassword(folder: string): string {
  try {
    return readFileSync(passwordFile(folder), 'utf8').trim();
  } catch (error) {
    throw new PostgresProblem(
      'password_missing',
      `The password of the database in ${folder} cannot be read (${passwordFile(folder)}). Without it nobody can connect; move the directory away, or put the file back.`,
      { cause: error },
    );
  }
}

export function passwordFile(folder: string): string {
  return join(folder, 'seatbelt-password');
}

/**
 * Makes an empty cluster at `dataDir` and returns the folder that holds it.
 *
 * It is made beside its goal and renamed when it is complete with its password, so that a kill in the middle leaves
 * nothing that looks like a cluster. `sync: false` is for clusters that live a minute: nothing waits for the disk, and the
 * password, which is random and long, is not hashed four thousand times for each of their many connections.
 */
export async function createCluster(
  dataDir: string,
  binaries: Binaries,
  user: ServerUser,
  options: ClusterOptions,
): Promise<string> {
  const goal = await preparedPlace(dataDir, user);
  const unfinished = `${goal}.unfinished-${process.pid}`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    giveTo(user, unfinished);
    const password = randomBytes(24).toString('base64url');
    await initdb(binaries, user, unfinished, password, options);
    await rename(unfinished, goal);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    const code = systemCode(error);
    // Somebody else finished a cluster in the same place meanwhile: theirs is the one that counts.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return goal;
    throw cannotBeMade(goal, error);
  }
  if (goal !== resolve(dataDir)) symlinkSync(goal, dataDir);
  return goal;
}

async function preparedPlace(dataDir: string, user: ServerUser): Promise<string> {
  try {
    const goal = await placeFor(dataDir, user);
    await requireSpace(dirname(goal));
    await removeUnfinished(goal);
    return goal;
  } catch (error) {
    throw cannotBeMade(resolve(dataDir), error);
  }
}

function cannotBeMade(goal: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === 'ENOSPC') return diskFull(goal, error);
  if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') return error;
  return new PostgresProblem(
    'not_permitted',
    `The data directory ${goal} cannot be made: ${(error as Error).message}.`,
    { cause: error },
  );
}

async function placeFor(dataDir: string, user: ServerUser): Promise<string> {
  const wished = resolve(dataDir);
  const parent = dirname(wished);
  await mkdir(parent, { recursive: true });
  if (userCan(user, '-x', parent)) return join(realpathSync(parent), basename(wished));
  // Root's home or a mktemp folder: nobody else may pass, and opening somebody's folders is not ours to do. So the
  // cluster goes where such things live, and a symlink stands in the wished-for place.
  mkdirSync(rootsClusters, { recursive: true });
  chmodSync(rootsClusters, 0o755);
  return join(rootsClusters, `${basename(wished)}-${randomBytes(6).toString('hex')}`);
}

async function requireSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= freshClusterBytes) return;
  throw new PostgresProblem(
    'disk_full',
    `${folder} has ${megabytes(bavail * bsize)} MB left, and a fresh database needs ${megabytes(freshClusterBytes)} MB.`,
  );
}

export function diskFull(folder: string, cause?: unknown): PostgresProblem {
  return new PostgresProblem(
    'disk_full',
    `There is no space left on the disk of ${folder}. Free some and start again; nothing that was committed is lost.`,
    { cause },
  );
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}

function giveTo(user: ServerUser, path: string): void {
  if (user.ids.uid !== undefined) chownSync(path, user.ids.uid, user.ids.gid);
}

async function initdb(
  binaries: Binaries,
  user: ServerUser,
  folder: string,
  password: string,
  options: ClusterOptions,
): Promise<void> {
  // initdb wants an empty folder, so the password waits beside it.
  const waiting = `${folder}.password`;
  writeFileSync(waiting, `${password}\n`, { mode: 0o600 });
  giveTo(user, waiting);
  try {
    const flags = [
      `--pgdata=${folder}`,
      `--username=${superuser}`,
      `--pwfile=${waiting}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The same sort order and the same English messages on every machine.
      '--no-locale',
      ...(options.sync ? [] : ['--no-sync']),
      // Older versions have no such setting.
      ...(options.sync || options.version < 16 ? [] : ['--set', 'scram_iterations=1']),
    ];
    const outcome = await run(binaries.initdb, flags, user);
    if (outcome.code !== 0) throw initdbProblem(folder, outcome);
    writeFileSync(passwordFile(folder), `${password}\n`, { mode: 0o600 });
    giveTo(user, passwordFile(folder));
  } finally {
    rmSync(waiting, { force: true });
  }
}

function initdbProblem(folder: string, outcome: { code: number | null; output: string }): PostgresProblem {
  if (/No space left on device/i.test(outcome.output)) return diskFull(folder);
  if (/Permission denied/i.test(outcome.output)) {
    return new PostgresProblem('not_permitted', `PostgreSQL may not write to ${folder}: ${lastLines(outcome.output)}`);
  }
  return new PostgresProblem(
    'did_not_start',
    `PostgreSQL could not make a database in ${folder}: ${lastLines(outcome.output)}`,
  );
}

function run(program: string, flags: string[], user: ServerUser): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, flags, {
      ...user.ids,
      cwd: '/',
      env: serverEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** The server gets nothing of ours: no Stripe key has any business in its environment. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

/** The last words of a program that failed; the first ones are what went well. At most two thousand characters. */
export function lastLines(output: string): string {
  return output
    .replaceAll('\0', '')
    .slice(-2_000)
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-3)
    .join(' / ');
}

/** What an interrupted creation left. The process id in the name says whether somebody is still at it. */
export async function removeUnfinished(goal: string): Promise<void> {
  for (const name of await readdir(dirname(goal))) {
    const owner = name.startsWith(`${basename(goal)}.unfinished-`)
      ? Number.parseInt(name.split('.unfinished-')[1] ?? '', 10)
      : Number.NaN;
    if (Number.isNaN(owner) || (owner !== process.pid && isAlive(owner))) continue;
    await rm(join(dirname(goal), name), { recursive: true, force: true });
  }
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
