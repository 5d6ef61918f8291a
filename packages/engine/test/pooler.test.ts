import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '@seatbelt/dev/free-port';
import { product } from './product.ts';

const installed = spawnSync('pgbouncer', ['--version']).status === 0;

test('behind a transaction-mode pooler: changes, a joint burst, a lost answer and two processes', {
  skip: installed ? false : 'pgbouncer is not installed here (Debian: apt-get install pgbouncer)',
}, async () => {
  await using shop = await product({ seats: 10, used: 10, engine: { prepare: false } });
  const pooler = await startPooler(shop.databaseUrl);
  try {
    const one = shop.another({ db: pooler.url });
    const two = shop.another({ db: pooler.url });
    assert.equal((await one.set(shop.organization, 12)).status, 'applied');
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 ? one : two).add(shop.organization, 1)),
    );
    assert.ok(answers.every(({ status }) => status === 'applied'));
    shop.sim.faults.loseNextAnswer();
    assert.equal((await two.set(shop.organization, 60)).status, 'applied');
    await one.tick();
    assert.equal(shop.stripeQuantity(), 60);
    assert.equal((await one.seats(shop.organization)).settledSeats, 60);
    assert.equal((await one.verifyAudit(shop.organization)).broken, null);
    await one.close();
    await two.close();
  } finally {
    await pooler.stop();
  }
});

/** A real pgbouncer with two server connections in transaction mode, so that sessions are surely shared. */
async function startPooler(databaseUrl: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const target = new URL(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'seatbelt-pooler-'));
  const port = await freePort();
  const name = target.pathname.slice(1);
  await writeFile(
    join(folder, 'pgbouncer.ini'),
    `[databases]
${name} = host=127.0.0.1 port=${target.port} dbname=${name} user=${decodeURIComponent(target.username)} password=${decodeURIComponent(target.password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
logfile =
pidfile =
`,
  );
  // pgbouncer refuses to run as root.
  const asRoot = process.getuid?.() === 0;
  const nobody = 65_534;
  await chmod(folder, 0o755);
  if (asRoot) await chown(join(folder, 'pgbouncer.ini'), nobody, nobody);
  const child = spawn('pgbouncer', [join(folder, 'pgbouncer.ini')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(asRoot ? { uid: nobody, gid: nobody } : {}),
  });
  let said = '';
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (/process up|listening on/.test(said)) resolve();
  });
  child.once('exit', (code) => reject(new Error(`pgbouncer ended with ${code}: ${said}`)));
  await listening;
  const probe = connect(port, '127.0.0.1');
  await once(probe, 'connect');
  probe.destroy();
  const url = new URL(databaseUrl);
  url.port = String(port);
  return {
    url: url.href,
    async stop() {
      child.removeAllListeners('exit');
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
