import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { freePort } from '../src/free-port.ts';
import { ensureDashboardBuilt } from '../src/supervisor/dashboard-build.ts';
import { trialMark } from '../src/supervisor/sourced-trial.ts';
import { newStateFolder, scratch, startInVain, stateFolders } from './starting.ts';

/** What a shell has that sourced a trial's environment. */
const sourcedTrial = {
  DATABASE_URL: 'postgres://postgres:hunter2@127.0.0.1:1/seatbelt',
  STRIPE_SECRET_KEY: 'sk_test_1',
  SEATBELT_API_KEY: 'a-key-of-sixteen',
  SEATBELT_TRIAL: trialMark(['postgres://postgres:hunter2@127.0.0.1:1/seatbelt', 'sk_test_1']) ?? '',
};

before(async () => {
  await ensureDashboardBuilt(() => {});
});

describe('what cannot be started is said in a sentence', () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ['a missing key', { DATABASE_URL: 'postgres://localhost/app' }, /DATABASE_URL is set and STRIPE_SECRET_KEY is not/],
    ['a missing database', { STRIPE_SECRET_KEY: 'sk_test_1' }, /STRIPE_SECRET_KEY is set and DATABASE_URL is not/],
    ['production', { NODE_ENV: 'production' }, /NODE_ENV is production.*Set both/],
    [
      'production, with what a trial brought',
      { ...sourcedTrial, NODE_ENV: 'production' },
      /are those of a trial[\s\S]*NODE_ENV is production.*Set both/,
    ],
    [
      'a platform, with what a trial brought',
      { ...sourcedTrial, FLY_APP_NAME: 'app' },
      /those of a trial[\s\S]*Fly\.io/,
    ],
    [
      'production, with what a trial brought, that asks for development',
      { ...sourcedTrial, NODE_ENV: 'production', SEATBELT_DEV: '1' },
      /SEATBELT_DEV=1 is set and NODE_ENV is production/,
    ],
    [
      'a database of one’s own in a shell that knew a trial',
      { ...sourcedTrial, DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:1/app' },
      /STRIPE_SECRET_KEY is that of a trial[\s\S]*DATABASE_URL is set and STRIPE_SECRET_KEY is not/,
    ],
    [
      'a database and a key of one’s own in a shell that knew a trial',
      {
        ...sourcedTrial,
        DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:1/app',
        STRIPE_SECRET_KEY: 'sk_test_2',
      },
      /^(?![\s\S]*of a trial)[\s\S]*DATABASE_URL.*127\.0\.0\.1:1\/app.*nothing listens there/,
    ],
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
        SEATBELT_API_KEY: 'a-key-of-the-host',
      },
      /DATABASE_URL.*127\.0\.0\.1:1\/app.*nothing listens there/,
    ],
    [
      'an address of a database that cannot be read',
      {
        DATABASE_URL: 'postgres://app:hunt/hunter2@127.0.0.1:1/app',
        STRIPE_SECRET_KEY: 'sk_test_1',
        SEATBELT_API_KEY: 'a-key-of-the-host',
      },
      /DATABASE_URL.*percent/s,
    ],
    [
      'a key that can be guessed',
      { DATABASE_URL: 'postgres://localhost/app', STRIPE_SECRET_KEY: 'sk_test_1', SEATBELT_API_KEY: 'x' },
      /SEATBELT_API_KEY has 1 character, which can be guessed/,
    ],
    ['a level of the log that is none', { LOG_LEVEL: 'loud' }, /LOG_LEVEL is "loud", and can be trace, debug, info/],
    ['a folder that cannot be written', { SEATBELT_STATE_DIR: '/dev/null/seatbelt' }, /SEATBELT_STATE_DIR/],
    [
      'a folder that nobody can make',
      { SEATBELT_STATE_DIR: '/proc/nope/deeper' },
      /Nothing can be written to \/proc\/nope\/deeper .*SEATBELT_STATE_DIR/,
    ],
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
