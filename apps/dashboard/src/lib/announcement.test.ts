import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Announcement, announce } from './announcement.ts';
import type { Stage } from './now.ts';

type Moment = readonly [stage: Stage, change: string | null, sentence: string];

/** What is said at each of these moments. */
function said(moments: readonly Moment[]): string[] {
  let last: Announcement | null = null;
  return moments.map(([stage, change, sentence]) => {
    last = announce(last, { stage, about: change === null ? [] : [change] }, sentence);
    return last.sentence;
  });
}

test('what was so at page load is no news; each new stage is', () => {
  assert.deepEqual(
    said([
      ['applied', 'a', 'A is applied'],
      ['writing', null, 'B is being written'],
      ['asking', 'b', 'B is asked'],
      ['asking', 'b', 'B is asked'],
      ['applied', 'b', 'B is applied'],
    ]),
    ['', 'B is being written', 'B is asked', 'B is asked', 'B is applied'],
  );
});

test('after a refusal the older change is not said as if it were the outcome', () => {
  assert.deepEqual(
    said([
      ['idle', null, 'Quiet'],
      ['applied', 'a', 'A is applied'],
      ['writing', null, 'B is being written'],
      ['applied', 'a', 'A is applied'],
      ['writing', null, 'B is being written'],
      ['lost', null, 'B is lost'],
      ['unknown', null, 'B is not known'],
      ['applied', 'a', 'A is applied'],
    ]),
    ['', 'A is applied', 'B is being written', '', 'B is being written', 'B is lost', 'B is not known', ''],
  );
});

test('a change that reads as an older one is news', () => {
  assert.deepEqual(
    said([
      ['applied', 'a', 'Applied: from 10 to 12'],
      ['applied', 'b', 'Applied: from 12 to 10'],
      ['applied', 'c', 'Applied: from 10 to 12'],
    ]),
    ['', 'Applied: from 12 to 10', 'Applied: from 10 to 12'],
  );
});
