import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvHead, csvLine } from './csv.ts';

const change = {
  id: 'c1',
  kind: 'set',
  status: 'applied',
  quantity: 12,
  seatsBefore: 10,
  seatsAfter: 12,
  actor: 'ada',
  reason: null,
  code: null,
  payment: false,
  message: null,
  supersededBy: null,
  requestedAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  waitsUntil: null,
  url: '/x',
} as const;

const lineWith = (reason: string) => csvLine({ change: { ...change, reason }, stripeRequestId: 'req_1' });

test('a change is one line with as many fields as the head', () => {
  const line = csvLine({ change, stripeRequestId: 'req_1' });
  assert.equal(line.split(',').length, csvHead.split(',').length);
  assert.ok(line.endsWith(',req_1\r\n'));
});

test('commas, quotes and line ends stay inside their field', () => {
  assert.ok(lineWith('a "good", long\nreason').includes('"a ""good"", long\nreason"'));
});

test('what a spreadsheet would run as a formula is text', () => {
  assert.ok(lineWith('=HYPERLINK("http://x")').includes(`"'=HYPERLINK(""http://x"")"`));
  for (const begin of ['+1', '-1', '@x']) assert.ok(lineWith(begin).includes(`,'${begin},`));
});

test('nor does one hide behind what another spreadsheet takes for the end of a cell', () => {
  for (const [reason, field] of [
    ['ok;=1+1', "ok;'=1+1"],
    ['ok; @x', "ok;' @x"],
    ['ok\t-1', "ok\t'-1"],
    ['ok;"=1+1"', `"ok;'""=1+1"""`],
    ['a, b\n+1', `"a, b\n'+1"`],
    ['\tok', "'\tok"],
    ['seats;more = better', 'seats;more = better'],
  ] as const) {
    assert.ok(lineWith(reason).includes(`,${field},`), lineWith(reason));
  }
});
