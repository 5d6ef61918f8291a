import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { errorOf, seatbelt, seatbeltProcess } from './cli.ts';

const commands = [
  ['migrate'],
  ['link'],
  ['worker'],
  ['status'],
  ['explain'],
  ['changes'],
  ['pause'],
  ['resume'],
  ['resolve'],
  ['terms'],
  ['audit', 'verify'],
  ['audit', 'export'],
  ['doctor'],
];

describe('the command line', { concurrency: 4 }, () => {
  for (const command of commands) {
    const name = command.join(' ');
    test(`${name} --help names its options, and docs/cli.md has each of them`, async () => {
      const help = await seatbelt({}, ...command, '--help');
      assert.equal(help.code, 0);
      assert.match(help.out, new RegExp(`^Usage: seatbelt ${name}`));
      assert.match(help.out, /--json/);
      const documented = await readFile(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
      const section = documented.split(/^## /m).find((part) => part.startsWith(`\`seatbelt ${name}`));
      assert.ok(section, `docs/cli.md has no section for ${name}`);
      for (const [option] of help.out.matchAll(/(?<=^ {2})--[a-z-]+/gm)) {
        if (['--json', '--verbose'].includes(option)) continue;
        assert.ok(section.includes(option), `docs/cli.md does not tell ${option} of ${name}`);
      }
    });
  }

  test('a command that does not exist is a usage error, as a sentence or as JSON', async () => {
    const text = await seatbeltProcess({}, 'statsu');
    assert.deepEqual([text.code, text.out], [2, '']);
    assert.match(text.err, /unknown command 'statsu'/);
    const json = await seatbeltProcess({}, 'statsu', '--json');
    assert.deepEqual([json.code, json.out, errorOf(json).code], [2, '', 'usage']);
  });

  test('a missing variable is named', async () => {
    const noDatabase = await seatbeltProcess({}, 'status', '--json');
    assert.deepEqual([noDatabase.code, noDatabase.out], [2, '']);
    assert.equal(errorOf(noDatabase).code, 'variable_missing');
    assert.match(errorOf(noDatabase).message, /^DATABASE_URL is missing/);
    const env = { DATABASE_URL: 'postgres://127.0.0.1:1/none' };
    const noKey = await seatbelt(env, 'resolve', 'org', '--in-favour-of', 'stripe', '--reason', 'r', '--json');
    assert.equal(noKey.code, 2);
    assert.match(errorOf(noKey).message, /^STRIPE_SECRET_KEY is missing/);
  });

  test('a level of the log that is none ends the worker at once, with a sentence', async () => {
    const env = { DATABASE_URL: 'postgres://127.0.0.1:1/none', STRIPE_SECRET_KEY: 'sk_test_1', LOG_LEVEL: 'loud' };
    const ended = await seatbeltProcess(env, 'worker', '--json');
    assert.deepEqual([ended.code, ended.out], [2, '']);
    assert.equal(errorOf(ended).code, 'variable_malformed');
    assert.match(errorOf(ended).message, /^LOG_LEVEL is "loud", and can be trace, debug, info/);
  });

  test('the key is sent nowhere but to Stripe or this machine', async () => {
    const env = {
      DATABASE_URL: 'postgres://127.0.0.1:1/none',
      STRIPE_SECRET_KEY: 'sk_test_secretsecret',
      STRIPE_API_BASE: 'https://stripe.example.com',
    };
    const refused = await seatbeltProcess(env, 'worker', '--json');
    assert.equal(refused.code, 2);
    assert.equal(errorOf(refused).code, 'stripe_api_base_refused');
    assert.doesNotMatch(refused.err + refused.out, /secretsecret/);
  });

  test('a number that only begins like one is refused', async () => {
    const refused = await seatbelt(
      { DATABASE_URL: 'postgres://127.0.0.1:1/none' },
      'status',
      '--limit',
      '10x',
      '--json',
    );
    assert.equal(refused.code, 2);
    assert.match(errorOf(refused).message, /whole number from 1 to 500/);
  });
});
