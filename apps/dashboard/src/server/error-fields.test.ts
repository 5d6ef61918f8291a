import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { errorFields } from './error-fields.ts';

/** A line of the log about this, as it is written. */
function logged(err: unknown): Record<string, unknown> | string {
  let line = '';
  const log = pino({ serializers: { err: errorFields } }, { write: (text: string) => (line = text) });
  log.error({ err }, 'It failed.');
  return JSON.parse(line).err;
}

function fieldsOf(error: Error): Record<string, unknown> {
  const fields = logged(error);
  assert.ok(typeof fields === 'object');
  return fields;
}

// As a build leaves a class of ours behind.
class n extends Error {
  override readonly name = 'SeatRefused';
  readonly code = 'below_used';
}

test('an error is logged by its name, whatever the build has made of its class', () => {
  const { stack, ...fields } = fieldsOf(new n('No seat is free.'));
  assert.deepEqual(fields, {
    type: 'SeatRefused',
    name: 'SeatRefused',
    code: 'below_used',
    message: 'No seat is free.',
  });
  assert.match(String(stack), /error-fields\.test/);
  assert.equal(fieldsOf(new TypeError('x')).type, 'TypeError');
});

test('what was thrown and is no error is logged as it is', () => {
  assert.equal(logged('some words'), 'some words');
});
