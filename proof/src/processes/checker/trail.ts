import { createHash } from 'node:crypto';
import type { ChangeSeen, Evidence, Finding, SeatsRow, TrailLine } from './evidence.ts';

/** The text of one entry of the trail, as `docs/` describes the export. */
export interface TrailEntry {
  readonly sequence: number;
  readonly organization: string;
  readonly at: string;
  readonly kind: string;
  readonly change: string | null;
  readonly push: string | null;
  readonly seatCountBefore: number;
  readonly seatCountAfter: number;
  readonly settledBefore: number;
  readonly settledAfter: number;
  readonly usedBefore: number;
  readonly usedAfter: number;
  readonly note: string;
}

export function parsedTrail(lines: readonly TrailLine[]): TrailEntry[] {
  return lines.map(({ entry }) => JSON.parse(entry) as TrailEntry);
}

/** G9: the trail is whole, begins where the link left off and ends where the account is. G6: and it counts up to the account. */
export function* judgeTrails(evidence: Evidence): Generator<Finding> {
  for (const { organization, why } of evidence.verified) {
    yield { guarantee: 'G9', organization, message: `"seatbelt audit verify" says: ${why}` };
  }
  const rows = new Map(evidence.rows.map((row) => [row.organization, row]));
  for (const { id, seats, foreign } of evidence.organizations) {
    const row = rows.get(id);
    const lines = evidence.trails.get(id) ?? [];
    if (row === undefined) continue;
    const broken = chainBreak(id, lines) ?? countBreak(parsedTrail(lines), row);
    if (broken !== null) {
      yield { guarantee: 'G9', organization: id, message: broken };
      continue;
    }
    const changes = evidence.changes.get(id) ?? [];
    const entries = parsedTrail(lines);
    yield* judgeEnds(id, entries, changes);
    if (foreign) continue;
    const recounted = recount(seats, entries, new Map(changes.map((change) => [change.id, change])));
    if (recounted !== row.settledSeats) {
      yield {
        guarantee: 'G6',
        organization: id,
        message: `the applied changes, in the order of the trail, come to ${recounted} seats; settled are ${row.settledSeats}`,
      };
    }
  }
}

/** hash(n) = sha256(hash(n-1), newline, text(n)), from sequence 1 on without a gap. */
function chainBreak(organization: string, lines: readonly TrailLine[]): string | null {
  let head = '';
  for (const [index, { sequence, entry, hash }] of lines.entries()) {
    head = createHash('sha256').update(`${head}\n${entry}`).digest('hex');
    const said = JSON.parse(entry) as TrailEntry;
    if (sequence !== index + 1 || said.sequence !== sequence) return `entry ${index + 1} is missing`;
    if (said.organization !== organization) return `entry ${sequence} belongs to ${said.organization}`;
    if (hash !== head) return `the hash of entry ${sequence} does not follow from the one before it`;
  }
  return lines.length === 0 ? 'there is no trail' : null;
}

/** Each entry begins with the counts where the one before it ended, and the last one ends where the account is. */
function countBreak(entries: readonly TrailEntry[], row: SeatsRow): string | null {
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    if (before === undefined) continue;
    if (
      entry.seatCountBefore !== before.seatCountAfter ||
      entry.settledBefore !== before.settledAfter ||
      entry.usedBefore !== before.usedAfter
    ) {
      return `entry ${entry.sequence} (${entry.kind}) begins with other counts than the one before it ended with`;
    }
  }
  const last = entries.at(-1);
  if (last === undefined) return 'there is no trail';
  const ended = [last.seatCountAfter, last.settledAfter, last.usedAfter].join(', ');
  const shown = [row.seatCount, row.settledSeats, row.usedSeats].join(', ');
  return ended === shown ? null : `the trail ends with ${ended} seats (shown, settled, used), the account has ${shown}`;
}

/** Each change is requested once and ends once, as what it is. */
function* judgeEnds(
  organization: string,
  entries: readonly TrailEntry[],
  changes: readonly ChangeSeen[],
): Generator<Finding> {
  const requests = new Map<string, number>();
  const ends = new Map<string, string[]>();
  for (const { kind, change } of entries) {
    if (change === null) continue;
    if (kind === 'change_requested') requests.set(change, (requests.get(change) ?? 0) + 1);
    if (kind === 'change_applied') ends.set(change, [...(ends.get(change) ?? []), 'applied']);
    if (kind === 'change_rolled_back') ends.set(change, [...(ends.get(change) ?? []), 'rolled_back']);
  }
  for (const { id, status } of changes) {
    const said = ends.get(id)?.join(' and then ') ?? 'open';
    const shown = status === 'applied' || status === 'rolled_back' ? status : 'open';
    if (said === shown && requests.get(id) === 1) continue;
    const message = `change ${id} is shown as ${status}; the trail has ${requests.get(id) ?? 0} requests of it and ends it ${said}`;
    yield { guarantee: said.includes(' and then ') ? 'G6' : 'G9', organization, message };
  }
  const shown = new Set(changes.map(({ id }) => id));
  for (const id of requests.keys()) {
    if (!shown.has(id))
      yield { guarantee: 'G6', organization, message: `change ${id} is in the trail and has vanished` };
  }
}

/** A set counts as it is, everything else by what it added or gave back. */
function recount(seats: number, entries: readonly TrailEntry[], changes: ReadonlyMap<string, ChangeSeen>): number {
  return entries.reduce((count, { kind, change }) => {
    const applied = kind === 'change_applied' && change !== null ? changes.get(change) : undefined;
    if (applied === undefined) return count;
    return applied.kind === 'set' ? applied.quantity : count + applied.seatsAfter - applied.seatsBefore;
  }, seats);
}
