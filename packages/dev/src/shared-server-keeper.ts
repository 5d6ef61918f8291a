import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import pg from 'pg';
import { type PostgresVersion, startPostgres } from './embedded-postgres/index.ts';
import { takeLock } from './process-lock.ts';
import { keeperPlaces, sharedServerSettings } from './shared-server.ts';

// Long enough to edit a test and run it again.
const lingerMs = 60_000;

const version: PostgresVersion = process.argv[2] === '15' ? 15 : 18;
const { folder, socket } = keeperPlaces(version);

const lock = await takeLock(`keeper ${folder}`);
// Another keeper is at work: whoever started this one will find it.
if (lock === undefined) process.exit(0);
// We hold the lock, so nobody listens there.
rmSync(socket, { force: true });

const server = await startPostgres({
  dataDir: folder,
  version,
  durable: false,
  settings: sharedServerSettings,
});
await dropLeftDatabases(server.url);

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
  server.stop().then(() => process.exit(0));
}

/** Tests that were killed could not drop theirs. */
async function dropLeftDatabases(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const left = await client.query<{ datname: string }>(
      "select datname from pg_database where datname like 'test\\_%' or datname like 'template\\_%'",
    );
    for (const { datname } of left.rows) await client.query(`drop database ${datname} with (force)`);
  } finally {
    await client.end();
  }
}
