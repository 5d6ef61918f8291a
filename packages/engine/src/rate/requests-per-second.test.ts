import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from '../core/policy.ts';
import { requestsPerSecond } from './requests-per-second.ts';

test('a key that could not be read is read again: a moment without it costs speed and no request', async () => {
  let reads = 0;
  const identityOfKey = async () => {
    reads += 1;
    if (reads === 1) throw new Error('the vault does not answer');
    return { livemode: true };
  };
  const allowed = requestsPerSecond({}, { isStripe: true, identityOfKey });
  assert.equal(await allowed(), policy.testRequestsPerSecond);
  assert.equal(await allowed(), policy.liveRequestsPerSecond);
  assert.equal(await allowed(), policy.liveRequestsPerSecond);
  assert.equal(reads, 2, 'what it says is asked once');
});
