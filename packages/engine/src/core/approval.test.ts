/** An owner's word that comes late, or about something that others have overtaken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { paymentPending, Story } from './testing.ts';
import type { Terms } from './types.ts';

const guarded: Partial<Terms> = { guard: { seatsPerDay: 5, amountPerDay: null } };

function approve(story: Story, change: string) {
  return story.tell({ type: 'approve', change, actor: 'olga', reason: null, holders: [], pushId: story.id() });
}

test('an approval after its week is over buys nothing, although nobody has come by to end it', () => {
  const story = new Story({ seats: 10, terms: guarded });
  const change = story.ask({ type: 'set', seats: 20 });
  story.pass(policy.approvalLifetimeMs);
  const decision = approve(story, change.id);
  assert.deepEqual([decision.change?.status, decision.change?.code], ['rolled_back', 'approval_expired']);
  assert.deepEqual([decision.effect.type, story.account.push, story.account.seatCount], ['none', null, 10]);
});

test('what is approved takes the place of a later change that nobody has paid for yet', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded });
  const big = story.ask({ type: 'add', quantity: 20 });
  story.ask({ type: 'add', quantity: 2 });
  story.answer(paymentPending(10));
  assert.equal(approve(story, big.id).effect.type, 'withdraw');
});
