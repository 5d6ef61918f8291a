import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { quotaFreeAt, quotaUsedNow, useQuota } from './quotas.ts';
import { hour, minute, ok, Story, second } from './testing.ts';
import type { Terms } from './types.ts';

const { updatesPerHour, invoicesPerMinute, invoicesPerDay } = policy.quotas;

/** Sets one number after the other, each applied at once, as long as Stripe's quota is there. */
function setAll(story: Story, times: number, everyMs: number): void {
  for (let count = 0; count < times; count += 1) {
    story.request({ type: 'set', seats: story.account.seatCount === 12 ? 13 : 12 });
    story.tell({ type: 'fold', pushId: story.id(), sendNow: true });
    assert.equal(story.last?.effect.type, 'send', `update ${count + 1}`);
    story.answer(ok(story.push.target.quantity));
    story.pass(everyMs);
  }
}

test('an hour’s quantity updates are made; what comes then waits together until the first of them is an hour old, and is one push', () => {
  const story = new Story({ seats: 10 });
  const began = story.now;
  setAll(story, updatesPerHour, second);
  const free = began + hour;
  const waiting = [20, 21, 22].map((seats) => {
    const change = story.request({ type: 'set', seats });
    story.tell({ type: 'fold', pushId: story.id(), sendNow: true });
    return change;
  });
  assert.equal(story.account.push, null, 'nobody asks a Stripe that would refuse');
  assert.equal(story.account.dueAt, free);
  assert.equal(story.account.seatCount, 22, 'they are accepted all the same');
  story.now = free - 1;
  assert.equal(story.wake().effect.type, 'none');
  story.now = free;
  assert.equal(story.wake().effect.type, 'send');
  assert.equal(story.push.target.seats, 22);
  assert.deepEqual(
    story.push.changes,
    waiting.map(({ id }) => id),
  );
  story.answer(ok(22));
  assert.equal(story.account.settledSeats, 22);
  assert.equal(quotaUsedNow(story.account.quotaUsed, story.now).updatesInHour, updatesPerHour);
});

test('invoices are counted by the minute and by the day, where changes make them', () => {
  const billing: Partial<Terms> = {
    increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete' },
    decrease: { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete', when: 'now' },
  };
  const story = new Story({ seats: 10, terms: billing });
  const began = story.now;
  setAll(story, invoicesPerMinute, second);
  assert.equal(quotaFreeAt(story.account), began + minute);
  story.now = began + hour;
  setAll(story, invoicesPerDay - invoicesPerMinute, minute);
  story.request({ type: 'set', seats: 30 });
  story.tell({ type: 'fold', pushId: story.id(), sendNow: true });
  assert.equal(story.account.push, null);
  assert.equal(story.account.dueAt, began + 24 * hour);
  assert.equal(quotaUsedNow(story.account.quotaUsed, story.now).invoicesInDay, invoicesPerDay);
});

test('changes that make no invoice do not wait for invoices', () => {
  const story = new Story({ seats: 10 });
  setAll(story, invoicesPerDay + 5, second);
  assert.equal(quotaFreeAt(story.account), 0);
  assert.deepEqual(quotaUsedNow(story.account.quotaUsed, story.now), {
    updatesInHour: invoicesPerDay + 5,
    invoicesInDay: 0,
  });
});

test('a replay is the same request and counts once', () => {
  const story = new Story({ seats: 10 });
  story.request({ type: 'set', seats: 12 });
  story.tell({ type: 'fold', pushId: story.id(), sendNow: true });
  for (let tries = 0; tries < 3; tries += 1) {
    story.answer({ kind: 'no_answer', reason: 'timeout', message: 'Nothing came back.' });
    story.now = story.push.nextAt;
    story.wake();
  }
  assert.equal(story.account.quotaUsed.updates.length, 1);
});

test('what is exactly as old as a window is not in it any more', () => {
  const now = 1_800_000_000_000;
  const used = {
    updates: [now - 2 * hour, now - hour, now - hour + 1, now],
    invoices: [now - 25 * hour, now - 24 * hour, now - 24 * hour + 1],
  };
  assert.deepEqual(quotaUsedNow(used, now), { updatesInHour: 2, invoicesInDay: 1 });
  assert.deepEqual(useQuota(used, 'proration_behavior=always_invoice', now), {
    updates: [now - hour + 1, now, now],
    invoices: [now - 24 * hour + 1, now],
  });
  assert.deepEqual(useQuota(used, 'proration_behavior=none', now).invoices, [now - 24 * hour + 1]);
});

test('a quota of invoices keeps nobody waiting whose changes make none', () => {
  const story = new Story({ seats: 10 });
  const invoices = Array.from({ length: invoicesPerDay }, () => story.now);
  const account = { ...story.account, quotaUsed: { updates: [], invoices } };
  assert.equal(quotaFreeAt(account), 0);
  const invoiced = { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete' } as const;
  assert.equal(quotaFreeAt({ ...account, terms: { ...account.terms, increase: invoiced } }), story.now + 24 * hour);
});
