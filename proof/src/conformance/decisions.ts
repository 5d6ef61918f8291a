/** Decisions made by hand, for cases that no command of the engine would bring about in one step. */
import type {
  Account,
  AuditEntry,
  Decision,
  HolderRow,
  Incident,
  OpenPush,
  Records,
  SeatChange,
  State,
} from '../../../packages/engine/src/core/types.ts';

import type { AccountKey } from '../../../packages/engine/src/store/store.ts';

export const beganAt = Date.UTC(2027, 0, 4, 9);
export const key: AccountKey = { organization: 'acme', seatType: 'seat' };
export const nothingNamed = { keys: [], holders: [] } as const;
export const keep = { type: 'keep' } as const;

export function id(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export const owners = { anna: id(900_001), ben: id(900_002) } as const;

export function accountOf(over: Partial<Account> = {}): Account {
  const organization = over.organization ?? key.organization;
  return {
    ...key,
    organization,
    version: 1,
    link: { customer: `cus_${organization}`, subscription: `sub_${organization}`, item: `si_${organization}` },
    status: 'active',
    hold: null,
    pausedReason: null,
    terms: {
      mode: 'prepaid',
      minimumSeats: 1,
      maximumSeats: null,
      includedSeats: 0,
      minimumQuantity: 0,
      increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'error_if_incomplete' },
      decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'now' },
      settleMs: 0,
      maxWaitMs: 0,
      guard: { seatsPerDay: null, amountPerDay: null },
      onForeignChange: {},
    },
    settledSeats: 10,
    seatCount: 10,
    assigned: 4,
    reserved: 0,
    anonymousAssigned: 1,
    anonymousReserved: 0,
    changeCount: 0,
    push: null,
    tails: [],
    marks: 0,
    marksSeen: 0,
    lookTries: 0,
    nextLookAt: null,
    lookedAt: null,
    observed: null,
    spent: null,
    revertedAt: [],
    reversedAt: [],
    quotaUsed: { updates: [], invoices: [] },
    dueAt: null,
    audit: { length: 0, head: '' },
    ...over,
  };
}

export function seated(...names: readonly string[]): HolderRow[] {
  return names.map((holder) => ({ holder, state: 'assigned', change: null }));
}

/** An open change that waits, unless told otherwise. */
export function changeOf(number: number, over: Partial<SeatChange> = {}): SeatChange {
  return {
    id: id(number),
    number,
    kind: 'set',
    status: 'requested',
    push: null,
    setSeats: 12,
    delta: 0,
    quantity: 2,
    takes: 0,
    holders: [],
    reserve: false,
    prorationDate: null,
    hangsOn: null,
    alone: false,
    idempotencyKey: null,
    fingerprint: `set ${number}`,
    actor: 'olga',
    reason: null,
    seatsBefore: 10,
    seatsAfter: 12,
    code: null,
    message: null,
    payment: false,
    supersededBy: null,
    waitsUntil: null,
    asked: null,
    amount: null,
    requestedAt: beganAt,
    endedAt: null,
    ...over,
  };
}

export function applied(change: SeatChange): SeatChange {
  return { ...change, status: 'applied', takes: 0, endedAt: beganAt + 500 };
}

export function pushOf(number: number, over: Partial<OpenPush> = {}): OpenPush {
  const link = over.link ?? { customer: 'cus_acme', subscription: 'sub_acme', item: 'si_acme' };
  return {
    id: id(number),
    state: 'intended',
    origin: 'changes',
    generation: 1,
    link,
    request: {
      path: `/v1/subscriptions/${link.subscription}`,
      body: 'items[0][quantity]=12',
      apiVersion: '2026-01-01',
    },
    from: { seats: 10, quantity: 10 },
    target: { seats: 12, quantity: 12 },
    changes: [],
    intendedAt: beganAt,
    keySince: beganAt,
    attempt: 1,
    unproven: 1,
    answered: 0,
    lastSentAt: beganAt,
    tries: 0,
    serverErrors: 0,
    firstServerErrorAt: null,
    next: 'replay',
    lookFor: null,
    nextAt: beganAt + 15_000,
    doubt: null,
    payment: null,
    requestId: null,
    ...over,
  };
}

export function incidentOf(name: string, over: Partial<Incident> = {}): Incident {
  return {
    id: name,
    kind: 'drift',
    action: 'act',
    push: null,
    cause: null,
    message: 'Stripe shows another number.',
    openedAt: beganAt,
    closedAt: null,
    ...over,
  };
}

export function entryOf(note: string, over: Partial<AuditEntry> = {}): AuditEntry {
  return {
    kind: 'looked',
    at: beganAt,
    change: null,
    push: null,
    actor: 'olga',
    reason: null,
    seatCountBefore: 10,
    seatCountAfter: 10,
    settledBefore: 10,
    settledAfter: 10,
    usedBefore: 4,
    usedAfter: 4,
    requestId: null,
    note,
    ...over,
  };
}

/** What a decision on `before` would be that changes the account so, and writes these rows. */
export function decisionOf(before: State, account: Partial<Account>, written: Partial<Records> = {}): Decision {
  const records: Records = {
    changes: [],
    holders: new Map(),
    pushesOpened: [],
    pushesEnded: [],
    incidents: [],
    audit: [],
    events: [],
    ...written,
  };
  const waiting = new Map(before.waiting.map((change) => [change.id, change]));
  const keys = new Map(before.keys);
  for (const change of records.changes) {
    if (change.endedAt === null) waiting.set(change.id, change);
    else waiting.delete(change.id);
    if (change.idempotencyKey !== null) keys.set(change.idempotencyKey, change);
  }
  const holders = new Map(before.holders);
  for (const [name, row] of records.holders) {
    if (row === null) holders.delete(name);
    else holders.set(name, row);
  }
  const state: State = {
    ...before,
    account: { ...before.account, ...account },
    waiting: [...waiting.values()].sort((a, b) => a.number - b.number),
    keys,
    holders,
  };
  return { state, records, effect: { type: 'none' }, changed: true, change: null };
}
