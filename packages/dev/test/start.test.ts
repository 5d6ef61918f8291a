import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { parseEnv, promisify } from 'node:util';
import { startStripeSim } from '@seatbelt/stripe-sim';
import { serverProcesses } from '../src/embedded-postgres/running.ts';
import { freePort } from '../src/free-port.ts';
import { repositoryRoot } from '../src/repository.ts';
import { ensureDashboardBuilt } from '../src/supervisor/dashboard-build.ts';
import { isRunning } from '../src/supervisor/kernel-process.ts';
import { testDatabase } from '../src/test-database.ts';
import {
  apiKey,
  asServer,
  bareEnvironment,
  eventually,
  everyProcess,
  newStateFolder,
  type Product,
  running,
  seats,
  sourced,
  start,
  startInVain,
  stop,
} from './starting.ts';

before(async () => {
  await ensureDashboardBuilt(() => {});
});

describe('npm start without any configuration', () => {
  const state = newStateFolder();

  test('brings database, simulator, dashboard, worker and two demo organizations, and says so', async () => {
    const product = await start({ SEATBELT_STATE_DIR: state });
    const said = product.lines.join('\n');
    assert.match(said, /org_demo +with room: began with 10 seats, 7 used/);
    assert.match(said, /org_full +at capacity/);
    assert.match(said, /Started .*PostgreSQL 18 .*simulated Stripe .*dashboard.*worker/);
    assert.match(said, /Not started .*SENTRY_DSN is not set/);
    assert.doesNotMatch(said, new RegExp(apiKey(product)), 'no key is printed');

    const { purchasedSeats, usedSeats } = await seats(product, 'org_demo');
    assert.deepEqual({ purchasedSeats, usedSeats }, { purchasedSeats: 10, usedSeats: 7 });
    const full = await seats(product, 'org_full');
    assert.equal(full.availableSeats, 0);
    const page = await fetch(`${product.url}/organizations/org_demo`);
    assert.equal(page.status, 200);
    await eventually('all parts are well', async () => {
      const health = (await (await fetch(`${product.url}/api/health`)).json()) as { status: string };
      return health.status === 'ok';
    });

    const changed = await fetch(`${product.url}/api/billing/seats`, {
      method: 'PUT',
      headers: asServer(apiKey(product), 'org_demo'),
      body: JSON.stringify({ seats: 12 }),
    });
    assert.equal(changed.status, 200, await changed.clone().text());

    // The file that people are told to source works for the command line, and is theirs alone.
    const file = join(state, 'environment');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const explained = await promisify(execFile)(
      process.execPath,
      [join(repositoryRoot, 'packages/cli/src/bin.ts'), 'explain', 'org_demo'],
      { env: { ...bareEnvironment({}), ...parseEnv(readFileSync(file, 'utf8')) } },
    );
    assert.match(explained.stdout, /12/);

    const processes = await everyProcess(product);
    await stop(product);
    assert.deepEqual(processes.filter(isRunning), [], 'Ctrl-C leaves nothing behind');
  });

  test('the second start builds nothing and remembers; the demo is not created again', async () => {
    const product = await start({ SEATBELT_STATE_DIR: state });
    assert.doesNotMatch(product.lines.join('\n'), /[Bb]uild/, 'what was built once is used');
    assert.equal((await seats(product, 'org_demo')).purchasedSeats, 12);
    assert.doesNotMatch(product.lines.join('\n'), /Created the demo/);
    await stop(product, 'SIGTERM');
  });

  test('after kill -9 its parts end by themselves, and the next start replaces the database and loses nothing', async () => {
    const killed = await start({ SEATBELT_STATE_DIR: state });
    const { children } = running(killed);
    await fetch(`${killed.url}/api/billing/seats`, {
      method: 'PUT',
      headers: asServer(apiKey(killed), 'org_demo'),
      body: JSON.stringify({ seats: 13 }),
    });
    killed.process.kill('SIGKILL');
    await killed.ended;
    await eventually('worker and dashboard have ended', () => !children.some(isRunning));
    assert.notDeepEqual(await serverProcesses(realpathSync(join(state, 'postgres'))), []);

    const product = await start({ SEATBELT_STATE_DIR: state });
    assert.match(product.lines.join('\n'), /Replaced a PostgreSQL that a killed start had left/);
    assert.equal((await seats(product, 'org_demo')).purchasedSeats, 13);
    await stop(product);
  });

  test('children that cannot end by themselves are ended by the next start, on the same port', async () => {
    const killed = await start({ SEATBELT_STATE_DIR: state });
    const { children } = running(killed);
    for (const { processId } of children) process.kill(processId, 'SIGSTOP');
    killed.process.kill('SIGKILL');
    await killed.ended;

    const product = await start({ SEATBELT_STATE_DIR: state, PORT: new URL(killed.url).port });
    assert.deepEqual(children.filter(isRunning), []);
    assert.match(product.lines.join('\n'), /Ended what a killed start had left running/);
    await stop(product);
  });

  test('in a shell that sourced its environment, as it says, it is the same trial again, also after kill -9', async () => {
    const first = await start({ SEATBELT_STATE_DIR: state });
    const afterStop = sourced(first);
    await stop(first);
    const second = await start({ ...afterStop, SEATBELT_STATE_DIR: state });
    const isTheTrial = (product: Product) => {
      const said = product.lines.join('\n');
      assert.match(said, /DATABASE_URL and STRIPE_SECRET_KEY are those of a trial/);
      assert.match(said, /org_demo +with room/);
      assert.match(said, /Started .*PostgreSQL 18 .*simulated Stripe/);
    };
    isTheTrial(second);
    const afterKill = sourced(second);
    second.process.kill('SIGKILL');
    await second.ended;
    assert.notDeepEqual(await serverProcesses(realpathSync(join(state, 'postgres'))), []);

    const third = await start({ ...afterKill, SEATBELT_STATE_DIR: state });
    isTheTrial(third);
    assert.match(third.lines.join('\n'), /Replaced a PostgreSQL that a killed start had left/);
    await stop(third);
  });

  test('a part that dies is started again while the other one goes on', async () => {
    const product = await start({ SEATBELT_STATE_DIR: state });
    const [worker, dashboard] = running(product).children;
    assert.ok(worker !== undefined && dashboard !== undefined);
    process.kill(dashboard.processId, 'SIGKILL');
    await eventually('another dashboard answers', async () => {
      const now = running(product).children;
      if (now.some(({ processId }) => processId === dashboard.processId)) return false;
      return await fetch(`${product.url}/api/health`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
    assert.equal(isRunning(worker), true);
    process.kill(worker.processId, 'SIGKILL');
    await eventually('another worker runs', () => running(product).children.length === 2 && !isRunning(worker));
    await stop(product);
  });

  test('a second npm start in the same folder says that the first one runs, and where', async () => {
    const product = await start({ SEATBELT_STATE_DIR: state });
    const second = await startInVain({ SEATBELT_STATE_DIR: state, PORT: String(await freePort()) });
    assert.equal(second.code, 1);
    assert.match(
      second.said,
      new RegExp(`running from this folder already at http://localhost:${new URL(product.url).port}`),
    );
    assert.doesNotMatch(second.said, /\bat .*:\d+:\d+/, 'no stack');
    await stop(product);
  });

  test('when npm is ended by a signal, all of it ends', async () => {
    const product = await start({ SEATBELT_STATE_DIR: state }, ['npm', 'start']);
    const processes = await everyProcess(product);
    product.process.kill('SIGKILL');
    await eventually('everything has ended', () => !processes.some(isRunning), 40_000);
  });
});

describe('npm start with everything configured', () => {
  test('runs the built product against it, migrated, with the worker, and brings nothing of its own', async () => {
    await using database = await testDatabase({ template: 'empty' });
    const simulator = await startStripeSim({ port: 0, apiKeys: ['sk_test_configured'] });
    const state = newStateFolder();
    const product = await start({
      SEATBELT_STATE_DIR: state,
      DATABASE_URL: database.url,
      STRIPE_SECRET_KEY: 'sk_test_configured',
      STRIPE_API_BASE: simulator.url,
      STRIPE_WEBHOOK_SECRET: 'whsec_configured',
      SENTRY_DSN: 'http://public@127.0.0.1:9/1',
      SEATBELT_API_KEY: 'a-key-of-the-host',
    });
    try {
      const notJson = product.lines.filter((line) => !line.startsWith('{'));
      assert.deepEqual(notJson, [], 'only JSON in the log of a server');
      assert.equal(existsSync(join(state, 'postgres')), false);
      assert.equal(existsSync(join(state, 'secrets.json')), false);
      const { rows } = await database.pool.query("select to_regclass('seatbelt.accounts') as found");
      assert.equal(rows[0].found, 'seatbelt.accounts');
      await eventually('database, Stripe and worker are well', async () => {
        const health = (await (await fetch(`${product.url}/api/health`)).json()) as { status: string };
        return health.status === 'ok';
      });

      const asNobody = await fetch(`${product.url}/api/billing/seats`, {
        headers: { 'seatbelt-organization': 'org_1' },
      });
      assert.equal(asNobody.status, 401, 'no demo session here');
      const unknown = await fetch(`${product.url}/api/billing/seats`, {
        headers: asServer('a-key-of-the-host', 'org_1'),
      });
      assert.equal(unknown.status, 404);
    } finally {
      await stop(product);
      await simulator.close();
    }
  });
});
