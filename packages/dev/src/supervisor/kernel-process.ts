import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { systemCode } from '../embedded-postgres/problem.ts';

/** A process beyond doubt, because numbers are reused, but not with the same starting time; unless that is `unknown`. */
export type KernelProcess = { processId: number; startedAt: string };

const unknown = 'unknown';

/** What the system calls that process now, or undefined if there is none. */
export function identify(processId: number): KernelProcess | undefined {
  if (process.platform !== 'linux') return isAlive(processId) ? identifyByPs(processId) : undefined;
  const fields = statFields(processId);
  if (fields === undefined) return undefined;
  // A dead process that nobody has reaped yet is in state Z. So is one whose other threads are still going down, and
  // until the last of them is gone it holds its ports.
  if (fields[0] === 'Z' && threadsOf(processId) <= 1) return undefined;
  return { processId, startedAt: fields[19] ?? unknown };
}

/** True while exactly that process runs, and also while nobody can tell whether it does. */
export function isRunning({ processId, startedAt }: KernelProcess): boolean {
  const now = identify(processId);
  if (now === undefined) return false;
  return now.startedAt === startedAt || now.startedAt === unknown || startedAt === unknown;
}

/** True while exactly that process runs, so that a signal to its number reaches nobody else. */
export function isSurelyRunning({ processId, startedAt }: KernelProcess): boolean {
  return startedAt !== unknown && identify(processId)?.startedAt === startedAt;
}

/** The parent of that process, where the system tells. */
export function parentOf(processId: number): number | undefined {
  const parent = statFields(processId)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** /proc/<pid>/stat from the third field on, which is the state; the second is a name and may hold anything. */
function statFields(processId: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

function threadsOf(processId: number): number {
  try {
    return readdirSync(`/proc/${processId}/task`).length;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(systemCode(error) ?? '')) return 0;
    throw error;
  }
}

/** For a living process, by ps: BSD and macOS know `stat` and `lstart` (to the second) as Linux does; POSIX has neither. */
function identifyByPs(processId: number): KernelProcess | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(processId)], {
    encoding: 'utf8',
    // Two starts are to read the same time, whatever language and time zone they run in.
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  });
  const [, state, startedAt] = /^\s*(\S+)\s+(\S.*\S)\s*$/.exec(status === 0 ? stdout : '') ?? [];
  if (state === undefined || startedAt === undefined) return { processId, startedAt: unknown };
  return state.startsWith('Z') ? undefined : { processId, startedAt };
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
