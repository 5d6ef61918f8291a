import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepLine } from './step-line.ts';

const box = { width: 100, height: 50 };

test('a value holds until the next one, and the last one until now', () => {
  const line = stepLine(
    [
      { at: 0, value: 10 },
      { at: 50, value: 20 },
    ],
    100,
    box,
  );
  assert.equal(line?.path, 'M0 25H50V0H100');
  assert.equal(line?.highest, 20);
});

test('nothing to draw is nothing, and one moment does not divide by zero', () => {
  assert.equal(stepLine([], 100, box), null);
  assert.equal(stepLine([{ at: 100, value: 4 }], 100, box)?.path, 'M0 0H0');
});
