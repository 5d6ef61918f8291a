import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCode } from './embedded-postgres/problem.ts';
import { ownFolder } from './own-folder.ts';

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
      return ownFolder(place);
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
