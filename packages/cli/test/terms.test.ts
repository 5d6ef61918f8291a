import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Terms } from 'seatbelt';
import { product } from '../../engine/test/product.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';

describe('seatbelt terms', { concurrency: 2 }, () => {
  test('shows them without a key of Stripe, with the option that changes each', async () => {
    await using p = await product({ link: { terms: { maximumSeats: 1_500, guard: { seatsPerDay: 5 } } } });
    const { STRIPE_SECRET_KEY: _, ...env } = environmentOf(p);
    const text = await seatbelt(env, 'terms', 'org_test');
    assert.deepEqual([text.code, text.err], [0, '']);
    assert.match(text.out, /^TERM +VALUE +OPTION\nmode +prepaid +--mode\n/);
    assert.match(text.out, /maximum seats +1,500 +--maximum-seats\n/);
    assert.match(text.out, /money a day without approval +none +--amount-per-day\n/);
    assert.match(text.out, /changed elsewhere +hold +--on-foreign-change\n/);
    const shown = jsonOf<{ terms: Terms }>(await seatbelt(env, 'terms', 'org_test', '--json')).terms;
    assert.deepEqual([shown.maximumSeats, shown.guard], [1_500, { seatsPerDay: 5, amountPerDay: null }]);
    const unknown = await seatbelt(env, 'terms', 'org_nobody', '--json');
    assert.deepEqual([unknown.code, errorOf(unknown).code], [2, 'unknown_organization']);
  });

  test('changes what is named and nothing else, with who and why in the trail', async () => {
    await using p = await product({
      link: { terms: { maximumSeats: 20, guard: { amountPerDay: 900 }, onForeignChange: { dashboard: 'revert' } } },
    });
    const env = environmentOf(p);
    const said = ['--reason', 'new contract', '--actor', 'olga', '--json'];
    const change = (...options: string[]) => seatbelt(env, 'terms', 'org_test', ...options, ...said);
    const changed = await change(
      ...['--maximum-seats', 'none', '--seats-per-day', '50', '--decrease-when', 'period_end'],
      ...['--increase-proration', 'always_invoice', '--increase-payment', 'pending_if_incomplete'],
      ...['--settle-ms', '60000', '--max-wait-ms', '300000'],
      ...['--on-foreign-change', 'portal=adopt', '--on-foreign-change', 'other_program=revert'],
    );
    assert.deepEqual([changed.code, changed.err], [0, '']);
    const { terms } = jsonOf<{ terms: Terms }>(changed);
    const { account } = await p.seatbelt.inspect('org_test');
    assert.deepEqual(terms, account.terms, 'what is shown is what is stored');
    assert.deepEqual(terms, {
      mode: 'prepaid',
      minimumSeats: 0,
      maximumSeats: null,
      includedSeats: 0,
      minimumQuantity: 0,
      increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' },
      decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'period_end' },
      settleMs: 60_000,
      maxWaitMs: 300_000,
      guard: { seatsPerDay: 50, amountPerDay: 900 },
      onForeignChange: { dashboard: 'revert', portal: 'adopt', other_program: 'revert' },
    } satisfies Terms);
    const entries = [];
    for await (const { entry } of p.seatbelt.exportAudit('org_test')) entries.push(JSON.parse(entry));
    const { kind, actor, reason } = entries.at(-1);
    assert.deepEqual([kind, actor, reason], ['terms_changed', 'olga', 'new contract']);
    assert.deepEqual(p.stripeWrites(), [], 'the same seats are the same quantity');
    // The policy is the one that counts from now on.
    assert.equal((await p.seatbelt.set('org_test', 9)).status, 'scheduled');
  });

  test('terms that bill another quantity tell Stripe at once, and say where that was refused', async () => {
    await using p = await product();
    const env = environmentOf(p);
    const set = (n: string) => seatbelt(env, 'terms', 'org_test', '--included-seats', n, '--reason', 'a gift');
    const given = await set('3');
    assert.equal(given.code, 0, given.err);
    assert.match(given.out, /^The terms of org_test are changed\.\n\nTERM/);
    assert.equal(p.stripeQuantity(), 7);
    p.sim.faults.add({ kind: 'invalid_request_400', match: { method: 'POST' } });
    const refused = await set('0');
    assert.equal(refused.code, 1);
    assert.match(refused.out, /org_test is held: Stripe refused quantity 10/);
  });

  test('what cannot be is refused, and nothing is changed', async () => {
    await using p = await product();
    const env = environmentOf(p);
    const before = (await p.seatbelt.inspect('org_test')).account.version;
    const said = ['--reason', 'r', '--json'];
    for (const { options, code, exit } of [
      { options: ['--maximum-seats', '5.5'], code: 'usage', exit: 2 },
      { options: ['--mode', 'postpaid'], code: 'usage', exit: 2 },
      { options: ['--on-foreign-change', 'portal'], code: 'usage', exit: 2 },
      { options: ['--on-foreign-change', 'portl=adopt'], code: 'invalid_input', exit: 2 },
      { options: ['--increase-payment', 'pending_if_incomplete'], code: 'terms_contradict', exit: 1 },
      { options: ['--max-wait-ms', '0', '--settle-ms', '1000'], code: 'terms_contradict', exit: 1 },
    ]) {
      const ended = await seatbelt(env, 'terms', 'org_test', ...options, ...said);
      assert.deepEqual([ended.code, errorOf(ended).code, ended.out], [exit, code, ''], options.join(' '));
    }
    const without = await seatbelt(env, 'terms', 'org_test', '--mode', 'follow', '--json');
    assert.deepEqual([without.code, errorOf(without).code], [2, 'usage']);
    assert.match(errorOf(without).message, /--reason/);
    assert.equal((await p.seatbelt.inspect('org_test')).account.version, before);
  });
});
