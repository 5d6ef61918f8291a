import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LabEvent, LabNumbers } from './contract.ts';
import { standingOf, tellStory } from './told-story.ts';

const numbers = (database: number | null, stripe: number, rest: Partial<LabNumbers> = {}): LabNumbers => ({
  database,
  stripe,
  settled: null,
  open: null,
  ...rest,
});

describe('What a visitor of the fault lab is shown follows from the events alone', () => {
  test('numbers that differ are apart where the program knows of nothing open, and open where it does', () => {
    assert.equal(standingOf(numbers(11, 12)), 'apart');
    assert.equal(standingOf(numbers(11, 12, { settled: 11, open: 'in_doubt' })), 'open');
    assert.equal(standingOf(numbers(12, 12)), 'meet');
    // Equal counts that were not agreed on are no agreement.
    assert.equal(standingOf(numbers(12, 12, { settled: 11 })), 'apart');
    assert.equal(standingOf(numbers(null, 12)), 'unknown');
    assert.equal(standingOf(undefined), 'unknown');
  });

  test('lines belong to the chapter that was open and to the side that did it; waiting ends with the next event', () => {
    const events: LabEvent[] = [
      { is: 'chapter', number: 1, title: 'One', text: '', atMs: 0 },
      { is: 'said', side: 'usual', who: 'Stripe', text: 'a', atMs: 1 },
      { is: 'waiting', text: 'for the worker', atMs: 2 },
    ];
    assert.equal(tellStory(events).waiting, 'for the worker');
    const told = tellStory([
      ...events,
      { is: 'chapter', number: 2, title: 'Two', text: '', atMs: 3 },
      { is: 'said', side: 'seatbelt', who: 'Audit trail', text: 'b', atMs: 4 },
      { is: 'numbers', side: 'seatbelt', moment: 'held', numbers: numbers(10, 14), atMs: 5 },
      { is: 'checked', ok: false, what: 'c', atMs: 6 },
      { is: 'ended', ok: false, title: 'd', text: 'e', atMs: 7 },
    ]);
    assert.equal(told.waiting, null);
    assert.deepEqual(
      told.chapters.map(({ said, checks, moments }) => [
        said.usual.length,
        said.seatbelt.length,
        checks,
        moments.length,
      ]),
      [
        [1, 0, [], 0],
        [0, 1, [{ ok: false, what: 'c' }], 1],
      ],
    );
    assert.equal(told.latest.usual?.text, 'a');
    assert.equal(told.latest.seatbelt?.text, 'b');
    assert.deepEqual(told.end, { ok: false, title: 'd', text: 'e' });
  });
});
