import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from '../core/policy.ts';
import { declined, minute, noAnswer, ok, Story } from '../core/testing.ts';
import type { Terms } from '../core/types.ts';
import { Counters } from './counters.ts';

/** A story whose commits are counted, as a process counts its own. */
function counted(terms: Partial<Terms> = {}) {
  const story = new Story({ seats: 10, used: 4, terms });
  const counters = new Counters();
  const commit = story.commit.bind(story);
  story.commit = (decides, before) => {
    const decision = commit(decides, before);
    if (decision.changed) counters.committed(decision);
    return decision;
  };
  const of = (name: string) =>
    [...counters.all()].filter(([of]) => of === `seatbelt_${name}`).map(([, labels, value]) => `${labels} ${value}`);
  return { story, of };
}

test('a sender that was lost is one takeover, and replays after answers that never came are none', () => {
  const { story, of } = counted();
  story.ask({ type: 'set', seats: 12 });
  story.pass(policy.leaseMs).wake();
  assert.deepEqual([of('lease_takeovers_total'), of('retries_total')], [[' 1'], [' 1']]);
  for (let time = 0; time < 3; time += 1) {
    story.answer(noAnswer());
    story.pass(policy.leaseMs).wake();
  }
  assert.deepEqual(of('lease_takeovers_total'), [' 1']);
  assert.deepEqual(of('pushes_in_doubt_total'), [' 3'], 'three answers, three doubts');
});

test('an incident that was opened and closed by one commit is counted, and its end is not', () => {
  const { story, of } = counted();
  story.ask({ type: 'set', seats: 12 });
  story.answer(declined, { commitFailures: { count: 2, error: 'the server is gone' } });
  assert.deepEqual(of('incidents_opened_total'), ['{kind="rollback_failed"} 1']);
  assert.deepEqual(of('drift_total'), []);
});

test('a foreign change counts once, adopted at once or held, whatever it says later', () => {
  const adopting = counted({ onForeignChange: { unknown: 'adopt' } });
  adopting.story.sees(12);
  assert.equal(adopting.of('drift_total').length, 1);

  const holding = counted({ onForeignChange: { unknown: 'hold' } });
  for (const quantity of [12, 13, 14]) holding.story.pass(minute).sees(quantity);
  assert.deepEqual(
    holding.of('incidents_opened_total').map((line) => line.split(' ').at(-1)),
    ['1'],
  );
  assert.equal(holding.story.account.status, 'held');
});

test('a change that is applied counts as ended once', () => {
  const { story, of } = counted();
  story.ask({ type: 'set', seats: 12 });
  story.answer(ok(12));
  assert.deepEqual(of('changes_ended_total'), ['{kind="set",status="applied"} 1']);
  assert.deepEqual(of('pushes_opened_total'), ['{origin="changes"} 1']);
});
