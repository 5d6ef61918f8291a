import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Story } from '../../../../../../packages/engine/src/core/testing.ts';
import { movedSince } from './moved.ts';

test('what staff decided about is what there is, or they are told what there is', () => {
  const story = new Story({ seats: 10, used: 7 });
  story.sees(14);
  const seen = { observed: 14, expected: 10 };
  assert.equal(movedSince(story.state, seen), null);
  assert.match(
    movedSince(story.state, { ...seen, expected: 9 }) ?? '',
    /14 by now and 10 was agreed on; it was 14 and 9 /,
  );
  story.sees(15);
  assert.match(movedSince(story.state, seen) ?? '', /bills 15 by now .* it was 14 and 10 .* Nothing was done\.$/);
  story.sees(null);
  assert.match(movedSince(story.state, seen) ?? '', /bills nothing by now/);
});

test('where nothing is held the engine is asked, which says so', () => {
  assert.equal(movedSince(new Story({ seats: 10, used: 7 }).state, { observed: 14, expected: 10 }), null);
});
