import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoted } from './quoted.ts';

test('what was typed is set apart, so that it turns no word of ours', () => {
  assert.equal(quoted('\u202eevil'), '“\u2068\u202eevil\u2069”');
});
