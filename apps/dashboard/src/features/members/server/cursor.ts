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
  const isTime =
    typeof position === 'string' && /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)*$/.test(position);
  if (isTime && typeof id === 'string') return { position, id };
  throw new Refused({
    status: 422,
    code: 'invalid_input',
    title: 'The request cannot be taken as it is',
    detail: 'after: not a place in this list. Nothing was changed.',
    more: { field: 'after' },
  });
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
