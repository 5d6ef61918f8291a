import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { displayName } from './bodies.ts';

describe('A name is one line that reads as it was typed', () => {
  test('what is written from right to left, and what is put together of several signs, is a name', () => {
    for (const name of ['Acme', 'שלום בע״מ', 'شركة', 'Zoë & Söhne', '👩‍🚒 Fire']) {
      assert.equal(displayName.parse(` ${name} `), name);
    }
  });

  test('what cannot be seen and turns or breaks the text around it is refused in a sentence', () => {
    for (const sign of ['\u0007', '\u2028', '\u200f', '\u202e', '\u2066']) {
      const { error } = displayName.safeParse(`Ac${sign}me`);
      assert.deepEqual(
        error?.issues.map(({ message }) => message),
        ['characters that cannot be seen and control how text is shown are not taken'],
        JSON.stringify(sign),
      );
    }
  });
});
