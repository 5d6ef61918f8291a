import { Refused } from '#server/problem.ts';

/** Where a page ended: a time in PostgreSQL's own words, which keep its microseconds, and the id among equal times. */
export interface Cursor {
  readonly position: string;
  readonly id: string;
}

export function writeCursor({ position, id }: Cursor): string {
  return Buffer.from(JSON.stringify([position, id])).toString('base64url');
}

/** @throws Refused 422 for what `writeCursor` did not write */
export function readCursor(text: string | null): Cursor | null {
  if (text === null) return null;
  const [position, id] = partsOf(text);
  if (typeof position === 'string' && isMoment(position) && typeof id === 'string' && !id.includes('\0')) {
    return { position, id };
  }
  throw new Refused({
    status: 422,
    code: 'invalid_input',
    title: 'The request cannot be taken as it is',
    detail: 'after: not a place in this list. Nothing was changed.',
    more: { field: 'after' },
  });
}

/** A moment of the calendar as PostgreSQL writes it; it refuses a month 13 itself, and that would be our fault. */
function isMoment(text: string): boolean {
  const [, day, time] =
    /^((?!0000)\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d{1,6})?[+-](?:0\d|1[0-5])(?::[0-5]\d){0,2}$/.exec(text) ?? [];
  const moment = new Date(`${day}T${time}Z`);
  // JavaScript makes a March of the 31st of February.
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(`${day}T${time}`);
}

function partsOf(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [];
  }
}
