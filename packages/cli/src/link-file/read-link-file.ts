import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { UsageError } from '../usage-error.ts';
import { parseCsv } from './parse-csv.ts';

/** One account to link, as a row of the file says it. */
export interface LinkRow {
  /** Where it stands in the file, counted from 1. */
  readonly line: number;
  readonly organization: string;
  readonly subscription: string;
  readonly item: string | null;
  readonly seats: number | null;
  readonly used: number | null;
  readonly holders: readonly string[] | null;
}

const columns = ['organization', 'subscription', 'item', 'seats', 'used', 'holders'] as const;
type Column = (typeof columns)[number];
type Fields = Readonly<Partial<Record<Column, unknown>>>;

/**
 * Reads and checks the whole file before anything is linked: a mistake on the last line must not show after an hour.
 * @throws UsageError naming every line that is wrong, up to ten of them.
 */
export async function readLinkFile(path: string): Promise<LinkRow[]> {
  const read = { '.csv': fieldsOfCsv, '.jsonl': fieldsOfJsonl, '.ndjson': fieldsOfJsonl }[extname(path).toLowerCase()];
  if (read === undefined) throw new UsageError(`${path}: the name must end with .csv or .jsonl.`);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} could not be read (${error.code ?? error.message}).`);
  });

  const wrong: string[] = [];
  const lineOf = new Map<string, number>();
  const rows: LinkRow[] = [];
  for (const { line, fields } of read(withoutMark(text))) {
    const problems: string[] = [];
    const row = rowOf(line, fields, problems);
    const earlier = lineOf.get(row.organization);
    if (earlier !== undefined) problems.push(`organization ${row.organization} stands on line ${earlier} already`);
    lineOf.set(row.organization, line);
    if (problems.length > 0) wrong.push(`line ${line}: ${problems.join(', ')}`);
    rows.push(row);
  }
  if (wrong.length > 0) {
    const more = wrong.length > 10 ? `; and ${wrong.length - 10} more` : '';
    throw new UsageError(`${path} is not right, so nothing was linked: ${wrong.slice(0, 10).join('; ')}${more}.`);
  }
  if (rows.length === 0) throw new UsageError(`${path} has no rows.`);
  return rows;
}

function fieldsOfCsv(text: string): { line: number; fields: Fields }[] {
  const [header, ...records] = parseCsv(text);
  const names = (header?.fields ?? []).map((name) => name.trim());
  const unknown = names.filter((name) => !columns.some((column) => column === name));
  if (unknown.length > 0 || !names.includes('organization') || !names.includes('subscription')) {
    throw new UsageError(
      `The first line must name the columns: organization, subscription, and where wanted item, seats, used, holders (separated by spaces). It has: ${names.join(', ')}.`,
    );
  }
  return records.map(({ line, fields }) => {
    if (fields.length !== names.length) {
      throw new UsageError(`Line ${line} has ${fields.length} fields and the first line names ${names.length}.`);
    }
    const given = names.map((name, index) => [name, (fields[index] ?? '').trim()] as const);
    const named: Record<string, unknown> = Object.fromEntries(given.filter(([, value]) => value !== ''));
    for (const column of ['seats', 'used']) {
      const value = named[column];
      if (typeof value === 'string' && /^\d+$/.test(value)) named[column] = Number(value);
    }
    if (typeof named.holders === 'string') named.holders = named.holders.split(/\s+/);
    return { line, fields: named };
  });
}

function fieldsOfJsonl(text: string): { line: number; fields: Fields }[] {
  return text.split('\n').flatMap((content, index) => {
    if (content.trim() === '') return [];
    const line = index + 1;
    const value = parsed(content, line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new UsageError(`Line ${line} is not an object.`);
    }
    const unknown = Object.keys(value).filter((name) => !columns.some((column) => column === name));
    if (unknown.length > 0) {
      throw new UsageError(`Line ${line} has ${unknown.join(', ')}; known are ${columns.join(', ')}.`);
    }
    return [{ line, fields: value as Fields }];
  });
}

function parsed(content: string, line: number): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`Line ${line} is not JSON.`);
    throw error;
  }
}

function rowOf(line: number, fields: Fields, problems: string[]): LinkRow {
  const text = (column: Column): string => {
    const value = fields[column];
    if (typeof value === 'string' && value !== '') return value;
    problems.push(`${column} is missing or not text`);
    return '';
  };
  const seatsOrNull = (column: Column): number | null => {
    const value = fields[column] ?? null;
    if (value === null) return null;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000_000) return value;
    problems.push(`${column} is not a whole number from 0 to 1000000`);
    return null;
  };
  const holdersOrNull = (): readonly string[] | null => {
    const value = fields.holders ?? null;
    if (value === null) return null;
    const names = Array.isArray(value) ? value.filter((name) => typeof name === 'string' && name !== '') : [];
    if (Array.isArray(value) && names.length === value.length && new Set(names).size === names.length) return names;
    problems.push('holders is not a list of different names');
    return null;
  };
  return {
    line,
    organization: text('organization'),
    subscription: text('subscription'),
    item: fields.item === undefined || fields.item === null ? null : text('item'),
    seats: seatsOrNull('seats'),
    used: seatsOrNull('used'),
    holders: holdersOrNull(),
  };
}

/** Spreadsheets begin their files with a byte order mark. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
