import type { State } from '../core/types.ts';
import { InvalidInput } from '../failures.ts';
import type { AuditBody, ChangeBody, ChangeDetailBody } from '../http/contract.ts';
import { isChangeId, plainTextOrNull } from '../input.ts';
import { readAudit, readAuditOf, type StoredEntry } from '../store/audit-trail.ts';
import { listChanges, readChange, readPush } from '../store/history.ts';
import { loadPage } from '../store/load-page.ts';
import type { AccountKey } from '../store/store.ts';
import { changeView } from '../views.ts';
import { type Inside, lookTimeoutMs } from './inside.ts';

export async function changesOf(
  inside: Inside,
  key: AccountKey,
  page: { readonly before?: number | null; readonly limit?: number },
): Promise<{ changes: ChangeBody[]; before: number | null }> {
  const limit = pageLimit(page.limit);
  const before = page.before ?? null;
  if (before !== null && !Number.isSafeInteger(before))
    throw new InvalidInput('before', 'before must be the number of a change.');
  const state = await inside.state(key);
  const rows = await listChanges(inside.database, key, { before, limit });
  return {
    changes: rows.map((row) => changeView(row, state, inside.rollbackPending)),
    before: rows.length === limit ? (rows.at(-1)?.number ?? null) : null,
  };
}

export async function changeWithTrail(inside: Inside, key: AccountKey, id: string): Promise<ChangeDetailBody | null> {
  if (!isChangeId(id)) return null;
  const state = await inside.freshState(key);
  const change = await readChange(inside.database, key, id);
  if (!change) return null;
  const push = change.push === null ? null : await readPush(inside.database, key, change.push);
  const audit = await readAuditOf(inside.database, key, id, change.push);
  const open = state.account.push?.id === change.push ? state.account.push : null;
  return {
    change: changeView(change, state, inside.rollbackPending),
    push: push && {
      id: push.id,
      outcome: push.outcome ?? 'open',
      state: open?.state ?? push.outcome ?? 'intended',
      fromQuantity: push.fromQuantity,
      targetQuantity: push.targetQuantity,
      stripeRequestId: push.requestId ?? open?.requestId ?? null,
      code: push.code,
      intendedAt: push.intendedAt,
      endedAt: push.endedAt,
    },
    audit: audit.map(auditBody),
  };
}

/** What Stripe shows for an organization right now; `unknown` where it cannot be read. */
export type StripeSide =
  | { known: true; quantity: number | null; subscriptionStatus: string }
  | { known: false; reason: string };

export async function stripeSide(inside: Inside, key: AccountKey): Promise<StripeSide> {
  const state = await inside.state(key);
  if (state.account.link === null) return { known: false, reason: 'There is no subscription.' };
  const look = await inside.stripe.look(state.account.link, { timeoutMs: lookTimeoutMs });
  if (look.kind === 'failed') return { known: false, reason: look.message };
  if (look.kind === 'gone') return { known: true, quantity: null, subscriptionStatus: 'gone' };
  const { item, status } = look.observation;
  return { known: true, quantity: item?.quantity ?? null, subscriptionStatus: status };
}

/** What a page of accounts is asked for with. */
export interface AccountsPage {
  readonly after?: string | null;
  readonly limit?: number;
  readonly onlyOpen?: boolean;
}

export async function accountsPage(inside: Inside, page: AccountsPage): Promise<State[]> {
  return loadPage(inside.database, inside.seatType, {
    after: plainTextOrNull('after', page.after),
    limit: pageLimit(page.limit),
    onlyOpen: page.onlyOpen ?? false,
  });
}

/** The stored trail in order, page by page. */
export async function* trailOf(inside: Inside, key: AccountKey): AsyncGenerator<StoredEntry> {
  let after = 0;
  for (;;) {
    const page = await readAudit(inside.database, key, after, 1_000);
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < 1_000) return;
    after = last.sequence;
  }
}

/** All organizations with an account, in order, page by page. */
export async function* organizationsOf(inside: Inside): AsyncGenerator<string> {
  let after = '';
  for (;;) {
    const { rows } = await inside.database.executeSql(
      `select organization_id from seatbelt.accounts where seat_type = $1 and organization_id > $2 order by organization_id limit 1000`,
      [inside.seatType, after],
    );
    for (const row of rows) yield String(row.organization_id);
    const last = rows.at(-1);
    if (!last || rows.length < 1_000) return;
    after = String(last.organization_id);
  }
}

/** @throws InvalidInput */
export function pageLimit(asked: number | undefined): number {
  const limit = asked ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw new InvalidInput('limit', 'limit must be a whole number from 1 to 500.');
  return limit;
}

/** An audit entry's text, read for people; the text itself is what the hash is over. */
export function auditBody(stored: StoredEntry): AuditBody {
  const entry = JSON.parse(stored.entry) as Omit<AuditBody, 'hash' | 'stripeRequestId'> & { requestId: string | null };
  return {
    sequence: entry.sequence,
    kind: entry.kind,
    at: entry.at,
    actor: entry.actor,
    reason: entry.reason,
    seatCountBefore: entry.seatCountBefore,
    seatCountAfter: entry.seatCountAfter,
    settledBefore: entry.settledBefore,
    settledAfter: entry.settledAfter,
    stripeRequestId: entry.requestId,
    note: entry.note,
    hash: stored.hash,
  };
}
