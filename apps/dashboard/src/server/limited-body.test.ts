import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyLimit, limitedText } from './limited-body.ts';
import { Refused } from './problem.ts';

const chunk = new TextEncoder().encode('é'.repeat(1_000));

/** A body that goes on for ever, and how much of it was taken. */
function endless(): { request: Request; taken: () => number } {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  const init = { method: 'POST', body, duplex: 'half' } as const;
  return { request: new Request('http://localhost/', init), taken: () => taken };
}

test('a body that does not end is read no further than the limit', async () => {
  const { request, taken } = endless();
  await assert.rejects(limitedText(request), (error) => error instanceof Refused && error.facts.status === 413);
  assert.ok(taken() <= bodyLimit + 4 * chunk.byteLength, `${taken()} bytes were taken`);
});

test('one that says that it is too long is not read at all', async () => {
  const { request, taken } = endless();
  const before = taken();
  const said = new Request(request, { headers: { 'content-length': String(bodyLimit + 1) } });
  await assert.rejects(limitedText(said), (error) => error instanceof Refused && error.facts.status === 413);
  assert.ok(taken() <= before + 2 * chunk.byteLength);
});

test('what is within it comes whole, also where a character is in two chunks', async () => {
  const bytes = new TextEncoder().encode('zoë@people.example');
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  const init = { method: 'POST', body, duplex: 'half' } as const;
  assert.equal(await limitedText(new Request('http://localhost/', init)), 'zoë@people.example');
  assert.equal(await limitedText(new Request('http://localhost/', { method: 'POST' })), '');
});
