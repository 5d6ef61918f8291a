import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { privatePostgres, testDatabase } from '@seatbelt/dev';
import pg from 'pg';
import { product } from '../../engine/test/product.ts';
import { type Environment, environmentOf, jsonOf, seatbelt } from './cli.ts';
import { held } from './states.ts';

interface Diagnosis {
  ok: number;
  warn: number;
  fail: number;
  findings: { check: string; verdict: string; message: string; next: string | null }[];
}

async function examined(env: Environment) {
  const ended = await seatbelt(env, 'doctor', '--json');
  const diagnosis = jsonOf<Diagnosis>(ended);
  const find = (check: string) => diagnosis.findings.find((finding) => finding.check === check);
  return { ...diagnosis, code: ended.code, find, verdict: (check: string) => find(check)?.verdict, text: ended.out };
}

const everything = {
  STRIPE_WEBHOOK_SECRET: 'whsec_doctordoctor',
  SENTRY_DSN: 'https://public@127.0.0.1/1',
  SEATBELT_API_KEY: 'doctor-api-key-doctor-api-key-doctor',
};

describe('seatbelt doctor', () => {
  test('all is well: every line ok but the simulator’s address, and no secret is shown', async () => {
    await using p = await product();
    await p.seatbelt.tick();
    const found = await examined({ ...environmentOf(p), ...everything });
    assert.equal(found.code, 0);
    assert.deepEqual(
      found.findings.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check),
      ['STRIPE_API_BASE'],
    );
    assert.doesNotMatch(found.text, /sk_test_engine|whsec_doctordoctor|doctor-api-key|public@/);
    const text = await seatbelt({ ...environmentOf(p), ...everything }, 'doctor');
    assert.match(text.out, /\nok {4}worker +The last round of a worker was [a-z0-9 ]+ ago\.\n/);
    assert.match(text.out, /, 1 to look at, 0 wrong\.\n$/);
  });

  test('nothing is set: each variable is named, with what to do', async () => {
    const found = await examined({});
    assert.equal(found.code, 1);
    assert.deepEqual(['DATABASE_URL', 'STRIPE_SECRET_KEY', 'SENTRY_DSN', 'SEATBELT_API_KEY'].map(found.verdict), [
      'fail',
      'fail',
      'warn',
      'warn',
    ]);
    assert.ok(found.findings.every(({ verdict, next }) => verdict === 'ok' || next !== null));
    assert.equal(found.find('database'), undefined);
  });

  test('values that cannot be right are refused by name', async () => {
    const found = await examined({
      DATABASE_URL: 'localhost',
      STRIPE_SECRET_KEY: 'pk_test_publishable',
      SENTRY_DSN: 'nonsense',
    });
    assert.deepEqual(['DATABASE_URL', 'STRIPE_SECRET_KEY', 'SENTRY_DSN'].map(found.verdict), ['fail', 'fail', 'fail']);
    assert.match(found.find('STRIPE_SECRET_KEY')?.message ?? '', /publishable key/);
  });

  test('our own secrets: short ones can be guessed, and in a trial that does not matter', async () => {
    const guessed = await examined({ SEATBELT_API_KEY: 'hunter2', SEATBELT_AUTH_SECRET: 'x' });
    assert.deepEqual(['SEATBELT_API_KEY', 'SEATBELT_AUTH_SECRET'].map(guessed.verdict), ['fail', 'fail']);
    assert.match(guessed.find('SEATBELT_API_KEY')?.message ?? '', /7 characters, which can be guessed/);
    assert.doesNotMatch(guessed.text, /hunter2/);
    const shorter = await examined({ SEATBELT_API_KEY: 'twenty-characters-xx', SEATBELT_AUTH_SECRET: 'y'.repeat(32) });
    assert.deepEqual(['SEATBELT_API_KEY', 'SEATBELT_AUTH_SECRET'].map(shorter.verdict), ['warn', 'ok']);
    const trial = await examined({ SEATBELT_DEV: '1', SEATBELT_API_KEY: 'x' });
    assert.equal(trial.verdict('SEATBELT_API_KEY'), 'ok');
  });

  test('a level of the log that is none, and a webhook secret that is none of Stripe’s', async () => {
    const odd = await examined({ LOG_LEVEL: 'loud', STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'foo' });
    assert.deepEqual(['LOG_LEVEL', 'STRIPE_WEBHOOK_SECRET'].map(odd.verdict), ['fail', 'warn']);
    const rolled = await examined({ STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_old,whsec_new' });
    assert.equal(rolled.verdict('STRIPE_WEBHOOK_SECRET'), 'ok');
  });

  test('a disk that is full, which only a write finds out', async () => {
    await using p = await product();
    // Stands in for the server's own refusal: the first new table, which needs room, is refused with its code.
    await p.pool.query(`create function no_room() returns event_trigger language plpgsql as $$
      begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`);
    await p.pool.query(
      `create event trigger no_room on ddl_command_end when tag in ('CREATE TABLE') execute function no_room()`,
    );
    const full = await examined(environmentOf(p));
    assert.deepEqual([full.code, full.verdict('database_writable')], [1, 'fail']);
    assert.match(full.find('database_writable')?.message ?? '', /no room.*No space left on device/);
  });

  test('a commit is tried by a role that may make no temporary table, and it says what was not tried', async () => {
    await using p = await product();
    const { rows } = await p.pool.query('select current_database() as name');
    const role = `app_${rows[0].name}`;
    await p.pool.query(`revoke temporary on database ${rows[0].name} from public`);
    await p.pool.query(`create role ${role} login password 'app'`);
    await p.pool.query(`grant usage on schema seatbelt to ${role}`);
    await p.pool.query(`grant select, insert, update, delete on all tables in schema seatbelt to ${role}`);
    try {
      const url = new URL(p.databaseUrl);
      url.username = role;
      url.password = 'app';
      const found = await examined({ ...environmentOf(p), DATABASE_URL: url.href });
      assert.equal(found.verdict('database_writable'), 'ok', found.text);
      assert.match(found.find('database_writable')?.message ?? '', /whether its tables have room was not tried/);
    } finally {
      await p.pool.query(`drop owned by ${role}`);
      await p.pool.query(`drop role ${role}`);
    }
  });

  test('a database without the schema, and one that is not there', async () => {
    await using database = await testDatabase({ template: 'empty' });
    const empty = await examined({ DATABASE_URL: database.url });
    assert.deepEqual([empty.code, empty.verdict('database'), empty.verdict('schema')], [1, 'ok', 'fail']);
    assert.equal(empty.find('schema')?.next, 'Run `seatbelt migrate`.');
    const gone = await examined({ DATABASE_URL: 'postgres://u:hunter2secret@127.0.0.1:1/none' });
    assert.deepEqual([gone.code, gone.verdict('database')], [1, 'fail']);
    assert.doesNotMatch(gone.text, /hunter2secret/);
  });

  test('a schema of a newer version', async () => {
    await using p = await product();
    await p.pool.query(`insert into seatbelt.migrations (name) values ('9999-from-the-future')`);
    const found = await examined(environmentOf(p));
    assert.equal(found.verdict('schema'), 'warn');
    assert.match(found.find('schema')?.message ?? '', /9999-from-the-future/);
  });

  test('commits that a crash would lose, and transactions that write nothing', async () => {
    await using p = await product();
    const { rows } = await p.pool.query('select current_database() as name');
    await p.pool.query(`alter database ${rows[0].name} set synchronous_commit = off`);
    const lazy = await examined(environmentOf(p));
    assert.deepEqual([lazy.code, lazy.verdict('synchronous_commit')], [1, 'fail']);
    await p.pool.query(`alter database ${rows[0].name} reset synchronous_commit`);
    await p.pool.query(`alter database ${rows[0].name} set default_transaction_read_only = on`);
    const readOnly = await examined(environmentOf(p));
    assert.deepEqual([readOnly.code, readOnly.verdict('database_writable')], [1, 'fail']);
  });

  test('a key that Stripe does not accept, and a Stripe that is down', async () => {
    await using p = await product();
    p.sim.admin.revokeKey('sk_test_engine');
    const revoked = await examined(environmentOf(p));
    assert.equal(revoked.code, 1);
    assert.match(revoked.find('stripe')?.message ?? '', /does not accept the key/);
    p.sim.faults.outage(true);
    const down = await examined(environmentOf(p));
    assert.match(down.find('stripe')?.message ?? '', /cannot be reached/);
    assert.match(down.find('stripe')?.next ?? '', /network/);
  });

  test('a database of another installation, by name and by money', async () => {
    await using p = await product();
    const preview = await examined({ ...environmentOf(p), SEATBELT_ENVIRONMENT: 'preview' });
    assert.deepEqual([preview.code, preview.verdict('installation')], [1, 'fail']);
    assert.match(
      preview.find('installation')?.message ?? '',
      /belongs to the installation "test", test money; here is/,
    );
    const live = await examined({ ...environmentOf(p), STRIPE_SECRET_KEY: 'sk_live_otherotherother' });
    assert.equal(live.verdict('installation'), 'fail');
    assert.doesNotMatch(live.text, /otherotherother/);
    await p.seatbelt.pause(null, { reason: 'audit week' });
    const paused = await examined(environmentOf(p));
    assert.equal(paused.verdict('installation'), 'warn');
    assert.match(paused.find('installation')?.message ?? '', /paused: audit week/);
  });

  test('a silent worker, incidents that nobody was told of, and held accounts', async () => {
    await using p = await product();
    await held(p, 15);
    const fresh = await examined(environmentOf(p));
    assert.deepEqual(['worker', 'alerts', 'accounts'].map(fresh.verdict), ['warn', 'ok', 'warn']);
    await p.pool.query(`update seatbelt.incidents set opened_at = opened_at - interval '5 minutes'`);
    await p.pool.query(
      `update seatbelt.accounts set due_at = now() - interval '5 minutes', updated_at = now() - interval '5 minutes'`,
    );
    const old = await examined(environmentOf(p));
    assert.equal(old.code, 1);
    assert.deepEqual(['worker', 'alerts', 'accounts'].map(old.verdict), ['fail', 'fail', 'warn']);
    assert.match(old.find('worker')?.message ?? '', /No worker has ever finished a round here\. 1 account overdue\./);
    assert.match(old.find('alerts')?.message ?? '', /^1 incident not told yet, the oldest 5 minutes old\./);
  });

  test('a pooler between here and the database is noticed, and is no fault', async () => {
    await using p = await product();
    await using pooler = await poolerLike(p.databaseUrl);
    const found = await examined({ ...environmentOf(p), DATABASE_URL: pooler.url });
    assert.deepEqual([found.code, found.verdict('pooler')], [0, 'ok']);
    assert.match(found.find('pooler')?.message ?? '', /^A pooler stands before the database/);
  });

  test('standbys that receive asynchronously are warned of', async () => {
    await using server = await privatePostgres();
    // A standby as the server sees one: a connection that streams its log. Its commands are in capitals, or they are SQL.
    const standby = new pg.Client({ connectionString: server.url, replication: 'database' } as pg.ClientConfig);
    standby.on('error', () => undefined);
    await standby.connect();
    const { connection } = standby as unknown as { connection: EventEmitter & { stream: Socket } };
    const { rows } = await standby.query('IDENTIFY_SYSTEM');
    const streams = once(connection, 'replicationStart');
    const streaming = standby.query(`START_REPLICATION PHYSICAL ${rows[0].xlogpos}`);
    await streams;
    const found = await examined({ DATABASE_URL: server.url });
    assert.equal(found.verdict('replication'), 'warn');
    assert.match(found.find('replication')?.message ?? '', /asynchronously \(1 async\): a failover may lose/);
    // Such a stream does not end by saying goodbye.
    connection.stream.destroy();
    await assert.rejects(streaming);
  });
});

/** Answers a connect as a pooler does: with a process id of its own instead of the server's. */
async function poolerLike(databaseUrl: string): Promise<AsyncDisposable & { url: string }> {
  const behind = new URL(databaseUrl);
  const keyData = Buffer.from([0x4b, 0, 0, 0, 12]);
  const server = createServer((client) => {
    const database = connect(Number(behind.port), behind.hostname);
    client.pipe(database);
    database.on('data', (chunk) => {
      const at = chunk.indexOf(keyData);
      if (at >= 0) chunk.writeInt32BE(7, at + keyData.length);
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, database],
      [database, client],
    ] as const) {
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The pooler does not listen.');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
