import type { InstallationEntry, StoredEntry } from 'seatbelt';
import { csvLine } from './output/csv.ts';

/** The fields of an entry's text that get a column, in the words of the text. */
const fields = [
  'at',
  'kind',
  'actor',
  'reason',
  'seatCountBefore',
  'seatCountAfter',
  'settledBefore',
  'settledAfter',
  'usedBefore',
  'usedAfter',
  'change',
  'push',
  'requestId',
  'note',
] as const;

export const auditHeaderLine = csvLine(['organization', 'seatType', 'sequence', ...fields, 'hash', 'entry']);

/** An entry of an organization's trail, or of the installation's, which names no organization. */
type Exported = StoredEntry | (InstallationEntry & { readonly organization?: null; readonly seatType?: null });

/** One line of CSV: the fields for reading, then hash and text for verifying. */
export function auditEntryLine(stored: Exported): string {
  const entry = JSON.parse(stored.entry) as Readonly<Record<string, string | number | null>>;
  const { organization = null, seatType = null, sequence } = stored;
  return csvLine([
    organization,
    seatType,
    sequence,
    ...fields.map((field) => entry[field] ?? null),
    stored.hash,
    stored.entry,
  ]);
}

/** One line of JSON; `entry` is the stored text, because the hash is over its characters. */
export function auditJsonLine({ organization = null, seatType = null, sequence, hash, entry }: Exported): string {
  return `${JSON.stringify({ organization, seatType, sequence, hash, entry })}\n`;
}
