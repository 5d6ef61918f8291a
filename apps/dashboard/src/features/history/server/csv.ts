import type { HistoryEntry } from 'seatbelt';

const columns: readonly (readonly [string, (entry: HistoryEntry) => string | number | null])[] = [
  ['change', ({ change }) => change.id],
  ['requested_at', ({ change }) => change.requestedAt],
  ['ended_at', ({ change }) => change.endedAt],
  ['kind', ({ change }) => change.kind],
  ['status', ({ change }) => change.status],
  ['quantity', ({ change }) => change.quantity],
  ['seats_before', ({ change }) => change.seatsBefore],
  ['seats_after', ({ change }) => change.seatsAfter],
  ['actor', ({ change }) => change.actor],
  ['reason', ({ change }) => change.reason],
  ['code', ({ change }) => change.code],
  ['message', ({ change }) => change.message],
  ['superseded_by', ({ change }) => change.supersededBy],
  ['stripe_request', ({ stripeRequestId }) => stripeRequestId],
];

export const csvHead = `${columns.map(([name]) => name).join(',')}\r\n`;

/** One change as a line of RFC 4180. */
export function csvLine(entry: HistoryEntry): string {
  return `${columns.map(([, read]) => field(read(entry))).join(',')}\r\n`;
}

/**
 * A text that begins like a formula would be run as one by a spreadsheet, and actors and reasons are written by people:
 * such a text gets an apostrophe in front, which spreadsheets take for "this is text". Where a spreadsheet separates by
 * semicolons or tabs, it begins a cell behind each of those too, whatever is quoted.
 */
function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = value.replaceAll(/(?<=^|[;\t\r\n])(?=[" ]*[=+\-@])|^(?=[\t\r])/g, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
