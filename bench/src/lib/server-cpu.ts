import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';

/** Linux counts CPU time in these; the number is part of its interface to programs. */
const ticksPerSecond = 100;

interface Times {
  readonly parent: number;
  /** CPU time of the process, in milliseconds. */
  readonly ownMs: number;
  /** CPU time of its children that have ended. */
  readonly endedChildrenMs: number;
}

/**
 * CPU time that a PostgreSQL on this machine has used so far, in milliseconds: its first process, the children that it
 * has, and those that ended. null where the system does not tell (it is Linux that keeps `/proc`).
 */
export async function serverCpuMs(pool: pg.Pool): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  const backend = rows[0] && (await timesOf(rows[0].pid));
  const first = backend && (await timesOf(backend.parent));
  if (!backend || !first) return null;
  let total = first.ownMs + first.endedChildrenMs;
  for (const name of await readdir('/proc')) {
    const times = /^\d+$/.test(name) ? await timesOf(Number(name)) : null;
    if (times?.parent === backend.parent) total += times.ownMs;
  }
  return total;
}

/** null: the process has ended meanwhile. */
async function timesOf(pid: number): Promise<Times | null> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
  // The name stands in parentheses and may hold anything; what is counted comes after the last of them.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent, user, system, endedUser, endedSystem] = [fields[1], fields[11], fields[12], fields[13], fields[14]];
  if (parent === undefined || user === undefined || system === undefined) throw new Error(`Cannot read: ${stat}`);
  const ms = (ticks: number) => (ticks * 1_000) / ticksPerSecond;
  return { parent, ownMs: ms(user + system), endedChildrenMs: ms((endedUser ?? 0) + (endedSystem ?? 0)) };
}
