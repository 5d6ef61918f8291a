import assert from 'node:assert/strict';
import { test } from 'node:test';
import { product } from '../../engine/test/product.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';
import { doubtful } from './states.ts';

interface Status {
  needsPerson: boolean;
  accounts: { total: number; held: number; due: number; overdue: number; oldestDueAt: string | null };
  pushes: { inDoubt: number; inDoubtSince: string | null };
  worker: { lastSeenAt: string | null; silent: boolean };
  organizations: { organization: string; status: string; push: string | null; inDoubtSince: string | null }[];
  after: string | null;
}

test('status counts what is open, says since when, and needs the database only', async () => {
  await using p = await product();
  await using _ = await doubtful(p);
  const env = { DATABASE_URL: p.databaseUrl };
  const { rows } = await p.pool.query(`select (push -> 'doubt' ->> 'since')::bigint as since from seatbelt.accounts`);
  const since = new Date(Number(rows[0].since)).toISOString();

  const json = await seatbelt(env, 'status', '--json');
  assert.equal(json.code, 0);
  const status = jsonOf<Status>(json);
  assert.deepEqual(status.pushes, { intended: 0, inDoubt: 1, awaitingPayment: 0, inDoubtSince: since });
  assert.deepEqual(
    status.organizations.map(({ organization, push, inDoubtSince }) => [organization, push, inDoubtSince]),
    [['org_test', 'in_doubt', since]],
  );
  const text = await seatbelt(env, 'status', '--open');
  assert.match(text.out, /open pushes: +0 being asked, 1 in doubt, the oldest since .* 1 change not ended\n/);
  assert.match(text.out, /org_test +active +12 +10 +7 +in doubt for .*; 1 change\n/);
});

test('overdue work and a silent worker are seen, and end with exit code 1', async () => {
  await using p = await product();
  // As a worker that died ten minutes ago leaves it: due since then, claimed by nobody.
  await p.pool.query(
    `update seatbelt.accounts set due_at = now() - interval '10 minutes', updated_at = now() - interval '10 minutes'`,
  );
  await p.pool.query(
    `insert into seatbelt.duties (name, last_success_at, expected_since) values ('tick', now() - interval '11 minutes', now() - interval '1 day')`,
  );
  const json = await seatbelt(environmentOf(p), 'status', '--json');
  assert.equal(json.code, 1);
  const status = jsonOf<Status>(json);
  assert.equal(status.needsPerson, true);
  assert.deepEqual([status.accounts.due, status.accounts.overdue, status.worker.silent], [1, 1, true]);
  const text = await seatbelt(environmentOf(p), 'status');
  assert.match(text.out, /worker: +last round 11 minutes ago, so none is running\n/);
  // What rounds should have done is told while rounds go on.
  await p.seatbelt.tick();
  await p.pool.query(
    `update seatbelt.duties set last_success_at = now() - interval '3 days', expected_since = now() - interval '4 days' where name = 'sweep'`,
  );
  const late = await seatbelt(environmentOf(p), 'status');
  assert.match(late.out, /SILENT: +comparing everything: last 3 days ago\n/);
  const examined = await seatbelt(environmentOf(p), 'doctor');
  assert.match(examined.out, /FAIL {2}duties +Silent: comparing everything: last 3 days ago\.\n/);
  assert.match(examined.out, /ok {4}rate +Stripe is asked as it allows: \d+ requests in the last minute\.\n/);
  await p.pool.query(
    `update seatbelt.accounts set due_at = now() - interval '10 minutes', updated_at = now() - interval '10 minutes'`,
  );
  // A claim says that somebody is at it.
  await p.pool.query(`update seatbelt.accounts set lease_until = now() + interval '1 minute'`);
  assert.equal((await seatbelt(environmentOf(p), 'status')).code, 0);
});

test('"at once" is due since the commit that said so, not since 1970', async () => {
  await using p = await product();
  await p.pool.query(`update seatbelt.accounts set due_at = to_timestamp(0), updated_at = now()`);
  const { accounts } = jsonOf<Status>(await seatbelt(environmentOf(p), 'status', '--json'));
  assert.deepEqual([accounts.due, accounts.overdue], [1, 0]);
  assert.ok(Date.now() - Date.parse(accounts.oldestDueAt ?? '') < 60_000);
});

test('many organizations come in pages, each once; --open leaves out those at rest', async () => {
  await using p = await product({ link: {} });
  for (const organization of ['org_a', 'org_b', 'org_z']) await p.seatbelt.link(organization, { subscription: null });
  await p.seatbelt.pause('org_b', { reason: 'test' });
  const env = environmentOf(p);
  const seen: string[] = [];
  let after: string | null = null;
  for (let page = 0; page < 3; page += 1) {
    const args: string[] = after === null ? [] : ['--after', after];
    const status: Status = jsonOf(await seatbelt(env, 'status', '--limit', '2', '--json', ...args));
    assert.equal(status.accounts.total, 4);
    seen.push(...status.organizations.map(({ organization }) => organization));
    after = status.after;
    if (after === null) break;
  }
  assert.deepEqual(seen, ['org_a', 'org_b', 'org_test', 'org_z']);
  const open = jsonOf<Status>(await seatbelt(env, 'status', '--open', '--json'));
  assert.deepEqual(
    open.organizations.map(({ organization }) => organization),
    ['org_b'],
  );
  const text = await seatbelt(env, 'status', '--limit', '1');
  assert.match(text.out, /\nMore: seatbelt status --limit 1 --after org_a\n$/);
});

test('a database of another kind is no reason for a stack', async () => {
  const ended = await seatbelt({ DATABASE_URL: 'mysql://u:secretsecret@127.0.0.1/x' }, 'status', '--json');
  assert.deepEqual([ended.code, errorOf(ended).code], [2, 'variable_malformed']);
  assert.doesNotMatch(ended.err, /secretsecret/);
});
