import { type LinkOptions, type LinkReport, type Seatbelt, UnknownOrganization } from 'seatbelt';
import { DatabaseError } from 'seatbelt/operator';
import { problemOf } from '../problem.ts';
import type { LinkRow } from './read-link-file.ts';

export type LinkOutcome = LinkReport['outcome'] | 'skipped' | 'failed';

/** What became of one row. `skipped`: it was linked so already, and Stripe was not asked. */
export interface LinkResult {
  readonly line: number;
  readonly organization: string;
  readonly outcome: LinkOutcome;
  readonly seats: number | null;
  readonly stripeQuantity: number | null;
  /** Why it failed. */
  readonly code: string | null;
  readonly message: string | null;
}

/** Rows at a time: each costs two reads of Stripe, whose test mode allows 25 a second. */
const atOnce = 4;

/**
 * Links the rows, several at a time. What is linked already costs one read of the database, so a run that was cut short
 * is gone on with by running it again. A row that fails does not stop the others; a database that is gone stops all.
 */
export async function linkRows(
  seatbelt: Seatbelt,
  rows: readonly LinkRow[],
  shared: Pick<LinkOptions, 'onMismatch' | 'actor' | 'reason'>,
  heard: (result: LinkResult) => void,
): Promise<LinkResult[]> {
  const results: LinkResult[] = [];
  const queue = rows.values();
  const work = async () => {
    for (const row of queue) {
      const result = await linkRow(seatbelt, row, shared);
      results.push(result);
      heard(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results.sort((one, other) => one.line - other.line);
}

async function linkRow(
  seatbelt: Seatbelt,
  row: LinkRow,
  shared: Pick<LinkOptions, 'onMismatch' | 'actor' | 'reason'>,
): Promise<LinkResult> {
  const { line, organization } = row;
  try {
    const known = await linkedAlready(seatbelt, row, shared.onMismatch ?? 'hold');
    if (known) return known;
    const report = await seatbelt.link(organization, {
      ...shared,
      subscription: row.subscription,
      ...(row.item === null ? {} : { item: row.item }),
      ...(row.seats === null ? {} : { seats: row.seats }),
      ...(row.used === null ? {} : { used: row.used }),
      ...(row.holders === null ? {} : { holders: row.holders }),
    });
    return { line, ...report, code: null, message: null };
  } catch (error) {
    // Without the database no other row would fare better.
    if (error instanceof DatabaseError) throw error;
    const { code, message } = problemOf(error);
    return { line, organization, outcome: 'failed', seats: null, stripeQuantity: null, code, message };
  }
}

/** The row's account, where it is linked as the row says and there is nothing left to settle. */
async function linkedAlready(seatbelt: Seatbelt, row: LinkRow, onMismatch: string): Promise<LinkResult | null> {
  try {
    const { account } = await seatbelt.inspect(row.organization);
    const same =
      account.status !== 'ended' &&
      account.link?.subscription === row.subscription &&
      (row.item === null || account.link.item === row.item);
    if (!same) return null;
    const { line, organization } = row;
    const base = { line, organization, seats: account.seatCount, stripeQuantity: null };
    if (account.hold === null) return { ...base, outcome: 'skipped', code: null, message: null };
    // Held, and this run brings no word on whose number counts: it stays so, and is said again.
    return onMismatch === 'hold'
      ? {
          ...base,
          outcome: 'held',
          stripeQuantity: account.hold.observedQuantity,
          code: null,
          message: account.hold.message,
        }
      : null;
  } catch (error) {
    if (error instanceof UnknownOrganization) return null;
    throw error;
  }
}
