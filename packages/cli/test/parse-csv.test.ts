import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCsv } from '../src/link-file/parse-csv.ts';
import { csvLine } from '../src/output/csv.ts';

test('what is written as CSV is read back as it was, quotes, commas and line ends included', () => {
  const rows = [
    ['plain', 'a,b', 'say "hi"', ''],
    ['two\nlines', ' spaces ', '""', 'ü€'],
  ];
  const text = rows.map(csvLine).join('');
  assert.deepEqual(
    parseCsv(text).map(({ fields }) => fields),
    rows,
  );
});

test('a record is known by the line it begins on, and empty lines are none', () => {
  const records = parseCsv('a,b\n\n"x\ny",1\nlast,2');
  assert.deepEqual(records, [
    { line: 1, fields: ['a', 'b'] },
    { line: 3, fields: ['x\ny', '1'] },
    { line: 5, fields: ['last', '2'] },
  ]);
});

test('quotes that do not fit are refused with their line', () => {
  assert.throws(() => parseCsv('a\n"b" c'), /^UsageError: Line 2: a field with quotes/);
  assert.throws(() => parseCsv('a\nb"c'), /^UsageError: Line 2: a field with quotes/);
  assert.throws(() => parseCsv('a\n"b'), /^UsageError: Line 2: a quoted field never ends/);
});
