import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  readEnvironment,
  readLogLevel,
  SetupError,
  type SetupErrorCode,
  webhookSecretsOf,
  webhookSecretTrouble,
} from './environment.ts';

const complete = {
  PORT: '4000',
  DATABASE_URL: 'postgres://app:secret@db.internal:5432/app',
  STRIPE_SECRET_KEY: 'sk_live_1234567890',
  STRIPE_API_BASE: 'https://api.stripe.com',
  STRIPE_WEBHOOK_SECRET: 'whsec_1',
  SENTRY_DSN: 'https://public@sentry.example.com/1',
  SEATBELT_API_KEY: 'a-long-random-string',
};

function refusal(env: Record<string, string | undefined>): SetupError {
  try {
    readEnvironment(env);
  } catch (error) {
    assert.ok(error instanceof SetupError, String(error));
    return error;
  }
  assert.fail(`accepted: ${JSON.stringify(env)}`);
}

function assertRefused(env: Record<string, string | undefined>, code: SetupErrorCode, variable: string | null): void {
  const error = refusal(env);
  assert.equal(error.code, code, error.message);
  assert.equal(error.variable, variable);
  if (variable !== null) assert.match(error.message, new RegExp(variable));
}

describe('what is started', () => {
  test('with everything set it is the configured product and nothing of ours', () => {
    assert.deepEqual(readEnvironment(complete), {
      mode: 'configured',
      port: 4000,
      databaseUrl: complete.DATABASE_URL,
      stripe: { secretKey: 'sk_live_1234567890', apiBase: 'https://api.stripe.com', webhookSecret: 'whsec_1' },
      sentryDsn: complete.SENTRY_DSN,
      apiKey: 'a-long-random-string',
    });
  });

  test('with neither database nor Stripe it is a trial that brings both', () => {
    const environment = readEnvironment({ PATH: '/usr/bin' });
    assert.equal(environment.mode, 'embedded');
    assert.equal(environment.databaseUrl, null);
    assert.equal(environment.stripe, null);
    assert.equal(environment.port, 3000);
  });

  test('SEATBELT_DEV=1 brings only what is missing', () => {
    const environment = readEnvironment({ SEATBELT_DEV: '1', DATABASE_URL: complete.DATABASE_URL });
    assert.equal(environment.mode, 'embedded');
    assert.equal(environment.databaseUrl, complete.DATABASE_URL);
    assert.equal(environment.stripe, null);
  });

  test('SEATBELT_DEV=0 is the same as none', () => {
    assert.equal(readEnvironment({ ...complete, SEATBELT_DEV: '0' }).mode, 'configured');
  });

  test('Stripe is where Stripe is unless told otherwise, and Sentry and webhooks may be missing', () => {
    const { STRIPE_API_BASE, STRIPE_WEBHOOK_SECRET, SENTRY_DSN, PORT, ...rest } = complete;
    assert.ok(STRIPE_API_BASE && STRIPE_WEBHOOK_SECRET && SENTRY_DSN && PORT);
    const environment = readEnvironment(rest);
    assert.equal(environment.stripe?.apiBase, 'https://api.stripe.com');
    assert.equal(environment.stripe?.webhookSecret, null);
    assert.equal(environment.sentryDsn, null);
  });
});

describe('half a configuration is refused by the name of what is missing', () => {
  for (const missing of ['DATABASE_URL', 'STRIPE_SECRET_KEY', 'SEATBELT_API_KEY']) {
    test(`${missing} missing`, () => {
      assertRefused({ ...complete, [missing]: undefined }, 'variable_missing', missing);
    });
  }
  for (const empty of ['DATABASE_URL', 'STRIPE_SECRET_KEY']) {
    test(`${empty} empty, as when a secret did not arrive, is no invitation to a trial`, () => {
      assertRefused({ [empty]: '' }, 'variable_empty', empty);
      assertRefused({ ...complete, [empty]: ' ' }, 'variable_empty', empty);
    });
  }
});

describe('nothing embedded in production', () => {
  const signs = [
    'VERCEL',
    'RENDER',
    'FLY_APP_NAME',
    'RAILWAY_PROJECT_ID',
    'K_SERVICE',
    'AWS_LAMBDA_FUNCTION_NAME',
    'DYNO',
  ];
  for (const sign of signs) {
    test(`${sign} set: neither by default nor by SEATBELT_DEV=1`, () => {
      assert.match(refusal({ [sign]: 'x' }).message, new RegExp(sign));
      assertRefused({ [sign]: 'x' }, 'embedded_in_production', null);
      assertRefused({ ...complete, [sign]: 'x', SEATBELT_DEV: '1' }, 'embedded_in_production', 'SEATBELT_DEV');
      assert.equal(readEnvironment({ ...complete, [sign]: 'x' }).mode, 'configured');
    });
  }

  test('NODE_ENV=production set by the user: neither', () => {
    assertRefused({ NODE_ENV: 'production' }, 'embedded_in_production', null);
    assertRefused({ NODE_ENV: 'production', SEATBELT_DEV: '1' }, 'embedded_in_production', 'SEATBELT_DEV');
    assert.equal(readEnvironment({ ...complete, NODE_ENV: 'production' }).mode, 'configured');
  });

  test('NODE_ENV=production set by next start under our supervisor is not the user’s word', () => {
    assert.equal(
      readEnvironment({ NODE_ENV: 'production', SEATBELT_DEV: '1', SEATBELT_SUPERVISED: '1' }).mode,
      'embedded',
    );
    assertRefused(
      { NODE_ENV: 'production', SEATBELT_DEV: '1', SEATBELT_SUPERVISED: '1', VERCEL: '1' },
      'embedded_in_production',
      'SEATBELT_DEV',
    );
  });

  test('the open demo session never meets a live key', () => {
    assertRefused({ ...complete, SEATBELT_DEV: '1' }, 'open_door_with_live_key', 'SEATBELT_DEV');
    assertRefused(
      { ...complete, STRIPE_SECRET_KEY: 'rk_live_1', SEATBELT_DEV: '1' },
      'open_door_with_live_key',
      'SEATBELT_DEV',
    );
    const test = { ...complete, STRIPE_SECRET_KEY: 'sk_test_1', SEATBELT_DEV: '1' };
    assert.equal(readEnvironment(test).mode, 'embedded');
  });
});

describe('the secret key goes to Stripe or to this machine and nowhere else', () => {
  for (const good of [
    'https://api.stripe.com',
    'https://api.stripe.com/',
    'HTTPS://API.STRIPE.COM:443',
    'http://localhost:12111',
    'http://127.0.0.1:12111/',
    'http://127.3.2.1:1',
    'http://[::1]:12111',
  ]) {
    test(`${good} is right`, () => {
      const { stripe } = readEnvironment({ ...complete, STRIPE_API_BASE: good });
      assert.equal(stripe?.apiBase, new URL(good).origin);
    });
  }
  for (const bad of [
    'http://api.stripe.com',
    'https://api.stripe.com:8443',
    'https://api.stripe.com.example.org',
    'https://stripe.example.org',
    'http://localhost.example.org',
    'http://localhost@example.org',
    'http://127.0.0.1.example.org',
    'http://user:password@127.0.0.1:12111',
    'http://0.0.0.0:12111',
    'http://10.0.0.7:12111',
    'http://169.254.169.254',
  ]) {
    test(`${bad} is refused`, () => {
      assertRefused({ ...complete, STRIPE_API_BASE: bad }, 'stripe_api_base_refused', 'STRIPE_API_BASE');
    });
  }
  for (const odd of ['api.stripe.com', 'ftp://localhost', 'https://api.stripe.com/v1', 'http://localhost:1?x=1']) {
    test(`${odd} is no origin`, () => {
      assertRefused({ ...complete, STRIPE_API_BASE: odd }, 'variable_malformed', 'STRIPE_API_BASE');
    });
  }

  test('also in a trial', () => {
    assertRefused({ STRIPE_API_BASE: 'http://10.0.0.7' }, 'stripe_api_base_refused', 'STRIPE_API_BASE');
  });
});

describe('values that cannot be right', () => {
  const odd: [string, string][] = [
    ['PORT', '0'],
    ['PORT', '70000'],
    ['PORT', '3000x'],
    ['DATABASE_URL', 'mysql://localhost/app'],
    ['STRIPE_SECRET_KEY', 'pk_test_123'],
    ['STRIPE_SECRET_KEY', 'sk_test_1 2'],
    ['SENTRY_DSN', 'sentry'],
    ['SENTRY_DSN', 'https://sentry.example.com/1'],
    ['SEATBELT_DEV', 'yes'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_LEVEL', 'INFO'],
    ['LOG_LEVEL', 'constructor'],
    ['SEATBELT_API_KEY', 'x'],
    ['SEATBELT_API_KEY', '  seven-7  '],
    ['SEATBELT_AUTH_SECRET', 'x'],
  ];
  for (const [variable, value] of odd) {
    test(`${variable}=${value}`, () => {
      assertRefused({ ...complete, [variable]: value }, 'variable_malformed', variable);
    });
  }

  test('a refused database address is not repeated, because it may hold a password', () => {
    assert.doesNotMatch(refusal({ ...complete, DATABASE_URL: 'mysql://app:hunter2@db/app' }).message, /hunter2/);
  });
});

test('several webhook secrets stand side by side while one is being rolled', () => {
  assert.deepEqual(webhookSecretsOf('whsec_old, whsec_new,'), ['whsec_old', 'whsec_new']);

  test('a key that is refused is not repeated', () => {
    assert.doesNotMatch(refusal({ ...complete, SEATBELT_API_KEY: 'hunter2' }).message, /hunter2/);
  });

  test('sixteen characters are a key, and a trial may have any', () => {
    assert.equal(readEnvironment({ ...complete, SEATBELT_API_KEY: 'sixteen-letters!' }).apiKey, 'sixteen-letters!');
    assert.equal(readEnvironment({ SEATBELT_API_KEY: 'x', SEATBELT_AUTH_SECRET: 'x' }).apiKey, 'x');
  });

  test('a level of the log is one of pino’s, and info where none is set', () => {
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']) {
      assert.equal(readLogLevel({ LOG_LEVEL: level }), level);
    }
    assert.equal(readLogLevel({}), 'info');
    assert.equal(readLogLevel({ LOG_LEVEL: ' ' }), 'info');
    assert.match(
      refusal({ LOG_LEVEL: 'loud' }).message,
      /LOG_LEVEL is "loud".*trace, debug, info, warn, error, fatal, silent/,
    );
  });

  test('a webhook secret that is none of Stripe’s is told of, without it', () => {
    assert.equal(webhookSecretTrouble('whsec_1, whsec_2,'), null);
    assert.match(webhookSecretTrouble('foo') ?? '', /^STRIPE_WEBHOOK_SECRET does not begin with whsec_/);
    assert.match(
      webhookSecretTrouble('whsec_1,sk_test_1,whsec_') ?? '',
      /^2 of the 3 secrets in STRIPE_WEBHOOK_SECRET/,
    );
    assert.doesNotMatch(webhookSecretTrouble('sk_test_hunter2') ?? '', /hunter2/);
  });
});
