/**
 * The second implementation of the store: the same two verbs, the same guard, the same constraints, in memory.
 * What PostgreSQL does in one statement happens here in one call without an await, so nothing can come in between.
 */

import { apart } from '../../packages/engine/src/core/parked.ts';
import type {
  Account,
  Decision,
  EndedPush,
  HolderRow,
  HostEvent,
  Incident,
  MarkReason,
  OpenPush,
  SeatChange,
  State,
} from '../../packages/engine/src/core/types.ts';
import { DatabaseError } from '../../packages/engine/src/db/executor.ts';
import { type ChainedEntry, chain } from '../../packages/engine/src/store/audit-chain.ts';
import { claimedAtMostMs } from '../../packages/engine/src/store/claim.ts';
import type { Received, ReceivedEvent } from '../../packages/engine/src/store/marks.ts';
import type { AccountKey, LeaseAction, Named, Store } from '../../packages/engine/src/store/store.ts';

/** Everything that is kept about one account: what PostgreSQL has in its tables. */
export interface Rows {
  account: Account;
  leaseOwner: string | null;
  leaseUntil: number;
  readonly changes: Map<string, SeatChange>;
  readonly waiting: Map<string, SeatChange>;
  readonly keys: Map<string, string>;
  readonly holders: Map<string, HolderRow>;
  readonly pushes: Map<string, { readonly push: OpenPush; readonly ended: EndedPush | null }>;
  readonly incidents: Map<string, Incident>;
  readonly audit: ChainedEntry[];
  readonly events: HostEvent[];
  readonly reasons: MarkReason[];
}

export class MemoryStore implements Store {
  readonly #now: () => number;
  readonly #rows = new Map<string, Rows>();
  installationPaused: string | null = null;
  /** Whether this installation is about live money; null: it does not know yet. */
  livemode: boolean | null = null;
  /** What the host is to hear, of all accounts in the order of its writing. */
  readonly hostEvents: { readonly id: string; readonly key: AccountKey; readonly event: HostEvent }[] = [];
  /** Events that were delivered, and how often. */
  readonly #events = new Map<string, number>();
  /** What each event has told which account. */
  readonly #told = new Set<string>();
  /** Hears of every commit, with the rows as they were and as they are. */
  onCommit: ((before: Account, rows: Rows, decision: Decision) => void) | null = null;

  /** @param now the database's clock, in milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  create(account: Account): void {
    this.#rows.set(nameOf(account), {
      account,
      leaseOwner: null,
      leaseUntil: 0,
      changes: new Map(),
      waiting: new Map(),
      keys: new Map(),
      holders: new Map(),
      pushes: new Map(),
      incidents: new Map(),
      audit: [],
      events: [],
      reasons: [],
    });
  }

  rows(key: AccountKey): Rows {
    const rows = this.#rows.get(nameOf(key));
    if (rows === undefined) throw new Error(`no account ${nameOf(key)}`);
    return rows;
  }

  /** A wish for a look: raises the counter and makes the account due, in one statement. */
  mark(key: AccountKey, told: Omit<MarkReason, 'mark'> | null = null): void {
    const rows = this.rows(key);
    const now = this.#now();
    rows.account = {
      ...rows.account,
      marks: rows.account.marks + 1,
      dueAt: Math.min(rows.account.dueAt ?? now, now),
    };
    if (told !== null) rows.reasons.push({ ...told, mark: rows.account.marks });
  }

  /** A webhook: remembered by its id, and the accounts of its subscription marked, unless it is the echo of a push of ours. */
  receive({ id, type, subscription, items, requestId, key, push, livemode = null }: ReceivedEvent): Received {
    if (livemode !== null && this.livemode !== null && livemode !== this.livemode)
      return { accounts: 0, seenBefore: false, otherLivemode: true };
    const times = (this.#events.get(id) ?? 0) + 1;
    this.#events.set(id, times);
    const all = [...this.#rows.values()];
    const known = push === null ? undefined : all.flatMap((rows) => rows.pushes.get(push) ?? [])[0];
    const before = items.find(({ item }) => item === known?.push.link.item)?.before ?? null;
    const echo =
      known !== undefined &&
      known.push.link.subscription === subscription &&
      (before === null || known.push.from.quantity === before) &&
      (known.ended === null || known.ended.outcome === 'confirmed');
    const ours = all.filter(
      ({ account }) => account.link?.subscription === subscription && account.status !== 'ended' && !echo,
    );
    for (const { account } of ours) {
      const told = items.find(({ item }) => item === account.link?.item);
      const reason = {
        eventType: type,
        quantityBefore: told?.before ?? null,
        quantityAfter: told?.after ?? null,
        requestId,
        key,
        push:
          known === undefined
            ? null
            : { id: known.push.id, fromQuantity: known.push.from.quantity, outcome: known.ended?.outcome ?? null },
        portalSession: false,
      };
      // What is delivered again marks again, and tells each account once.
      const telling = `${id} ${nameOf(account)}`;
      this.mark(account, this.#told.has(telling) ? null : reason);
      this.#told.add(telling);
    }
    return { accounts: ours.length, seenBefore: times > 1, otherLivemode: false };
  }

  /** Whether this event is stored. */
  knowsEvent(id: string): boolean {
    return this.#events.has(id);
  }

  // The store's verbs. The *Now forms are the statements themselves.

  async load(key: AccountKey, named: Named): Promise<State | null> {
    return this.loadNow(key, named);
  }

  loadNow(key: AccountKey, named: Named): State | null {
    const rows = this.#rows.get(nameOf(key));
    if (rows === undefined) return null;
    const keys = named.keys.flatMap((name) => {
      const change = rows.changes.get(rows.keys.get(name) ?? '');
      return change ? [[name, change] as const] : [];
    });
    const holders = named.holders.flatMap((name) => {
      const row = rows.holders.get(name);
      return row ? [[name, row] as const] : [];
    });
    return {
      account: rows.account,
      ...apart([...rows.waiting.values()].sort((a, b) => a.number - b.number)),
      keys: new Map(keys),
      holders: new Map(holders),
      incidents: [...rows.incidents.values()].filter((incident) => incident.closedAt === null),
      installationPaused: this.installationPaused,
      pauseRead: this.installationPaused !== null,
      now: this.#now(),
    };
  }

  async commit(before: State, decision: Decision, lease: LeaseAction): Promise<'committed' | 'conflict'> {
    return this.commitNow(before, decision, lease);
  }

  commitNow(before: State, decision: Decision, lease: LeaseAction): 'committed' | 'conflict' {
    const rows = this.#rows.get(nameOf(before.account));
    if (rows === undefined || rows.account.version !== before.account.version) return 'conflict';
    if (before.pauseRead !== (this.installationPaused !== null)) return 'conflict';
    const { records, state } = decision;
    const was = rows.account;
    // Constraints first, as one statement writes all of it or nothing.
    checkConstraints(rows, decision);
    this.#checkAcrossAccounts(rows, decision);

    for (const change of records.changes) {
      rows.changes.set(change.id, change);
      if (change.idempotencyKey !== null) rows.keys.set(change.idempotencyKey, change.id);
      if (change.endedAt === null) rows.waiting.set(change.id, change);
      else rows.waiting.delete(change.id);
    }
    for (const [name, row] of records.holders) {
      if (row === null) rows.holders.delete(name);
      else rows.holders.set(name, row);
    }
    for (const ended of records.pushesEnded) rows.pushes.set(ended.push.id, { push: ended.push, ended });
    for (const push of records.pushesOpened) rows.pushes.set(push.id, { push, ended: null });
    for (const incident of records.incidents) rows.incidents.set(incident.id, incident);
    const entries = chain(before.account, records.audit);
    rows.audit.push(...entries);
    for (const event of records.events) {
      rows.events.push(event);
      const { organization, seatType } = was;
      this.hostEvents.push({ id: String(this.hostEvents.length + 1), key: { organization, seatType }, event });
    }

    const last = entries.at(-1);
    const unmarked = was.marks === before.account.marks;
    rows.account = {
      ...state.account,
      version: was.version + 1,
      marks: was.marks,
      // A mark that arrived since the load made the account due; clearing that would lose the wake-up.
      dueAt: unmarked ? state.account.dueAt : least(state.account.dueAt, was.dueAt),
      audit: last ? { length: last.sequence, head: last.hash } : was.audit,
    };
    if (lease.type === 'take') {
      rows.leaseOwner = lease.owner;
      rows.leaseUntil = this.#now() + lease.forMs;
    } else if (lease.type === 'release') {
      rows.leaseOwner = null;
    }
    this.onCommit?.(was, rows, decision);
    return 'committed';
  }

  /** All of it or nothing. Nobody else may come in between; the proof, which puts time there, keeps the others out itself. */
  async locked<T>(key: AccountKey, work: (store: Pick<Store, 'load' | 'commit'>) => Promise<T>): Promise<T> {
    const rows = this.#rows.get(nameOf(key));
    const asItWas = rows && copyOf(rows);
    const heard = this.hostEvents.length;
    try {
      return await work(this);
    } catch (error) {
      if (asItWas) this.#rows.set(nameOf(key), asItWas);
      this.hostEvents.length = heard;
      throw error;
    }
  }

  /** The unique indexes that reach over several accounts. */
  #checkAcrossAccounts(rows: Rows, { records, state }: Decision): void {
    const { link, status } = state.account;
    for (const other of this.#rows.values()) {
      if (other === rows) continue;
      const theirs = other.account;
      if (link && status !== 'ended' && theirs.status !== 'ended' && theirs.link?.item === link.item)
        violated('accounts_item', link.item);
      const open = theirs.push?.link.subscription;
      for (const push of records.pushesOpened) {
        if (push.link.subscription === open) violated('pushes_one_open', push.id);
      }
    }
  }

  async changes(key: AccountKey, ids: readonly string[]): Promise<SeatChange[]> {
    return this.changesNow(key, ids);
  }

  changesNow(key: AccountKey, ids: readonly string[]): SeatChange[] {
    const rows = this.rows(key);
    return ids.flatMap((id) => rows.changes.get(id) ?? []);
  }

  async markReasons(key: AccountKey, after: number, upTo: number): Promise<MarkReason[]> {
    return this.markReasonsNow(key, after, upTo);
  }

  markReasonsNow(key: AccountKey, after: number, upTo: number): MarkReason[] {
    return this.rows(key).reasons.filter(({ mark }) => mark > after && mark <= upTo);
  }

  async claimDue(owner: string, limit: number, leaseMs: number): Promise<AccountKey[]> {
    return this.claimDueNow(owner, limit, leaseMs);
  }

  claimDueNow(owner: string, limit: number, leaseMs: number): AccountKey[] {
    const now = this.#now();
    const due = [...this.#rows.values()]
      .filter((rows) => rows.account.dueAt !== null && rows.account.dueAt <= now && isFree(rows, now))
      .sort((a, b) => (a.account.dueAt ?? 0) - (b.account.dueAt ?? 0))
      .slice(0, Math.max(limit, 0));
    for (const rows of due) {
      rows.leaseOwner = owner;
      rows.leaseUntil = now + leaseMs;
    }
    return due.map(({ account }) => ({ organization: account.organization, seatType: account.seatType }));
  }

  async claim(key: AccountKey, owner: string, leaseMs: number): Promise<boolean> {
    return this.claimNow(key, owner, leaseMs);
  }

  claimNow(key: AccountKey, owner: string, leaseMs: number): boolean {
    const rows = this.rows(key);
    const now = this.#now();
    if (!isFree(rows, now) && rows.leaseOwner !== owner) return false;
    rows.leaseOwner = owner;
    rows.leaseUntil = now + leaseMs;
    return true;
  }

  async release(key: AccountKey, owner: string): Promise<void> {
    this.releaseNow(key, owner);
  }

  releaseNow(key: AccountKey, owner: string): void {
    const rows = this.rows(key);
    if (rows.leaseOwner === owner) rows.leaseOwner = null;
  }
}

function copyOf(rows: Rows): Rows {
  return {
    ...rows,
    changes: new Map(rows.changes),
    waiting: new Map(rows.waiting),
    keys: new Map(rows.keys),
    holders: new Map(rows.holders),
    pushes: new Map(rows.pushes),
    incidents: new Map(rows.incidents),
    audit: [...rows.audit],
    events: [...rows.events],
  };
}

function nameOf(key: AccountKey): string {
  return `${key.seatType}/${key.organization}`;
}

/** Whether nobody has it. A claim further ahead than any is taken for is one of a clock that was put back. */
export function isFree({ leaseOwner, leaseUntil }: Rows, now: number): boolean {
  return leaseOwner === null || leaseUntil < now || leaseUntil > now + claimedAtMostMs;
}

function least(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** What the constraints of the schema say, under their names. */
function checkConstraints(rows: Rows, decision: Decision): void {
  const { records, state } = decision;
  const { account } = state;
  // One statement cannot write a row twice; PostgreSQL refuses it where it sees it.
  const twice = (ids: readonly string[]) => ids.find((id, index) => ids.indexOf(id) !== index);
  const repeated =
    twice(records.changes.map(({ id }) => id)) ??
    twice(records.incidents.map(({ id }) => id)) ??
    twice([...records.pushesEnded.map(({ push }) => push.id), ...records.pushesOpened.map(({ id }) => id)]);
  if (repeated !== undefined) {
    const message = `ON CONFLICT DO UPDATE command cannot affect row a second time: ${repeated}`;
    throw new DatabaseError({ kind: 'rejected', code: '21000', constraint: null, message }, null);
  }
  for (const change of records.changes) {
    const known = rows.changes.get(change.id);
    if (known?.endedAt !== null && known !== undefined) violated('seat_changes_end_once', change.id);
    const owner = change.idempotencyKey === null ? undefined : rows.keys.get(change.idempotencyKey);
    if (owner !== undefined && owner !== change.id) violated('seat_changes_idempotency_key', change.id);
    const over = change.status === 'applied' || change.status === 'rolled_back';
    if (over !== (change.endedAt !== null)) violated('seat_changes_end_once', change.id);
    if ((change.status === 'rolled_back') !== (change.code !== null))
      violated('seat_changes_rolled_back_says_why', change.id);
    if (change.payment && change.status !== 'rolled_back') violated('seat_changes_payment_is_an_end', change.id);
    if (over && change.takes !== 0) violated('seat_changes_take_nothing_at_end', change.id);
    if (change.takes < 0) violated('seat_changes_takes_check', change.id);
    if (known === undefined && change.number <= rows.account.changeCount) violated('seat_changes_number', change.id);
  }
  for (const row of records.holders.values()) {
    if (row?.change != null && row.state !== 'reserved') violated('seats_hanging_are_reserved', row.holder);
  }
  const open = new Set([...rows.pushes.values()].filter(({ ended }) => ended === null).map(({ push }) => push.id));
  for (const ended of records.pushesEnded) {
    if (!open.delete(ended.push.id)) violated('pushes_end_with_outcome', ended.push.id);
  }
  for (const push of records.pushesOpened) open.add(push.id);
  if (open.size > 1) violated('pushes_one_open', [...open].join());
  if ((open.size === 1) !== (account.push !== null)) violated('accounts_push_wholly', account.push?.id ?? 'none');
  if ((account.status === 'held') !== (account.hold !== null)) violated('accounts_held_says_why', account.status);
  const { assigned, reserved, anonymousAssigned, anonymousReserved, settledSeats, seatCount } = account;
  const counts =
    anonymousAssigned >= 0 && anonymousAssigned <= assigned && anonymousReserved >= 0 && anonymousReserved <= reserved;
  if (!counts)
    violated('accounts_used_not_negative', `${anonymousAssigned}/${assigned} ${anonymousReserved}/${reserved}`);
  if (settledSeats < 0 || settledSeats > 1_000_000) violated('accounts_settled_seats_check', String(settledSeats));
  if (seatCount < 0 || seatCount > 1_000_000) violated('accounts_seat_count_check', String(seatCount));
  if (account.push === null && state.waiting.length === 0 && settledSeats !== seatCount) {
    violated('accounts_settled_at_rest', `${settledSeats} ${seatCount}`);
  }
}

function violated(constraint: string, what: string): never {
  throw new DatabaseError({ kind: 'constraint', code: '23514', constraint, message: `${constraint}: ${what}` }, null);
}
