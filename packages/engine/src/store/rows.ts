import { defaultTerms } from '../core/terms.ts';
import type {
  Account,
  ChangeKind,
  ChangeStatus,
  EndedPush,
  Hold,
  HolderRow,
  Incident,
  Observed,
  OpenPush,
  QuotaUsed,
  SeatChange,
  SeatRequest,
  Spent,
  Tail,
  Terms,
} from '../core/types.ts';
import { withColumns } from '../db/executor.ts';

/**
 * Rows as they come out of `row_to_json` and go into `jsonb_to_record`. Only this file knows column names of both directions.
 * Rows are written by us alone and checked by constraints, so they are read and not validated again.
 */
type JsonRow = Record<string, unknown>;

function record(value: unknown): JsonRow {
  const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('expected a row as json');
  return parsed as JsonRow;
}

const text = (value: unknown): string => String(value);
const textOrNull = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));
const whole = (value: unknown): number => Number(value);
const millis = (value: unknown): number => Date.parse(String(value));
const millisOrNull = (value: unknown): number | null => (value === null || value === undefined ? null : millis(value));
const timestamp = (value: number | null): string | null => (value === null ? null : new Date(value).toISOString());

// What was written before these fields were there says nothing about them.
const noCause: Partial<Hold> = { cause: null };

export function accountFromRow(value: unknown): Account {
  const row = withColumns(record(value), 'organization_id');
  const subscription = textOrNull(row.subscription_id);
  return {
    organization: text(row.organization_id),
    seatType: text(row.seat_type),
    version: whole(row.version),
    link:
      subscription === null
        ? null
        : { customer: text(row.customer_id), subscription, item: text(row.subscription_item_id) },
    status: row.status as Account['status'],
    hold: row.hold === null ? null : { ...noCause, ...(row.hold as Hold) },
    pausedReason: textOrNull(row.paused_reason),
    terms: termsFromRow(row.terms as StoredTerms),
    settledSeats: whole(row.settled_seats),
    seatCount: whole(row.seat_count),
    assigned: whole(row.assigned_seats),
    reserved: whole(row.reserved_seats),
    anonymousAssigned: whole(row.anonymous_assigned),
    anonymousReserved: whole(row.anonymous_reserved),
    changeCount: whole(row.change_count),
    spent: spentFromRow(row.spent as StoredSpent | null),
    push: row.push as OpenPush | null,
    tails: row.tails as Tail[],
    marks: whole(row.marks),
    marksSeen: whole(row.marks_seen),
    lookTries: whole(row.look_tries),
    nextLookAt: millisOrNull(row.next_look_at),
    lookedAt: millisOrNull(row.looked_at),
    observed: row.observed as Observed | null,
    revertedAt: row.reverted_at as number[],
    reversedAt: row.reversed_at as number[],
    quotaUsed: row.quota_used as QuotaUsed,
    dueAt: millisOrNull(row.due_at),
    audit: { length: whole(row.audit_length), head: text(row.audit_head) },
  };
}

export type StoredTerms = Partial<Terms> & Pick<Terms, 'mode'>;

/** Terms that were stored before there were all of today's mean what they meant then. */
export function termsFromRow(terms: StoredTerms): Terms {
  return { ...defaultTerms, ...terms, decrease: { ...defaultTerms.decrease, ...terms.decrease } };
}

/** Before there were slots, one sum was counted since one moment, and lasted a day from then. */
type StoredSpent = Spent | { readonly since: number; readonly seats: number; readonly amount: number };

function spentFromRow(spent: StoredSpent | null): Spent | null {
  if (spent === null || 'slots' in spent) return spent;
  return { slots: [{ at: spent.since, seats: spent.seats, amount: spent.amount }] };
}

export function accountToRow(account: Account, waitingChanges: number, parkedChanges: number): JsonRow {
  return {
    customer_id: account.link?.customer ?? null,
    subscription_id: account.link?.subscription ?? null,
    subscription_item_id: account.link?.item ?? null,
    status: account.status,
    hold: account.hold,
    paused_reason: account.pausedReason,
    terms: account.terms,
    settled_seats: account.settledSeats,
    seat_count: account.seatCount,
    assigned_seats: account.assigned,
    reserved_seats: account.reserved,
    anonymous_assigned: account.anonymousAssigned,
    anonymous_reserved: account.anonymousReserved,
    change_count: account.changeCount,
    waiting_changes: waitingChanges,
    parked_changes: parkedChanges,
    spent: account.spent,
    push_id: account.push?.id ?? null,
    push_state: account.push?.state ?? null,
    push: account.push,
    tails: account.tails,
    marks_seen: account.marksSeen,
    look_tries: account.lookTries,
    next_look_at: timestamp(account.nextLookAt),
    looked_at: timestamp(account.lookedAt),
    observed: account.observed,
    reverted_at: account.revertedAt,
    reversed_at: account.reversedAt,
    quota_used: account.quotaUsed,
    due_at: timestamp(account.dueAt),
    audit_length: account.audit.length,
    audit_head: account.audit.head,
  };
}

/**
 * A change as people are shown it: without the names it carries, of which there may be ten thousand, and which a list of
 * changes would read, send and parse for nothing.
 */
export type ShownChange = Omit<SeatChange, 'holders' | 'asked' | 'fingerprint'>;

/**
 * The columns of a shown change, of the row `c`. They are named, and come as the text of `row_to_json`: taking three out of
 * all of them is done on a tree, and building that for each row took more than half of what a page costs the server.
 */
export const shownColumns = /* sql */ `(
select row_to_json(shown)
  from (select c.id, c.number, c.kind, c.status, c.push_id, c.set_seats, c.delta, c.quantity, c.takes, c.reserve,
               c.proration_date, c.hangs_on, c.alone, c.waits_until, c.amount, c.idempotency_key, c.actor, c.reason,
               c.seats_before, c.seats_after, c.code, c.message, c.payment, c.superseded_by, c.requested_at, c.ended_at
       ) as shown)`;

export function shownChangeFromRow(value: unknown): ShownChange {
  const {
    holders: _,
    asked: __,
    fingerprint: ___,
    ...shown
  } = changeFromRow({
    ...record(value),
    holders: [],
    asked: null,
    fingerprint: '',
  });
  return shown;
}

export function changeFromRow(value: unknown): SeatChange {
  const row = record(value);
  return {
    id: text(row.id),
    number: whole(row.number),
    kind: row.kind as ChangeKind,
    status: row.status as ChangeStatus,
    push: textOrNull(row.push_id),
    setSeats: row.set_seats === null ? null : whole(row.set_seats),
    delta: whole(row.delta),
    quantity: whole(row.quantity),
    takes: whole(row.takes),
    holders: row.holders as string[],
    reserve: row.reserve === true,
    prorationDate: row.proration_date === null ? null : whole(row.proration_date),
    hangsOn: textOrNull(row.hangs_on),
    alone: row.alone === true,
    waitsUntil: millisOrNull(row.waits_until),
    amount: row.amount === null || row.amount === undefined ? null : whole(row.amount),
    asked: row.asked === null || row.asked === undefined ? null : (row.asked as SeatRequest),
    idempotencyKey: textOrNull(row.idempotency_key),
    fingerprint: text(row.fingerprint),
    actor: text(row.actor),
    reason: textOrNull(row.reason),
    seatsBefore: whole(row.seats_before),
    seatsAfter: whole(row.seats_after),
    code: textOrNull(row.code),
    message: textOrNull(row.message),
    payment: row.payment === true,
    supersededBy: textOrNull(row.superseded_by),
    requestedAt: millis(row.requested_at),
    endedAt: millisOrNull(row.ended_at),
  };
}

export function changeToRow(change: SeatChange): JsonRow {
  return {
    id: change.id,
    number: change.number,
    kind: change.kind,
    status: change.status,
    push_id: change.push,
    set_seats: change.setSeats,
    delta: change.delta,
    quantity: change.quantity,
    takes: change.takes,
    holders: change.holders,
    reserve: change.reserve,
    proration_date: change.prorationDate,
    hangs_on: change.hangsOn,
    alone: change.alone,
    waits_until: timestamp(change.waitsUntil),
    amount: change.amount,
    asked: change.asked,
    idempotency_key: change.idempotencyKey,
    fingerprint: change.fingerprint,
    actor: change.actor,
    reason: change.reason,
    seats_before: change.seatsBefore,
    seats_after: change.seatsAfter,
    code: change.code,
    message: change.message,
    payment: change.payment,
    superseded_by: change.supersededBy,
    requested_at: timestamp(change.requestedAt),
    ended_at: timestamp(change.endedAt),
  };
}

export function holderFromRow(value: unknown): HolderRow {
  const row = record(value);
  return { holder: text(row.holder), state: row.state as HolderRow['state'], change: textOrNull(row.change_id) };
}

export function incidentFromRow(value: unknown): Incident {
  const row = record(value);
  return {
    id: text(row.id),
    kind: row.kind as Incident['kind'],
    action: row.action as Incident['action'],
    push: textOrNull(row.push_id),
    cause: (row.cause ?? null) as Incident['cause'],
    message: text(row.message),
    openedAt: millis(row.opened_at),
    closedAt: millisOrNull(row.closed_at),
  };
}

export function incidentToRow(incident: Incident): JsonRow {
  return {
    id: incident.id,
    kind: incident.kind,
    action: incident.action,
    push_id: incident.push,
    cause: incident.cause,
    message: incident.message,
    opened_at: timestamp(incident.openedAt),
    closed_at: timestamp(incident.closedAt),
  };
}

export function openPushToRow(push: OpenPush): JsonRow {
  return {
    id: push.id,
    subscription_id: push.link.subscription,
    origin: push.origin,
    generation: push.generation,
    path: push.request.path,
    body: push.request.body,
    api_version: push.request.apiVersion,
    from_seats: push.from.seats,
    from_quantity: push.from.quantity,
    target_seats: push.target.seats,
    target_quantity: push.target.quantity,
    changes: push.changes,
    outcome: null,
    code: null,
    message: null,
    stripe_request_id: null,
    intended_at: timestamp(push.intendedAt),
    ended_at: null,
  };
}

export function endedPushToRow(ended: EndedPush): JsonRow {
  return {
    ...openPushToRow(ended.push),
    outcome: ended.outcome,
    code: ended.code,
    message: ended.message,
    stripe_request_id: ended.requestId,
    ended_at: timestamp(ended.endedAt),
  };
}
