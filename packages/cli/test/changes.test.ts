import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { product } from '../../engine/test/product.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';

interface Page {
  changes: { id: string; kind: string; status: string; seatsAfter: number }[];
  before: number | null;
}

test('changes are listed newest first and in pages', async () => {
  await using p = await product();
  for (const seats of [11, 12, 13]) await p.seatbelt.set('org_test', seats, { actor: 'user_1' });
  const env = { DATABASE_URL: p.databaseUrl };
  const first = jsonOf<Page>(await seatbelt(env, 'changes', 'org_test', '--limit', '2', '--json'));
  assert.deepEqual(
    first.changes.map(({ kind, status, seatsAfter }) => [kind, status, seatsAfter]),
    [
      ['set', 'applied', 13],
      ['set', 'applied', 12],
    ],
  );
  const args = ['changes', 'org_test', '--limit', '2', '--before', String(first.before)];
  const second = jsonOf<Page>(await seatbelt(env, ...args, '--json'));
  assert.deepEqual(
    second.changes.map(({ seatsAfter }) => seatsAfter),
    [11],
  );
  assert.equal(second.before, null);
  const text = await seatbelt(env, 'changes', 'org_test', '--limit', '2');
  assert.match(text.out, /set +13 +12 → 13 +applied +user_1 +[0-9a-f-]{36}\n/);
  assert.match(text.out, new RegExp(`\nOlder ones: seatbelt changes org_test --before ${first.before}\n$`));
});

test('one change comes with its push, Stripe’s request id and its audit trail', async () => {
  await using p = await product();
  p.sim.faults.add({ kind: 'card_decline_402', match: { method: 'POST' } });
  const { change } = await p.seatbelt.set('org_test', 12, { actor: 'user_1', reason: 'two more' });
  const id = change?.id ?? '';
  const json = await seatbelt(environmentOf(p), 'changes', 'org_test', id, '--json');
  assert.equal(json.code, 0);
  const detail = jsonOf<{
    change: { status: string; code: string };
    push: { outcome: string; stripeRequestId: string };
    audit: { kind: string }[];
  }>(json);
  assert.deepEqual([detail.change.status, detail.change.code], ['rolled_back', 'generic_decline']);
  assert.equal(detail.push.outcome, 'refused');
  assert.deepEqual(
    detail.audit.map(({ kind }) => kind),
    ['change_requested', 'push_intended', 'push_refused', 'change_rolled_back'],
  );
  const text = await seatbelt(environmentOf(p), 'changes', 'org_test', id);
  assert.match(text.out, /^set 12: rolled_back \(generic_decline\)\n/);
  assert.match(text.out, /by user_1: two more\n/);
  assert.match(text.out, new RegExp(`Stripe +request ${detail.push.stripeRequestId}\n`));
  assert.match(text.out, /change_rolled_back: .* \[seats 12 → 10, confirmed 10 → 10\]\n/);
});

test('a change of nobody, or of somebody else, is not found', async () => {
  await using p = await product();
  await p.seatbelt.link('org_two', { subscription: null });
  const { change } = await p.seatbelt.set('org_test', 12);
  for (const id of [randomUUID(), change?.id ?? '', 'no-id']) {
    const ended = await seatbelt(environmentOf(p), 'changes', 'org_two', id, '--json');
    assert.deepEqual([ended.code, ended.out, errorOf(ended).code], [2, '', 'unknown_change']);
  }
});
