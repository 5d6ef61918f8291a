import { UsageError } from '../usage-error.ts';

/** One record with the line it begins on, counted from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/** RFC 4180, with either kind of line end. Empty lines are skipped. @throws UsageError for a quote that never ends or stands alone. */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = 1;
  let begun = 1;
  let fields: string[] = [];
  let field = '';
  let state: 'plain' | 'quoted' | 'after_quote' = 'plain';
  const endField = () => {
    fields.push(field);
    field = '';
    state = 'plain';
  };
  const endRecord = () => {
    endField();
    if (fields.length > 1 || fields[0] !== '') records.push({ line: begun, fields });
    fields = [];
  };
  for (const character of text.replaceAll('\r\n', '\n')) {
    if (state === 'quoted') {
      if (character === '"') state = 'after_quote';
      else field += character;
    } else if (state === 'after_quote' && character === '"') {
      field += '"';
      state = 'quoted';
    } else if (character === ',') {
      endField();
    } else if (character === '\n') {
      endRecord();
    } else if (character === '"' && state === 'plain' && field === '') {
      state = 'quoted';
    } else if (state === 'after_quote' || character === '"') {
      throw new UsageError(`Line ${line}: a field with quotes must be quoted as a whole ("like ""this""").`);
    } else {
      field += character;
    }
    if (character === '\n') {
      line += 1;
      if (fields.length === 0 && field === '') begun = line;
    }
  }
  if (state === 'quoted') throw new UsageError(`Line ${begun}: a quoted field never ends.`);
  if (field !== '' || fields.length > 0) endRecord();
  return records;
}
