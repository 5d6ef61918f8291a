import assert from 'node:assert/strict';
import { test } from 'node:test';
import { available, used } from './step.ts';
import { refusalByState } from './subscription-states.ts';
import { beginningAccount, observation, Story } from './testing.ts';
import type { Account, Observation } from './types.ts';

const paid = { increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'error_if_incomplete' } } as const;

const rows: [string, Partial<Observation>, more: string | null, fewer: string | null, morePaidFirst: string | null][] =
  [
    ['active', {}, null, null, null],
    ['trialing', { status: 'trialing' }, null, null, null],
    ['past due', { status: 'past_due' }, 'payment_overdue', null, null],
    ['unpaid', { status: 'unpaid' }, 'payment_overdue', null, 'payment_overdue'],
    ['incomplete', { status: 'incomplete' }, ...same('subscription_incomplete')],
    ['paused', { status: 'paused' }, ...same('subscription_paused')],
    ['managed by a schedule', { schedule: 'sub_sched_1' }, ...same('managed_by_schedule')],
    ['collection paused', { pausedCollection: 'void' }, null, null, 'collection_paused'],
    ['canceled at the end of the period', { cancelAtPeriodEnd: true }, null, null, null],
    ['a status Stripe may yet invent', { status: 'dormant' }, null, null, null],
  ];

function same(code: string): [string, string, string] {
  return [code, code, code];
}

for (const [name, seen, more, fewer, morePaidFirst] of rows) {
  test(`${name}: more ${more ?? 'works'}, fewer ${fewer ?? 'works'}, more where it is paid first ${morePaidFirst ?? 'works'}`, () => {
    const observed: Account['observed'] = { ...observation(10, seen), at: 0 };
    const account = beginningAccount({ seats: 10, account: { observed } });
    const first = beginningAccount({ seats: 10, terms: paid, account: { observed } });
    assert.equal(refusalByState(account, 'increase')?.code ?? null, more);
    assert.equal(refusalByState(account, 'decrease')?.code ?? null, fewer);
    assert.equal(refusalByState(first, 'increase')?.code ?? null, morePaidFirst);
    assert.equal(refusalByState(first, 'decrease')?.code ?? null, fewer, 'fewer seats are nobody`s to pay first');
  });
}

test('what Stripe has not shown yet refuses nothing', () => {
  assert.equal(refusalByState(beginningAccount({ seats: 10 }), 'increase'), null);
});

test('an invoice that is overdue is an incident until it is paid', () => {
  const story = new Story({ seats: 10 });
  story.sees(10, { status: 'past_due' });
  assert.deepEqual(story.openIncidents(), ['payment_overdue']);
  story.sees(10, { status: 'active' });
  assert.deepEqual(story.openIncidents(), []);
  story.sees(10, { status: 'unpaid' });
  story.sees(10, { status: 'canceled' });
  assert.deepEqual(story.openIncidents(), []);
});

test('before the first payment no seat is given out, whoever has one keeps it, and freeing works', () => {
  const story = new Story({ seats: 10, used: 7 });
  story.sees(10, { status: 'incomplete' });
  assert.equal(available(story.account), 0);
  assert.equal(story.refusal({ type: 'add', quantity: 1 }), 'subscription_incomplete');
  story.ask({ type: 'remove', quantity: 1 });
  assert.equal(used(story.account), 6);
  story.sees(10, { status: 'active' });
  assert.equal(available(story.account), 4);
  assert.equal(story.ask({ type: 'add', quantity: 4 }).status, 'applied');
});
