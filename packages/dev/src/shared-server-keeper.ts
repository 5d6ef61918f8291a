import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type PostgresVersion, removeAbandonedCluster, startPostgres } from './embedded-postgres/index.ts';
import { takeLock } from './process-lock.ts';
import { scratchDirectories, scratchDirectory } from './scratch-directory.ts';
import { keeperPlaces, sharedServerSettings } from './shared-server.ts';

// Long enough to edit a test and run it again.
const lingerMs = 60_000;

const version: PostgresVersion = process.argv[2] === '15' ? 15 : 18;
const { socket } = keeperPlaces(version);
// One user may have several homes, and a keeper for each.
const own = createHash('sha256').update(socket).digest('hex').slice(0, 8);
const cluster = (place: string) => join(place, `test-server-${version}-${own}`);

const lock = await takeLock(`keeper ${socket}`);
// Another keeper is at work: whoever started this one will find it.
if (lock === undefined) process.exit(0);
// We hold the lock, so nobody listens there.
rmSync(socket, { force: true });

// A keeper that was killed left its own, with databases of tests that were killed.
for (const place of scratchDirectories()) await removeAbandonedCluster(cluster(place));
const server = await startPostgres({
  dataDir: cluster(scratchDirectory()),
  version,
  durable: false,
  settings: sharedServerSettings,
});

const door = createServer((connection) => {
  // A client that is killed resets its connection; it is gone, which is all there is to know.
  connection.on('error', () => connection.destroy());
  connection.on('close', endWhenUnused);
  connection.write(`${server.url}\n`);
});
door.listen(socket, () => {
  chmodSync(socket, 0o600);
  endWhenUnused();
});
process.once('SIGTERM', end);
server.onUnexpectedEnd((sentence) => {
  console.error(sentence);
  process.exit(1);
});

let lingering: NodeJS.Timeout | undefined;

function endWhenUnused(): void {
  clearTimeout(lingering);
  lingering = setTimeout(() => {
    door.getConnections((error, count) => {
      if (error !== null || count === 0) end();
    });
  }, lingerMs);
}

/** Closes the door first: from then on a newcomer finds nobody and starts the next keeper, which waits for our lock. */
function end(): void {
  door.close();
  server
    .stop()
    .then(() => rm(server.dataDir, { recursive: true, force: true }))
    .then(() => process.exit(0));
}
