import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PostgresProblem, systemCode } from './problem.ts';

/** What a running server says about itself in postmaster.pid (src/include/utils/pidfile.h). */
export type Postmaster = { processId: number; port: number; ready: boolean };

/** Reads postmaster.pid, or returns undefined if there is none or if it is still being written. */
export async function readPostmaster(folder: string): Promise<Postmaster | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n').map((line) => line.trim());
  const processId = Number(lines[0]);
  if (!Number.isInteger(processId) || processId <= 0) return undefined;
  return { processId, port: Number(lines[3]), ready: lines[7] === 'ready' };
}

/**
 * Every process of a server on that folder, the postmaster and its backends. PostgreSQL works from within its data
 * directory, so the kernel knows which processes belong to it, also when postmaster.pid is gone or names a process
 * number that somebody else has by now. Elsewhere than on Linux only postmaster.pid can be asked.
 */
export async function serverProcesses(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') {
    const postmaster = await readPostmaster(folder);
    return postmaster !== undefined && exists(postmaster.processId) ? [postmaster.processId] : [];
  }
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    if ((await isPostgresIn(name, folder)) === true) found.push(Number(name));
  }
  return found;
}

async function isPostgresIn(name: string, folder: string): Promise<boolean> {
  try {
    if ((await readlink(`/proc/${name}/cwd`)) !== folder) return false;
    return (await readFile(`/proc/${name}/comm`, 'utf8')).trim() === 'postgres';
  } catch (error) {
    // It ended while we looked, or it is another user's: not a server of ours.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

/**
 * Takes down whatever runs on that folder and was left by a process that is gone. A fast shutdown writes everything to
 * disk; if it takes too long the processes are killed, which loses no committed transaction either, because the next
 * start replays the write-ahead log. Returns whether there was anything.
 */
export async function stopLeftovers(folder: string): Promise<boolean> {
  const postmaster = await readPostmaster(folder);
  const processes = await serverProcesses(folder);
  if (processes.length > 0) {
    const shutsDown = postmaster !== undefined && processes.includes(postmaster.processId);
    if (shutsDown) signal(postmaster.processId, 'SIGINT');
    if (!shutsDown || !(await allGone(folder, 10_000))) await killAll(folder);
  }
  // Nothing of the server is left, but the process number in this file may be another program's by now, or that of a
  // dead process which nobody has reaped (a container without an init). PostgreSQL would refuse to start for either.
  await rm(join(folder, 'postmaster.pid'), { force: true });
  return processes.length > 0;
}

/** Kills every process of the server and waits until the kernel has taken them. */
export async function killAll(folder: string): Promise<void> {
  for (const processId of await serverProcesses(folder)) signal(processId, 'SIGKILL');
  if (await allGone(folder, 5_000)) return;
  throw new PostgresProblem(
    'did_not_stop',
    `A PostgreSQL that was left running on ${folder} does not end, not even by SIGKILL (processes ${(await serverProcesses(folder)).join(', ')}).`,
  );
}

/** Waits until no process of the server is left, at most `withinMs`. They are not our children, so there is only looking. */
export async function allGone(folder: string, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while ((await serverProcesses(folder)).length > 0) {
    if (performance.now() > deadline) return false;
    await pause(20);
  }
  return true;
}

function signal(processId: number, name: NodeJS.Signals): void {
  try {
    process.kill(processId, name);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

function exists(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
