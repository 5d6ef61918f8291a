import { chmodSync, lstatSync, statSync } from 'node:fs';
import { makeFolder } from './make-folder.ts';

/** A folder that is there, and that is not ours alone. */
export class FolderNotOurs extends Error {
  override readonly name = 'FolderNotOurs';
}

/**
 * Makes that folder if it is not there and returns it. Others may read it, because PostgreSQL runs as another user where we
 * are root; programs are started from such folders, so nobody else may have put anything there.
 *
 * @throws FolderNotOurs where it, or a link that stands there, is another user's, or where another user could write to it
 */
export function ownFolder(place: string): string {
  const uid = process.getuid?.() ?? -1;
  // A strict umask must not close the folder to the server's user.
  if (makeFolder(place)) chmodSync(place, 0o755);
  const made = statSync(place);
  if (uid >= 0 && (made.uid !== uid || lstatSync(place).uid !== uid)) {
    throw new FolderNotOurs(`${place} belongs to another user`);
  }
  if ((made.mode & 0o022) !== 0) throw new FolderNotOurs(`${place} can be written by other users`);
  return place;
}
