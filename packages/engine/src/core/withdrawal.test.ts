/** Voiding the invoice of a push: what may start it, and that it comes to an end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { quotedState } from './quote.ts';
import { declined, observation, ok, paymentPending, Story } from './testing.ts';
import type { Decision } from './types.ts';

function read(story: Story, status: 'open' | 'void'): Decision {
  return story.look({
    kind: 'seen',
    observation: observation(10),
    invoice: { id: 'in_1', status, url: null },
    requestId: 'req_look',
  });
}

for (const what of ['the account', 'everything'] as const) {
  test(`an invoice that could be paid for nothing is not voided while writing is paused for ${what}`, () => {
    const story = new Story({ seats: 10 });
    story.ask({ type: 'set', seats: 15 });
    story.answer(paymentPending(10));
    if (what === 'everything') story.installationPaused = 'maintenance';
    else story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
    for (let look = 0; look <= policy.orphanLooks; look += 1) {
      assert.notEqual(read(story, 'open').effect.type, 'withdraw', 'a pause stops every write');
    }
    assert.equal(story.push.withdrawal?.attempt, 0, 'it is known what is to be done');
    assert.equal(story.wake().effect.type, 'look', 'reading goes on');
    story.installationPaused = null;
    story.tell({ type: 'resume', actor: 'ops', reason: null });
    assert.equal(story.wake().effect.type, 'withdraw');
  });
}

test('a quoted purchase that nobody pays gives way to a later change once, and not for ever', () => {
  const story = new Story({ seats: 10 });
  story.sees(10);
  const quote = { id: 'q', valid: true, state: quotedState(story.account, []), prorationDate: 1_800_000_000 };
  const quoted = story.ask({ type: 'set', seats: 15, quote });
  story.answer(paymentPending(10));
  const later = story.ask({ type: 'set', seats: 12 });
  const { id, withdrawal } = story.push;
  story.tell({ type: 'withdrawn', push: id, attempt: withdrawal?.attempt ?? 0, refused: false });
  read(story, 'void');
  assert.deepEqual([story.push.changes, story.push.target.quantity], [[quoted.id, later.id], 12]);
  assert.equal(new URLSearchParams(story.push.request.body).get('proration_date'), null);
  story.answer(ok(12));
  assert.deepEqual([story.present(quoted).supersededBy, story.present(later).status], [later.id, 'applied']);
});

test('canceled twice is canceled once, while its invoice is being voided', () => {
  const story = new Story({ seats: 10 });
  const change = story.ask({ type: 'set', seats: 15 });
  story.answer(paymentPending(10));
  const cancel = { type: 'cancel', change: change.id, actor: 'olga', reason: null } as const;
  assert.equal(story.tell(cancel).effect.type, 'withdraw');
  const again = story.tell(cancel);
  assert.deepEqual([again.change?.id, again.changed, again.effect.type], [change.id, false, 'none']);
  read(story, 'void');
  assert.equal(story.present(change).code, 'canceled');
});

test('what a declined purchase of several leaves to be tried alone waits for one payment after the other', () => {
  const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;
  const story = new Story({ seats: 10, used: 10, terms: { increase } });
  const [one, other] = [1, 2].map((quantity) => story.request({ type: 'add', quantity }));
  assert.ok(one && other);
  story.fold();
  story.answer(declined);
  assert.deepEqual(story.push.changes, [one.id]);
  story.answer(paymentPending(10));
  assert.equal(story.push.withdrawal ?? null, null, 'asked for together again, it would be declined again, for ever');
  const paid = { kind: 'seen', observation: observation(11), requestId: null } as const;
  story.look({ ...paid, invoice: { id: 'in_1', status: 'paid', url: null } });
  assert.deepEqual([story.present(one).status, story.push.changes], ['applied', [other.id]]);
});
