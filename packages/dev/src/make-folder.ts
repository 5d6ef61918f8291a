import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from './embedded-postgres/problem.ts';

/**
 * Makes that folder and those above it; `mode` is for itself alone. Node's own way (`recursive`) tries for ever where a
 * folder that is there refuses a new one with ENOENT, as /proc does.
 *
 * @returns whether it was not there
 */
export function makeFolder(folder: string, mode = 0o777): boolean {
  if (isFolder(folder)) return false;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  try {
    mkdirSync(folder, { mode });
    return true;
  } catch (error) {
    // Somebody else made it at the same moment.
    if (systemCode(error) === 'EEXIST' && isFolder(folder)) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
