import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameSecret } from '../../src/http/same-secret.ts';

test('a secret is the same as itself and as nothing else', async () => {
  assert.equal(await sameSecret('tick-secret', 'tick-secret'), true);
  assert.equal(await sameSecret('', ''), true);
  // Enough of them that one looked at only in part would be taken for the right one.
  for (let n = 0; n < 2_000; n += 1) assert.equal(await sameSecret(`tick-secret-${n}`, 'tick-secret'), false);
});
