import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoded } from './decoded.ts';

test('a part of an address is decoded; what is none any more is left as it is', () => {
  assert.equal(decoded('a%2Fb%20c'), 'a/b c');
  assert.equal(decoded('%25zz'), '%zz');
  assert.equal(decoded('%zz'), '%zz');
});
