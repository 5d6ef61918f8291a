import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trendOf } from './trend.ts';

const then = Date.parse('2026-11-22T12:00:00Z');
const wrong = (organization: string, since: string) => ({ organization, since });

test('those that began and those that ended are told apart, so that a turnover does not look like rest', () => {
  const now = [
    wrong('old', '2026-11-22T11:00:00Z'),
    wrong('new', '2026-11-22T12:10:00Z'),
    // Put right meanwhile, and wrong again: it counts on both sides and is neither new nor over.
    wrong('again', '2026-11-22T12:05:00Z'),
  ];
  assert.deepEqual(trendOf(now, ['over', 'again'], then), {
    since: '2026-11-22T12:00:00.000Z',
    before: 3,
    began: 1,
    ended: 1,
  });
  assert.deepEqual(trendOf([], [], then), { since: '2026-11-22T12:00:00.000Z', before: 0, began: 0, ended: 0 });
});
