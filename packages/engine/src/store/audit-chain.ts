import { hash } from 'node:crypto';
import type { Account, AuditEntry } from '../core/types.ts';

export interface ChainedEntry {
  readonly sequence: number;
  /** Canonical text; the hash is over exactly these characters. */
  readonly entry: string;
  readonly hash: string;
  readonly change: string | null;
  readonly push: string | null;
}

/** hash(n) = sha256(hash(n-1), newline, text(n)); the first one follows the empty string. */
export function hashOf(previous: string, entry: string): string {
  return hash('sha256', `${previous}\n${entry}`);
}

/** The latest chain of a list of entries: a commit writes it, and the state that the commit leaves begins at its end. */
const chains = new WeakMap<readonly AuditEntry[], { readonly account: Account; readonly chained: ChainedEntry[] }>();

/** Chains entries behind the head that was loaded. The version guard of the commit makes that head the real one. */
export function chain(account: Account, entries: readonly AuditEntry[]): readonly ChainedEntry[] {
  const known = chains.get(entries);
  if (known?.account === account) return known.chained;
  let { length: sequence, head } = account.audit;
  const chained = entries.map((entry) => {
    sequence += 1;
    const text = canonicalText(account, sequence, entry);
    head = hashOf(head, text);
    return { sequence, entry: text, hash: head, change: entry.change, push: entry.push };
  });
  chains.set(entries, { account, chained });
  return chained;
}

/** Fixed key order, one line, no database's printing involved. */
function canonicalText(account: Account, sequence: number, entry: AuditEntry): string {
  return JSON.stringify({
    sequence,
    organization: account.organization,
    seatType: account.seatType,
    at: new Date(entry.at).toISOString(),
    kind: entry.kind,
    change: entry.change,
    push: entry.push,
    actor: entry.actor,
    reason: entry.reason,
    seatCountBefore: entry.seatCountBefore,
    seatCountAfter: entry.seatCountAfter,
    settledBefore: entry.settledBefore,
    settledAfter: entry.settledAfter,
    usedBefore: entry.usedBefore,
    usedAfter: entry.usedAfter,
    requestId: entry.requestId,
    note: entry.note,
  });
}
