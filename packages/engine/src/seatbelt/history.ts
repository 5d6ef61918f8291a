import { InvalidInput } from '../failures.ts';
import type { AuditBody, ChangeBody } from '../http/contract.ts';
import type { HistoryFilter } from '../store/search-history.ts';
import { readAuditOfMany, searchHistory } from '../store/search-history.ts';
import type { AccountKey } from '../store/store.ts';
import { changeView } from '../views.ts';
import type { Inside } from './inside.ts';
import { auditBody, pageLimit } from './reading.ts';

/** One change of the history with what Stripe knows its request by. */
export interface HistoryEntry {
  readonly change: ChangeBody;
  readonly stripeRequestId: string | null;
  /** Its audit entries and those of the push that carried it; only where they were asked for. */
  readonly audit?: readonly AuditBody[];
}

export interface HistoryQuery extends HistoryFilter {
  /** The `before` of the page before this one. */
  readonly before?: number | null | undefined;
  /** Default 50, at most 500. */
  readonly limit?: number | undefined;
  /** Whether the audit entries come along. */
  readonly audit?: boolean | undefined;
}

/** A page of the history that fits a filter. `before` is null at its end; a page may be empty and not be the last. */
export async function historyOf(
  inside: Inside,
  key: AccountKey,
  { before = null, limit, audit = false, ...filter }: HistoryQuery,
): Promise<{ readonly entries: readonly HistoryEntry[]; readonly before: number | null }> {
  if (before !== null && !Number.isSafeInteger(before))
    throw new InvalidInput('before', 'before must be the number of a change.');
  for (const name of ['from', 'until'] as const) checkMoment(name, filter[name]);
  const state = await inside.state(key);
  const page = await searchHistory(inside.database, key, { before, limit: pageLimit(limit), filter });
  const found = page.found.map(({ change, stripeRequestId }) => ({
    change: changeView(change, state, inside.rollbackPending),
    stripeRequestId,
  }));
  if (!audit || found.length === 0) return { entries: found, before: page.before };
  const pushes = page.found.flatMap(({ change }) => (change.push === null ? [] : [change.push]));
  const stored = await readAuditOfMany(
    inside.database,
    key,
    found.map(({ change }) => change.id),
    pushes,
  );
  const of = Map.groupBy(stored, (entry) => entry.change ?? entry.push);
  const entries = found.map((entry, index) => {
    const push = page.found[index]?.change.push ?? null;
    const trail = [...(of.get(entry.change.id) ?? []), ...(push === null ? [] : (of.get(push) ?? []))];
    return { ...entry, audit: trail.sort((one, other) => one.sequence - other.sequence).map(auditBody) };
  });
  return { entries, before: page.before };
}

/** A moment without its offset would be one thing here and another in the database. */
const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/;

/** @throws InvalidInput */
function checkMoment(name: 'from' | 'until', text: string | undefined): void {
  if (text === undefined || (moment.test(text) && !Number.isNaN(Date.parse(text)))) return;
  throw new InvalidInput(
    name,
    `${name} must be a moment in ISO 8601 with its offset, such as 2026-11-01T00:00:00+01:00.`,
  );
}
