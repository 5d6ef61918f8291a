import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { systemCode } from './embedded-postgres/problem.ts';
import { FolderNotOurs, ownFolder } from './own-folder.ts';

const gibibyte = 1024 ** 3;
// A test run's clusters have been seen to take a third of one; the rest is for what runs beside them.
const roomBytes = 3 * gibibyte;
const memoryBytes = 6 * gibibyte;
// TMPFS_MAGIC of linux/magic.h.
const tmpfs = 0x01021994;
const sharedMemory = '/dev/shm';

/**
 * Where clusters of tests lie that live a minute and wait for no disk: in memory, where Linux has a place in it with enough
 * room, otherwise beside the cache. A test run makes and removes a thousand databases of three hundred files each, and a disk
 * that has just removed files looks at each of them again before it makes a new one.
 */
export function scratchDirectory(): string {
  return inMemory() ?? cacheDirectory();
}

/** Every place where a killed process may have left one: there was more or less memory then than now. */
export function scratchDirectories(): string[] {
  const memory = sharedMemoryFolder();
  return memory === undefined ? [cacheDirectory()] : [memory, cacheDirectory()];
}

function inMemory(): string | undefined {
  if (process.availableMemory() < memoryBytes) return undefined;
  const folder = sharedMemoryFolder();
  if (folder === undefined) return undefined;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < roomBytes ? undefined : folder;
}

function sharedMemoryFolder(): string | undefined {
  const uid = process.getuid?.() ?? -1;
  if (process.platform !== 'linux' || uid < 0) return undefined;
  try {
    if (statfsSync(sharedMemory).type !== tmpfs) return undefined;
    return ownFolder(join(sharedMemory, `seatbelt-${uid}`));
  } catch (error) {
    // There is none, it is closed to us, or somebody else has made our folder: the disk serves as well.
    if (error instanceof FolderNotOurs || systemCode(error) !== undefined) return undefined;
    throw error;
  }
}
