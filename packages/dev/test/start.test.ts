import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parseEnv, promisify } from 'node:util';
import { startStripeSim } from '@seatbelt/stripe-sim';
import { serverProcesses } from '../src/embedded-postgres/running.ts';
import { freePort } from '../src/free-port.ts';
import { environmentWithOurTools, repositoryRoot } from '../src/repository.ts';
import { ensureDashboardBuilt } from '../src/supervisor/dashboard-build.ts';
import { identify, isRunning, type KernelProcess } from '../src/supervisor/kernel-process.ts';
import type { Running } from '../src/supervisor/leftovers.ts';
import { testDatabase } from '../src/test-database.ts';

const program = join(repositoryRoot, 'packages/dev/src/start.ts');
const scratch = mkdtempSync(join(tmpdir(), 'seatbelt-start-'));

before(async () => {
  await ensureDashboardBuilt(() => {});
});

// A test that failed in the middle must not leave its product to the next one.
const products: Product[] = [];
afterEach(async () => {
  for (const { process: supervisor, ended } of products.splice(0)) {
    if (supervisor.exitCode === null && supervisor.signalCode === null) supervisor.kill('SIGINT');
    await ended;
  }
});

after(() => {
  for (const folder of stateFolders) {
    const cluster = join(folder, 'postgres');
    // As root it may be a symlink to a place that the server's user can reach.
    if (existsSync(cluster)) rmSync(realpathSync(cluster), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
  rmSync(scratch, { recursive: true, force: true });
});

const stateFolders: string[] = [];

function newStateFolder(): string {
  const folder = join(scratch, `state-${stateFolders.length}`);
  stateFolders.push(folder);
  return folder;
}

/** The environment of a machine on which nothing of ours is configured. */
function bareEnvironment(own: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return environmentWithOurTools({ PATH, HOME, ...own });
}

type Product = {
  process: ChildProcess;
  url: string;
  state: string;
  lines: string[];
  /** Resolves with the exit code when the supervisor has ended. */
  ended: Promise<number | null>;
};

async function start(own: Record<string, string>, command = [process.execPath, program]): Promise<Product> {
  const port = own.PORT ?? String(await freePort());
  const [executable = '', ...flags] = command;
  const child = spawn(executable, flags, {
    cwd: repositoryRoot,
    env: bareEnvironment({ PORT: port, ...own }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const { promise: up, resolve } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (/Seatbelt is running[.:]/.test(line)) resolve();
    });
  }
  const product = {
    process: child,
    url: `http://127.0.0.1:${port}`,
    state: own.SEATBELT_STATE_DIR ?? '',
    lines,
    ended,
  };
  products.push(product);
  const how = await Promise.race([up.then(() => 'up'), ended]);
  assert.equal(how, 'up', `npm start ended instead of starting:\n${lines.join('\n')}`);
  return product;
}

/** Starts what is expected to end by itself, and returns everything that it said. */
async function startInVain(
  own: Record<string, string>,
  user: { uid?: number; gid?: number } = {},
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [program], {
    ...user,
    cwd: repositoryRoot,
    env: bareEnvironment({ SEATBELT_STATE_DIR: newStateFolder(), ...own }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const [code] = await once(child, 'close');
  return { code, said };
}

async function stop(product: Product, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  product.process.kill(signal);
  assert.equal(await product.ended, 0, product.lines.join('\n'));
}

function running(product: Product): Running {
  return JSON.parse(readFileSync(join(product.state, 'running.json'), 'utf8'));
}

/** All processes of a product: the supervisor, its children, and the database. */
async function everyProcess(product: Product): Promise<KernelProcess[]> {
  const { supervisor, children } = running(product);
  const postgres = await serverProcesses(realpathSync(join(product.state, 'postgres')));
  const all = [supervisor, ...children, ...postgres.map(identify)].filter((each) => each !== undefined);
  assert.ok(all.length >= 4, 'supervisor, worker, dashboard and postmaster');
  return all;
}

function apiKey(product: Product): string {
  return JSON.parse(readFileSync(join(product.state, 'secrets.json'), 'utf8')).apiKey;
}

function asServer(key: string, organization: string): Record<string, string> {
  return {
    authorization: `Bearer ${key}`,
    'seatbelt-organization': organization,
    'content-type': 'application/json',
  };
}

async function seats(product: Product, organization: string): Promise<Record<string, number>> {
  const headers = asServer(apiKey(product), organization);
  const answer = await fetch(`${product.url}/api/billing/seats`, { headers });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as Record<string, number>;
}

/** Waits for something that nobody tells us about, with a bound. */
async function eventually(what: string, condition: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `not within ${withinMs} ms: ${what}`);
    await pause(25);
  }
}

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

describe('what is taken away from a running product', () => {
  test('its folder: it ends and says why', async () => {
    const product = await start({ SEATBELT_STATE_DIR: newStateFolder() });
    const processes = await everyProcess(product);
    const postmaster = Number(readFileSync(join(product.state, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    // As root it may be behind a symlink.
    const cluster = realpathSync(join(product.state, 'postgres'));
    renameSync(cluster, `${cluster}-moved`);
    renameSync(product.state, `${product.state}-moved`);
    // It would find out by itself, but only within a minute.
    process.kill(postmaster, 'SIGQUIT');
    assert.equal(await product.ended, 1);
    const said = product.lines.filter((line) => !line.startsWith('{')).join('\n');
    assert.match(said, /data directory .* is not there any more/);
    assert.doesNotMatch(said, /^\s+at /m, 'no stack');
    assert.deepEqual(processes.filter(isRunning), []);
    rmSync(`${cluster}-moved`, { recursive: true, force: true });
  });

  test('its record of what runs: it says so, and stops everything all the same', async () => {
    const product = await start({ SEATBELT_STATE_DIR: newStateFolder() });
    const processes = await everyProcess(product);
    rmSync(join(product.state, 'running.json'));
    mkdirSync(join(product.state, 'running.json'));
    product.process.kill('SIGINT');
    assert.equal(await product.ended, 1);
    const said = product.lines.filter((line) => !line.startsWith('{')).join('\n');
    assert.match(said, /running\.json is a folder where a file belongs/);
    assert.doesNotMatch(said, /^\s+at /m, 'no stack');
    assert.match(product.lines.join('\n'), /The worker has stopped[\s\S]*Everything is stopped/);
    assert.deepEqual(processes.filter(isRunning), []);
  });

  test('who reads what it says: it stops in order', async () => {
    const product = await start({ SEATBELT_STATE_DIR: newStateFolder() });
    const processes = await everyProcess(product);
    product.process.stdout?.destroy();
    // It says when a part has died.
    const [worker] = running(product).children;
    assert.ok(worker !== undefined);
    process.kill(worker.processId, 'SIGKILL');
    assert.equal(await product.ended, 0);
    assert.doesNotMatch(product.lines.join('\n'), /EPIPE|^\s+at /m);
    assert.deepEqual(processes.filter(isRunning), []);
  });

  test('the space for what it says: it goes on', {
    skip: existsSync('/dev/full') ? false : 'no /dev/full',
  }, async () => {
    const port = await freePort();
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [program], {
      cwd: repositoryRoot,
      env: bareEnvironment({ PORT: String(port), SEATBELT_STATE_DIR: newStateFolder() }),
      stdio: ['ignore', full, 'ignore'],
    });
    closeSync(full);
    const ended = once(child, 'close');
    await eventually('it answers', async () => {
      assert.equal(child.exitCode, null, 'it runs');
      return await fetch(`http://127.0.0.1:${port}/api/health`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
    child.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
  });
});

describe('what cannot be started is said in a sentence', () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ['a missing key', { DATABASE_URL: 'postgres://localhost/app' }, /DATABASE_URL is set and STRIPE_SECRET_KEY is not/],
    ['a missing database', { STRIPE_SECRET_KEY: 'sk_test_1' }, /STRIPE_SECRET_KEY is set and DATABASE_URL is not/],
    ['production', { NODE_ENV: 'production' }, /NODE_ENV is production.*Set both/],
    ['a platform', { FLY_APP_NAME: 'app' }, /Fly\.io/],
    [
      'a foreign Stripe',
      {
        STRIPE_API_BASE: 'https://stripe.example.org',
        STRIPE_SECRET_KEY: 'sk_test_1',
        DATABASE_URL: 'postgres://localhost/app',
      },
      /STRIPE_API_BASE points at stripe\.example\.org/,
    ],
    [
      'a database that is not there',
      {
        DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:1/app',
        STRIPE_SECRET_KEY: 'sk_test_1',
        SEATBELT_API_KEY: 'key',
      },
      /DATABASE_URL.*127\.0\.0\.1:1\/app.*nothing listens there/,
    ],
    [
      'an address of a database that cannot be read',
      {
        DATABASE_URL: 'postgres://app:hunt/hunter2@127.0.0.1:1/app',
        STRIPE_SECRET_KEY: 'sk_test_1',
        SEATBELT_API_KEY: 'key',
      },
      /DATABASE_URL.*percent/s,
    ],
    ['a folder that cannot be written', { SEATBELT_STATE_DIR: '/dev/null/seatbelt' }, /SEATBELT_STATE_DIR/],
  ];
  for (const [what, own, sentence] of cases) {
    test(what, async () => {
      const { code, said } = await startInVain({ PORT: String(await freePort()), ...own });
      assert.equal(code, 1, said);
      assert.match(said, sentence);
      assert.doesNotMatch(said, /\n\s+at /, 'no stack');
      assert.doesNotMatch(said, /hunter2/, 'no password');
    });
  }

  test('two parts that ask for the same port', async () => {
    const PORT = String(await freePort());
    const { code, said } = await startInVain({ PORT, SEATBELT_SIM_PORT: PORT });
    assert.equal(code, 1, said);
    assert.match(said, new RegExp(`SEATBELT_SIM_PORT and PORT both ask for port ${PORT}`));
  });

  for (const name of ['running.json', 'secrets.json', 'environment', 'stripe.state', 'stripe.state.lock']) {
    test(`a folder where the file ${name} belongs`, async () => {
      const state = newStateFolder();
      mkdirSync(join(state, name), { recursive: true });
      const { code, said } = await startInVain({ PORT: String(await freePort()), SEATBELT_STATE_DIR: state });
      assert.equal(code, 1, said);
      assert.match(said, new RegExp(`${join(state, name.replace('.lock', ''))}.* Move .*away`));
      assert.doesNotMatch(said, /\n\s+at /, 'no stack');
    });
  }

  for (const [what, name, text, sentence] of [
    [
      'a simulator’s file that was cut',
      'stripe.state',
      '{"now":1\n',
      /cannot go on from .*stripe\.state.* Move .* away/,
    ],
    ['a number that somebody else has by now', 'stripe.state.lock', '1', /process 1\..* remove .*stripe\.state\.lock/],
  ] as const) {
    test(what, async () => {
      const state = newStateFolder();
      mkdirSync(state);
      writeFileSync(join(state, name), text);
      const { code, said } = await startInVain({ PORT: String(await freePort()), SEATBELT_STATE_DIR: state });
      assert.equal(code, 1, said);
      assert.match(said, sentence);
      assert.doesNotMatch(said, /\n\s+at /, 'no stack');
    });
  }

  test('a file of somebody else', {
    skip: process.getuid?.() === 0 ? whyPort80IsNotRefused() : 'needs root, to have a file that this user may not read',
  }, async () => {
    const { user, home } = ordinaryUser();
    writeFileSync(join(home, 'running.json'), 'null', { mode: 0o600 });
    const { code, said } = await startInVain(
      { PORT: String(await freePort()), HOME: home, SEATBELT_STATE_DIR: home },
      user,
    );
    assert.equal(code, 1, said);
    assert.match(said, /running\.json .*another user.*sudo/);
    assert.doesNotMatch(said, /\n\s+at /, 'no stack');
  });

  test('a user whom the system has no name for gets as far as everybody else', {
    skip: process.getuid?.() === 0 ? whyPort80IsNotRefused() : 'needs root',
  }, async () => {
    const { home } = ordinaryUser();
    chownSync(home, 54_321, 54_321);
    const { code, said } = await startInVain(
      { PORT: '80', HOME: '', SEATBELT_STATE_DIR: home },
      { uid: 54_321, gid: 54_321 },
    );
    assert.equal(code, 1, said);
    assert.match(said, /Port 80 may not be listened on by this user/);
  });

  for (const variable of ['PORT', 'SEATBELT_POSTGRES_PORT', 'SEATBELT_SIM_PORT']) {
    test(`a port that is taken, by the name of ${variable}`, async () => {
      const squatter = createServer().listen(0, '127.0.0.1');
      await once(squatter, 'listening');
      const address = squatter.address();
      assert.ok(address !== null && typeof address === 'object');
      const { code, said } = await startInVain({ PORT: String(await freePort()), [variable]: String(address.port) });
      squatter.close();
      assert.equal(code, 1, said);
      assert.match(said, new RegExp(`Port ${address.port}.* is taken[\\s\\S]*${variable}`));
      assert.doesNotMatch(said, /\n\s+at /, 'no stack');
    });
  }
});

/** Loaded before the program: listening on REFUSED_PORT fails as REFUSED_WITH says. */
function refusal(): string {
  const file = join(scratch, 'refusal.mjs');
  writeFileSync(
    file,
    `import { Server } from 'node:net';
    const { listen } = Server.prototype;
    const { REFUSED_PORT, REFUSED_WITH: code } = process.env;
    Server.prototype.listen = function (...asked) {
      const port = asked[0]?.port ?? asked[0];
      if (String(port) !== REFUSED_PORT) return listen.apply(this, asked);
      const error = Object.assign(new Error('listen ' + code + ': as the test wants'), { code, syscall: 'listen', port });
      queueMicrotask(() => this.emit('error', error));
      return this;
    };`,
  );
  return `--import ${file}`;
}

/** An ordinary user with a folder of their own: `nobody` where the tests run as root, otherwise who runs them. */
function ordinaryUser(): { user: { uid?: number; gid?: number }; home: string } {
  const home = mkdtempSync(join(tmpdir(), 'seatbelt-home-'));
  stateFolders.push(home);
  if (process.getuid?.() !== 0) return { user: {}, home };
  chownSync(home, 65_534, 65_534);
  return { user: { uid: 65_534, gid: 65_534 }, home };
}

/** Why there is no ordinary user here to whom port 80 is refused; false if there is one. */
function whyPort80IsNotRefused(): string | false {
  const script = `require('node:net').createServer().on('error', ({ code }) => console.log(code))
    .listen({ port: 80, host: '127.0.0.1' }, () => process.exit());`;
  const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const { stdout } = spawnSync(process.execPath, ['-e', script], { ...identity, cwd: '/', encoding: 'utf8' });
  return stdout?.trim() === 'EACCES'
    ? false
    : 'no ordinary user here is refused port 80, or none can read this checkout';
}

describe('a port that may not be listened on is said in a sentence', () => {
  const variables = ['PORT', 'SEATBELT_POSTGRES_PORT', 'SEATBELT_SIM_PORT'];

  test('because it is the administrator’s, to an ordinary user', { skip: whyPort80IsNotRefused() }, async () => {
    const { user, home } = ordinaryUser();
    for (const variable of variables) {
      const { code, said } = await startInVain(
        { PORT: String(await freePort()), HOME: home, SEATBELT_STATE_DIR: join(home, 'state'), [variable]: '80' },
        user,
      );
      assert.equal(code, 1, said);
      assert.match(said, new RegExp(`Port 80 .*${variable}|Port 80, which ${variable}`));
      assert.match(said, /Port 80.* may not be listened on by .* above 1023\b.*8080/);
      assert.doesNotMatch(said, /\n\s+at /, 'no stack');
    }
  });

  test('because it is the administrator’s, to a PostgreSQL that root runs as an ordinary user', {
    skip: process.getuid?.() === 0 ? whyPort80IsNotRefused() : 'needs root',
  }, async () => {
    const { code, said } = await startInVain({ PORT: String(await freePort()), SEATBELT_POSTGRES_PORT: '80' });
    assert.equal(code, 1, said);
    assert.match(said, /Port 80, which SEATBELT_POSTGRES_PORT asks for, .*PostgreSQL runs as.* above 1023/s);
    assert.doesNotMatch(said, /taken by another program|\n\s+at /);
  });

  for (const variable of variables) {
    for (const [error, sentence] of [
      ['EACCES', 'may not be listened on'],
      ['EADDRNOTAVAIL', 'cannot be listened on .*EADDRNOTAVAIL'],
    ]) {
      test(`${variable}, with ${error}`, async () => {
        const port = String(await freePort());
        const { code, said } = await startInVain({
          PORT: String(await freePort()),
          [variable]: port,
          NODE_OPTIONS: refusal(),
          REFUSED_PORT: port,
          REFUSED_WITH: error ?? '',
        });
        assert.equal(code, 1, said);
        assert.match(said, new RegExp(`Port ${port}.* ${sentence}.* ${variable}`));
        assert.doesNotMatch(said, /\n\s+at /, 'no stack');
      });
    }
  }
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
