import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCode } from './embedded-postgres/problem.ts';

/**
 * The folder for things that can be made again: PostgreSQL's binaries, the tests' server. Root's is in a place that
 * other users can read, because PostgreSQL runs as another user then and root's home is closed to it.
 */
export function cacheDirectory(): string {
  const uid = process.getuid?.() ?? -1;
  const home = uid === 0 ? '/var/cache' : (process.env.XDG_CACHE_HOME ?? cacheAtHome());
  const places = [...(home === undefined ? [] : [join(home, 'seatbelt')]), join(tmpdir(), `seatbelt-${uid}`)];

  const failures: Error[] = [];
  for (const place of places) {
    try {
      // A strict umask must not close the folder to the server's user.
      if (mkdirSync(place, { recursive: true }) !== undefined) chmodSync(place, 0o755);
      const made = statSync(place);
      // Programs are started from here, so nobody else may have put them there.
      if (uid >= 0 && made.uid !== uid) throw new Error(`${place} belongs to another user`);
      if ((made.mode & 0o022) !== 0) throw new Error(`${place} can be written by other users`);
      return place;
    } catch (error) {
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  const why = failures.map(({ message }) => message).join('; ');
  throw new AggregateError(
    failures,
    `No folder for cached files could be used: tried ${places.join(' and ')} (${why}).`,
  );
}

function cacheAtHome(): string | undefined {
  try {
    const home = homedir();
    return home === '' ? undefined : join(home, '.cache');
  } catch (error) {
    // Neither HOME nor an entry in /etc/passwd: a container that runs as any number.
    if (systemCode(error) === 'ERR_SYSTEM_ERROR') return undefined;
    throw error;
  }
}
