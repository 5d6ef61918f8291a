import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { actionWords, afterColon } from './words.ts';

describe('Before staff say why, they are told who reads it', () => {
  const numbers = { observed: 14, expected: 10 };

  test('what the organization is shown word for word is said to be read there', () => {
    assert.match(
      actionWords('hold', numbers).readers,
      /^Every member of the organization reads the reason, word for word/,
    );
    assert.match(actionWords('adopt', numbers).readers, /^The organization reads the reason, word for word/);
  });

  test('what stays in the audit trail is said to be shown nowhere else', () => {
    for (const action of ['revert', 'resume'] as const) {
      assert.equal(actionWords(action, numbers).readers, "The organization's screens do not show the reason.");
    }
  });
});

test('reason and message are a sentence each, with one full stop', () => {
  assert.equal(
    afterColon(['To invite 20 people.', 'Your card was declined']),
    ': To invite 20 people. Your card was declined.',
  );
  assert.equal(afterColon([null, 'Why?']), ': Why?');
  assert.equal(afterColon([null, null]), '');
});
