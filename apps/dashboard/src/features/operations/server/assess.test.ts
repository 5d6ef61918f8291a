import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noAnswer, Story } from '../../../../../../packages/engine/src/core/testing.ts';
import { assess } from './assess.ts';

describe('Who may be charged wrongly follows from the state alone', () => {
  test('an organization at rest is not charged wrongly', () => {
    assert.equal(assess(new Story({ seats: 10, used: 7 }).state), null);
  });

  test('a held difference needs a person; taking what Stripe bills is the safest, since it moves no bill', () => {
    const story = new Story({ seats: 10, used: 7 });
    story.sees(14);
    const wrong = assess(story.state);
    assert.deepEqual(
      [wrong?.kind, wrong?.expected, wrong?.observed, wrong?.healsByItself, wrong?.actions],
      ['differs', 10, 14, false, ['adopt', 'revert', 'hold']],
    );
  });

  test('seats that cost nothing are not part of what Stripe is expected to bill', () => {
    const story = new Story({ seats: 10, used: 7, terms: { includedSeats: 3 } });
    story.sees(9);
    assert.deepEqual([assess(story.state)?.expected, assess(story.state)?.observed], [7, 9]);
  });

  test('without an item there is nothing to adopt', () => {
    const story = new Story({ seats: 10, used: 7 });
    story.sees(null);
    const wrong = assess(story.state);
    assert.deepEqual([wrong?.observed, wrong?.actions], [null, ['hold']]);
  });

  test('a write in doubt heals by itself, unless writing is paused here or everywhere', () => {
    const story = new Story({ seats: 10, used: 7 });
    story.ask({ type: 'set', seats: 13 });
    story.answer(noAnswer());
    const wrong = assess(story.state);
    assert.deepEqual(
      [wrong?.kind, wrong?.expected, wrong?.observed, wrong?.healsByItself, wrong?.actions],
      ['in_doubt', 10, 13, true, []],
    );
    assert.notEqual(wrong?.nextAt, null);

    const everywhere = assess({ ...story.state, installationPaused: 'maintenance' });
    assert.deepEqual([everywhere?.healsByItself, everywhere?.nextAt, everywhere?.actions], [false, null, []]);
    const { state } = story;
    const here = assess({ ...state, account: { ...state.account, pausedReason: 'a call' } });
    assert.deepEqual([here?.healsByItself, here?.actions], [false, ['resume']]);
  });
});
