import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import pg from 'pg';
import { usableBinaries } from '../src/embedded-postgres/binaries.ts';
import { lastLines } from '../src/embedded-postgres/cluster.ts';
import { type StartPostgresOptions, startPostgres } from '../src/embedded-postgres/index.ts';
import { serverProcesses } from '../src/embedded-postgres/running.ts';
import { chooseServerUser } from '../src/embedded-postgres/server-user.ts';

const isRoot = process.getuid?.() === 0;
const scratch = mkdtempSync(join(tmpdir(), 'seatbelt-embedded-'));
// A mktemp folder is closed to others, and most tests here are about something else.
chmodSync(scratch, 0o755);
after(() => rmSync(scratch, { recursive: true, force: true }));

/** These clusters live a minute, so nothing waits for the disk; the server itself may crash all the same. */
const start = (options: StartPostgresOptions) => startPostgres({ durable: false, ...options });

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** Starts a Node process that starts PostgreSQL, and waits until it has printed the URL. */
async function startInAnotherProcess(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  const script = `
    import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, '../src/embedded-postgres/index.ts'))};
    const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(server.url);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(child.stdout);
  const [url] = await once(createInterface(child.stdout), 'line');
  return { child, url };
}

test('after kill -9 of Node the next start replaces the server it left, and loses nothing', async () => {
  const dataDir = join(scratch, 'orphan');
  const { child, url } = await startInAnotherProcess(dataDir);
  await ask(url, 'create table kept as select 42 as n');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const orphans = await serverProcesses(dataDir);
  assert.notEqual(orphans.length, 0, 'the server outlives the Node process that started it');

  const server = await start({ dataDir });
  assert.equal(server.replacedLeftover, true);
  assert.deepEqual(await ask(server.url, 'select n from kept'), [42]);
  const now = await serverProcesses(dataDir);
  assert.deepEqual(
    orphans.filter((processId) => now.includes(processId)),
    [],
  );
  await server.stop();
  assert.deepEqual(await serverProcesses(dataDir), []);
});

test('a log that was emptied under its server is written on from its beginning, and its last words are short', async () => {
  const server = await start({ dataDir: join(scratch, 'log') });
  truncateSync(server.logFile, 0);
  await assert.rejects(ask(server.url, 'select nothing_of_the_kind'));
  const log = readFileSync(server.logFile, 'utf8');
  assert.match(log, /nothing_of_the_kind/);
  assert.doesNotMatch(log, /\0/, 'what is before it would be a hole, read as zeros');
  assert.equal(lastLines(`first\nsecond\n${'\0'.repeat(10_000)}the end`), 'first / second / the end');
  assert.ok(lastLines('x'.repeat(10_000)).length <= 2_000);
  await server.stop();
});

test('a server that does not answer to a shutdown any more is replaced too', async () => {
  const dataDir = join(scratch, 'frozen');
  const { child, url } = await startInAnotherProcess(dataDir);
  await ask(url, 'create table kept as select 42 as n');
  child.kill('SIGKILL');
  await once(child, 'exit');
  // Only the backends are left, as after a kill of the postmaster under memory pressure.
  const postmaster = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  process.kill(postmaster, 'SIGSTOP');
  for (const processId of await serverProcesses(dataDir)) {
    if (processId !== postmaster) process.kill(processId, 'SIGSTOP');
  }
  process.kill(postmaster, 'SIGKILL');

  const server = await start({ dataDir });
  assert.deepEqual(await ask(server.url, 'select n from kept'), [42]);
  await server.stop();
});

test('a living process keeps its server: a second start says so', async () => {
  const dataDir = join(scratch, 'in-use');
  const { child, url } = await startInAnotherProcess(dataDir);
  await assert.rejects(start({ dataDir }), { code: 'in_use', message: /still running/ });
  assert.deepEqual(await ask(url, 'select 1'), [1]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await start({ dataDir })).stop();
});

test('a process number that somebody else has by now does not keep the server from starting', async () => {
  const dataDir = join(scratch, 'reused');
  const first = await start({ dataDir });
  await first.crash('sigkill');
  await first.stop();
  const file = join(dataDir, 'postmaster.pid');
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, [String(process.ppid), ...lines.slice(1)].join('\n'));
  const second = await start({ dataDir });
  assert.deepEqual(await ask(second.url, 'select 1'), [1]);
  await second.stop();
});

test('a taken port is named', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const address = squatter.address();
  assert.ok(address !== null && typeof address === 'object');
  await assert.rejects(start({ dataDir: join(scratch, 'port'), port: address.port }), {
    code: 'port_taken',
    message: new RegExp(`Port ${address.port} .* is taken`),
  });
  squatter.close();
});

test('a data directory of another version is left alone, and both versions are named', async () => {
  const dataDir = join(scratch, 'older');
  const older = await start({ dataDir, version: 15 });
  assert.match(String((await ask(older.url, 'show server_version'))[0]), /^15\./);
  await older.stop();
  await assert.rejects(start({ dataDir, version: 18 }), {
    code: 'version_differs',
    message: /made by PostgreSQL 15, and this is PostgreSQL 18/,
  });
  assert.equal(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim(), '15');
});

test('a folder that is something else is left alone', async () => {
  const dataDir = join(scratch, 'holiday-pictures');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'beach.txt'), 'sand');
  await assert.rejects(start({ dataDir }), { code: 'not_a_cluster' });
  assert.deepEqual(readdirSync(dataDir), ['beach.txt']);
});

test('an interrupted first start leaves nothing that looks like a cluster, and the next one tidies up', async () => {
  const dataDir = join(scratch, 'interrupted');
  // A process number above the kernel's largest: nobody has it.
  mkdirSync(`${dataDir}.unfinished-4194305`);
  const server = await start({ dataDir });
  await server.stop();
  assert.deepEqual(
    readdirSync(scratch).filter((name) => name.startsWith('interrupted')),
    ['interrupted'],
  );
});

test('the password is generated, kept in the data directory, and only its owner may read it', async () => {
  const one = await start({ dataDir: join(scratch, 'password-one') });
  const other = await start({ dataDir: join(scratch, 'password-other') });
  const passwordOf = (url: string) => new URL(url).password;
  assert.notEqual(passwordOf(one.url), passwordOf(other.url));
  assert.equal(statSync(join(one.dataDir, 'seatbelt-password')).mode & 0o777, 0o600);
  const withoutPassword = new URL(one.url);
  withoutPassword.password = 'guess';
  await assert.rejects(ask(withoutPassword.href, 'select 1'), { code: '28P01' });
  await one.stop();
  await other.stop();
});

test('the server is given nothing of our environment', async () => {
  process.env.STRIPE_SECRET_KEY = 'sk_test_not_for_postgres';
  try {
    const server = await start({ dataDir: join(scratch, 'environment') });
    const environment = readFileSync(`/proc/${server.pid}/environ`, 'utf8');
    assert.match(environment, /TZ=UTC/);
    assert.doesNotMatch(environment, /STRIPE/);
    await server.stop();
  } finally {
    delete process.env.STRIPE_SECRET_KEY;
  }
});

/** The npm package as its install script leaves it (whether or not that ran here), in a folder that can be damaged. */
function copyOfPackage(name: string): string {
  const installed = dirname(dirname(binariesPackageEntry()));
  const copy = join(scratch, name);
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true });
  removeSymlinks(copy);
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(copy, 'native', 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) symlinkSync(basename(source), join(copy, target));
  return copy;
}

function binariesPackageEntry(): string {
  return execFileSync(
    process.execPath,
    ['-p', `require.resolve('@embedded-postgres/${process.platform}-${process.arch}')`],
    { cwd: import.meta.dirname, encoding: 'utf8' },
  ).trim();
}

function removeSymlinks(folder: string): number {
  let removed = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    rmSync(join(entry.parentPath, entry.name));
    removed += 1;
  }
  return removed;
}

test('without install scripts the symlinks are recreated, also when two processes do it at once', async () => {
  const packageFolder = copyOfPackage('without-scripts');
  assert.notEqual(removeSymlinks(packageFolder), 0);
  const cache = join(scratch, 'cache');
  mkdirSync(cache);
  const user = chooseServerUser(undefined);
  const found = await Promise.all([1, 2, 3].map(() => usableBinaries(packageFolder, user, () => cache)));
  for (const binaries of found) {
    assert.ok(binaries.postgres.startsWith(cache));
    const answer = spawnSync(binaries.postgres, ['--version'], { ...user.ids, encoding: 'utf8' });
    assert.match(answer.stdout, /^postgres \(PostgreSQL\) 18\./);
  }
  assert.equal(readdirSync(cache).length, 1, 'one copy and nothing unfinished');
});

test('an intact package is used where it is', async () => {
  const cache = join(scratch, 'unused-cache');
  mkdirSync(cache);
  const packageFolder = copyOfPackage('intact');
  const binaries = await usableBinaries(packageFolder, chooseServerUser(undefined), () => cache);
  assert.ok(binaries.postgres.startsWith(packageFolder));
  assert.deepEqual(readdirSync(cache), []);
});

test('an install path that only its owner can read is copied for the server’s user', {
  skip: isRoot ? false : 'an ordinary user runs the server as themselves, who can read it',
}, async () => {
  const packageFolder = copyOfPackage('closed/package');
  chmodSync(dirname(packageFolder), 0o700);
  const cache = join(scratch, 'cache-for-closed');
  mkdirSync(cache);
  const user = chooseServerUser(undefined);
  const binaries = await usableBinaries(packageFolder, user, () => cache);
  assert.ok(binaries.postgres.startsWith(cache));
  assert.equal(spawnSync(binaries.initdb, ['--version'], { ...user.ids }).status, 0);
});

test('a data directory that the server’s user cannot reach becomes a symlink to one that it can', {
  skip: isRoot ? false : 'an ordinary user runs the server as themselves, who can reach it',
}, async () => {
  const closed = mkdtempSync(join(tmpdir(), 'seatbelt-closed-'));
  const dataDir = join(closed, 'postgres');
  const server = await start({ dataDir });
  try {
    assert.equal(statSync(closed).mode & 0o777, 0o700, 'nobody opened the folder');
    assert.equal(lstatSync(dataDir).isSymbolicLink(), true);
    await ask(server.url, 'create table kept as select 42 as n');
    await server.stop();
    const again = await start({ dataDir });
    assert.deepEqual(await ask(again.url, 'select n from kept'), [42]);
    await again.stop();
  } finally {
    await server.stop();
    rmSync(realpathSync(dataDir), { recursive: true, force: true });
    rmSync(closed, { recursive: true, force: true });
  }
});

/** An ordinary user for a while: `nobody`, with a home of their own. */
function asOrdinaryUser(home: string, script: string): { status: number | null; output: string } {
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    uid: 65_534,
    gid: 65_534,
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

const closedToOthers = isRoot && spawnSync(process.execPath, ['--version'], { uid: 65_534, gid: 65_534 }).status !== 0;

test('an ordinary user starts it as well as root', {
  skip: !isRoot
    ? 'the other tests here run as an ordinary user already'
    : closedToOthers
      ? 'this checkout cannot be read by other users'
      : false,
}, () => {
  const home = mkdtempSync(join(tmpdir(), 'seatbelt-home-'));
  execFileSync('chown', ['65534:65534', home]);
  const { status, output } = asOrdinaryUser(
    home,
    `
    import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, '../src/embedded-postgres/index.ts'))};
    const server = await startPostgres({ dataDir: ${JSON.stringify(join(home, 'data'))} });
    await server.crash('sigkill');
    await server.restart();
    await server.stop();
    console.log('stopped in order as', process.getuid());
  `,
  );
  assert.match(output, /stopped in order as 65534/);
  assert.equal(status, 0);
  assert.equal(statSync(join(home, 'data')).uid, 65_534);
  rmSync(home, { recursive: true, force: true });
});

test('root takes over the cluster of an ordinary user by running the server as them', {
  skip: isRoot ? false : 'needs root',
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'seatbelt-home-'));
  chmodSync(home, 0o755);
  execFileSync('chown', ['65534:65534', home]);
  const first = await start({ dataDir: join(home, 'data') });
  await first.stop();
  execFileSync('chown', ['-R', '65534:65534', home]);
  const second = await start({ dataDir: join(home, 'data') });
  assert.equal(statSync(`/proc/${second.pid}`).uid, 65_534);
  await second.stop();
  rmSync(home, { recursive: true, force: true });
});

/** A disk of its own for a test, where this machine lets root mount one. */
function mountSmallDisk(megabytes: number): string | undefined {
  const place = mkdtempSync(join(tmpdir(), 'seatbelt-disk-'));
  chmodSync(place, 0o755);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', place]);
  return mounted.status === 0 ? place : undefined;
}

test('a full disk is said in a sentence, before and after the cluster is there', async (t) => {
  const small = isRoot ? mountSmallDisk(40) : undefined;
  const enough = isRoot ? mountSmallDisk(170) : undefined;
  if (small === undefined || enough === undefined) {
    t.skip('needs root and a machine on which root may mount');
    return;
  }
  try {
    await assert.rejects(start({ dataDir: join(small, 'postgres') }), {
      code: 'disk_full',
      message: /has \d+ MB left, and a fresh database needs 150 MB/,
    });
    assert.deepEqual(readdirSync(small), []);

    const dataDir = join(enough, 'postgres');
    const server = await start({ dataDir });
    await ask(server.url, 'create table kept as select 42 as n');
    // Recovery has to begin a new segment of the write-ahead log (16 MB), for which there will be no space.
    await ask(server.url, 'select pg_switch_wal()');
    await server.crash('sigkill');
    await server.stop();
    spawnSync('dd', ['if=/dev/zero', `of=${join(enough, 'filler')}`, 'bs=1M'], { stdio: 'ignore' });
    await assert.rejects(start({ dataDir }), {
      code: 'disk_full',
      message: /no space left on the disk of .*nothing that was committed is lost/,
    });
    rmSync(join(enough, 'filler'));
    const again = await start({ dataDir });
    assert.deepEqual(await ask(again.url, 'select n from kept'), [42]);
    await again.stop();
  } finally {
    for (const place of [small, enough]) {
      execFileSync('umount', ['-l', place]);
      if (existsSync(place)) rmSync(place, { recursive: true, force: true });
    }
  }
});
