import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAbandonedCluster } from '../embedded-postgres/start.ts';
import { identify, isRunning, type KernelProcess } from '../supervisor/kernel-process.ts';
import { readJson, writeJson } from '../supervisor/state-directory.ts';

const prefix = 'seatbelt-demo-faults-';

/** A folder for one run. What runs that were killed have left, a database included, is cleared away first. */
export async function temporaryStateFolder(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const left = join(tmpdir(), name);
    const owner = readJson<KernelProcess>(join(left, 'owner.json'));
    if (owner !== undefined && !isRunning(owner)) await removeStateFolder(left);
  }
  const folder = await mkdtemp(join(tmpdir(), prefix));
  writeJson(join(folder, 'owner.json'), identify(process.pid));
  return folder;
}

export async function removeStateFolder(folder: string): Promise<void> {
  await removeAbandonedCluster(join(folder, 'postgres'));
  await rm(folder, { recursive: true, force: true });
}
