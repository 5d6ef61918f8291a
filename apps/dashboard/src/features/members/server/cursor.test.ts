import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused } from '#server/problem.ts';
import { readCursor, writeCursor } from './cursor.ts';

const read = (position: unknown, id: unknown = 'member_1') =>
  readCursor(Buffer.from(JSON.stringify([position, id])).toString('base64url'));

test('the place where a page ended is found again, to the microsecond and in every time zone', () => {
  assert.equal(readCursor(null), null);
  for (const position of [
    '2026-11-29 23:14:35.123456+00',
    '2024-02-29 00:00:00+05:30',
    '1999-12-31 23:59:59.1-11',
    '2026-01-01 00:00:00+00:19:32',
  ]) {
    const cursor = { position, id: 'member_1' };
    assert.deepEqual(readCursor(writeCursor(cursor)), cursor);
  }
});

test('what is no place is refused, before PostgreSQL refuses it', () => {
  for (const position of [
    '2026-99-99 00:00:00+00',
    '2026-02-31 00:00:00+00',
    '2026-01-01 25:00:00+00',
    '2026-01-01 00:00:00+99',
    '2026-01-01 00:00:00+00:99',
    '999999-01-01 00:00:00+00',
    '0000-01-01 00:00:00+00',
    '2026-01-01',
    7,
  ]) {
    assert.throws(() => read(position), Refused, String(position));
  }
  assert.throws(() => read('2026-01-01 00:00:00+00', 'a\u0000'), Refused);
  assert.throws(() => readCursor('not base64 of anything'), Refused);
});
