import { chmodSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { FolderNotOurs, ownFolder } from './own-folder.ts';

/**
 * Where our programs keep what Node has compiled from one start to the next; it halves the time until they do something.
 * Undefined where no folder is ours alone: Node runs what lies there, and its own choice is a known name in everybody's
 * temporary folder.
 */
export function compileCacheFolder(): string | undefined {
  try {
    const folder = ownFolder(join(cacheDirectory(), 'compiled'));
    // What Node makes in it follows the umask, whatever that is.
    chmodSync(folder, 0o700);
    return folder;
  } catch (error) {
    if (error instanceof AggregateError || error instanceof FolderNotOurs) return undefined;
    throw error;
  }
}

/** Has this program keep what is compiled from now on, so what is large is loaded after it. */
export function keepCompiled(): void {
  const folder = process.env.NODE_COMPILE_CACHE || compileCacheFolder();
  if (folder !== undefined) enableCompileCache(folder);
}
