import { isParked, parkedDueAt } from './parked.ts';
import { supersedesAt } from './payment.ts';
import { policy } from './policy.ts';
import { quotaFreeAt } from './quotas.ts';
import { invariant } from './refusals.ts';
import { settledAt } from './settling.ts';
import type {
  Account,
  AuditEntry,
  AuditKind,
  Cause,
  Decision,
  Effect,
  EndedPush,
  HolderRow,
  HostEvent,
  Incident,
  OpenPush,
  SeatChange,
  State,
} from './types.ts';

/** Who acts where no person does. */
export const itself = 'seatbelt';

/**
 * One decision while it is being made: a working copy of the state, and what is to be written.
 * Rows are kept by id, so that however often a rule touches a row, one net write comes out
 * (two writes to one row in one statement would lose the second, silently).
 */
export class Step {
  readonly before: State;
  readonly now: number;
  account: Account;
  effect: Effect = { type: 'none' };
  change: SeatChange | null = null;
  /** Somebody came because the account was due: if there is nothing to do, at least the time to come back is written. */
  woken = false;
  #waiting: Map<string, SeatChange>;
  #parked: Map<string, SeatChange>;
  #changes = new Map<string, SeatChange>();
  #holders: Map<string, HolderRow>;
  #holderWrites = new Map<string, HolderRow | null>();
  #keys: Map<string, SeatChange>;
  #pushesOpened: OpenPush[] = [];
  #pushesEnded: EndedPush[] = [];
  #incidents: Map<string, Incident>;
  #incidentWrites = new Map<string, Incident>();
  #audit: AuditEntry[] = [];
  /** The counts that the trail has told so far: each entry begins where the one before it ended. */
  #told: Account;
  #events: HostEvent[] = [];

  constructor(state: State) {
    this.before = state;
    this.now = state.now;
    this.account = state.account;
    this.#told = state.account;
    this.#waiting = new Map(state.waiting.map((change) => [change.id, change]));
    this.#parked = new Map(state.parked.map((change) => [change.id, change]));
    this.#holders = new Map(state.holders);
    this.#keys = new Map(state.keys);
    this.#incidents = new Map(state.incidents.map((incident) => [incident.id, incident]));
  }

  update(fields: Partial<Account>): void {
    this.account = { ...this.account, ...fields };
  }

  // Changes

  /** Open changes in order of acceptance; parked ones are not among them. */
  get waiting(): SeatChange[] {
    return [...this.#waiting.values()];
  }

  /** Changes that wait for a date or for an approval, in order of acceptance. */
  get parked(): SeatChange[] {
    return [...this.#parked.values()];
  }

  waitingChange(id: string): SeatChange | undefined {
    return this.#waiting.get(id);
  }

  /** The changes that ride in this push, in order of acceptance. */
  carriedBy(push: OpenPush): SeatChange[] {
    const ids = new Set(push.changes);
    return this.waiting.filter((change) => ids.has(change.id));
  }

  changeOfKey(key: string): SeatChange | undefined {
    return this.#keys.get(key);
  }

  put(change: SeatChange): void {
    const unparked = this.#parked.delete(change.id);
    if (change.endedAt !== null) this.#waiting.delete(change.id);
    else if (isParked(change)) this.#parked.set(change.id, change);
    else {
      this.#waiting.set(change.id, change);
      // It was accepted before those that came while it was parked.
      if (unparked) this.#waiting = new Map([...this.#waiting].sort(([, a], [, b]) => a.number - b.number));
    }
    this.#changes.set(change.id, change);
    if (change.idempotencyKey !== null) this.#keys.set(change.idempotencyKey, change);
    if (this.change?.id === change.id) this.change = change;
  }

  // Holders

  holder(name: string): HolderRow | undefined {
    return this.#holders.get(name);
  }

  putHolder(row: HolderRow): void {
    this.#holders.set(row.holder, row);
    this.#holderWrites.set(row.holder, row);
  }

  dropHolder(name: string): void {
    this.#holders.delete(name);
    this.#holderWrites.set(name, null);
  }

  // Pushes

  openPush(push: OpenPush): void {
    this.#pushesOpened.push(push);
    this.update({ push });
  }

  endPush(ended: EndedPush): void {
    this.#pushesEnded.push(ended);
    this.update({ push: null });
  }

  // Incidents

  get openIncidents(): Incident[] {
    return [...this.#incidents.values()].filter((incident) => incident.closedAt === null);
  }

  /** Opens an incident once; while it is open, opening it again changes nothing. */
  openIncident(
    kind: Incident['kind'],
    action: Incident['action'],
    push: string | null,
    message: string,
    cause: Cause | null = null,
  ): void {
    const { organization, seatType } = this.account;
    const about = push ?? `${organization}/${seatType}`;
    const open = this.openIncidents.find((incident) => incident.kind === kind && incident.push === push);
    if (open) return;
    // The place in the audit trail makes the id unique without randomness, should the same thing happen again later.
    const place = this.account.audit.length + this.#audit.length;
    const incident: Incident = {
      id: `${kind}:${about}:${place}`,
      kind,
      action,
      push,
      cause,
      message,
      openedAt: this.now,
      closedAt: null,
    };
    this.#incidents.set(incident.id, incident);
    this.#incidentWrites.set(incident.id, incident);
    this.audit('incident_opened', { push, note: message });
    this.event({
      type: 'incident.opened',
      change: null,
      data: { incident: incident.id, kind, action, message, cause },
    });
  }

  /** What an open incident says where the numbers in it have moved: it is the same one, so nobody is alerted anew. */
  retellIncidents(kind: Incident['kind'], push: string | null, message: string): void {
    for (const incident of this.openIncidents) {
      if (incident.kind !== kind || incident.push !== push || incident.message === message) continue;
      const retold = { ...incident, message };
      this.#incidents.set(incident.id, retold);
      this.#incidentWrites.set(incident.id, retold);
    }
  }

  closeIncidents(kind: Incident['kind'], push: string | null, note: string): void {
    for (const incident of this.openIncidents) {
      if (incident.kind !== kind || incident.push !== push) continue;
      const closed = { ...incident, closedAt: this.now };
      this.#incidents.set(incident.id, closed);
      this.#incidentWrites.set(incident.id, closed);
      this.audit('incident_closed', { push, note });
      this.event({ type: 'incident.closed', change: null, data: { incident: incident.id, kind, note } });
    }
  }

  // Trail and events

  audit(
    kind: AuditKind,
    more: {
      note: string;
      change?: string | null;
      push?: string | null;
      actor?: string;
      reason?: string | null;
      requestId?: string | null;
    },
  ): void {
    const before = this.#told;
    this.#told = this.account;
    this.#audit.push({
      kind,
      at: this.now,
      change: more.change ?? null,
      push: more.push ?? null,
      actor: more.actor ?? itself,
      reason: more.reason ?? null,
      seatCountBefore: before.seatCount,
      seatCountAfter: this.account.seatCount,
      settledBefore: before.settledSeats,
      settledAfter: this.account.settledSeats,
      usedBefore: used(before),
      usedAfter: used(this.account),
      requestId: more.requestId ?? null,
      note: more.note,
    });
  }

  event(event: HostEvent): void {
    this.#events.push(event);
  }

  /** What came out. `dueAt` follows from the state alone, so no rule has to remember to set it. */
  finish(): Decision {
    invariant(sameCounts(this.#told, this.account), 'counts changed without an entry in the audit trail', {
      organization: this.account.organization,
    });
    const { waiting, parked } = this;
    // A process that may not write here finds itself paused; that takes away nothing from one that may.
    const busyUntil = this.before.subscriptionBusy ? this.now + policy.busySubscriptionMs : 0;
    const due = dueAt(this.account, waiting, this.before.pauseRead, parked, busyUntil);
    // What is due at once is due now: the column is read by people as well.
    const account = { ...this.account, dueAt: due === null ? null : Math.max(due, this.now) };
    const changed =
      this.#changes.size > 0 ||
      this.#holderWrites.size > 0 ||
      this.#audit.length > 0 ||
      this.#pushesOpened.length > 0 ||
      this.#pushesEnded.length > 0 ||
      this.#incidentWrites.size > 0 ||
      this.account !== this.before.account ||
      (this.woken && this.effect.type === 'none' && account.dueAt !== this.before.account.dueAt);
    return {
      state: {
        ...this.before,
        account,
        waiting,
        parked: this.parked,
        keys: this.#keys,
        holders: this.#holders,
        incidents: this.openIncidents,
      },
      records: {
        changes: [...this.#changes.values()],
        holders: this.#holderWrites,
        pushesOpened: this.#pushesOpened,
        pushesEnded: this.#pushesEnded,
        incidents: [...this.#incidentWrites.values()],
        audit: this.#audit,
        events: this.#events,
      },
      effect: this.effect,
      changed,
      change: this.change,
    };
  }
}

/**
 * When this account needs somebody next; null: never, until something happens.
 * @param busyUntil when another account's push on the same subscription may be over
 */
export function dueAt(
  account: Account,
  waiting: readonly SeatChange[],
  everythingPaused: boolean,
  parked: readonly SeatChange[],
  busyUntil = 0,
): number | null {
  const times: number[] = [];
  // A paused account writes nothing, so its push and its waiting changes are nobody's work until it is resumed.
  const paused = account.pausedReason !== null || everythingPaused;
  if (account.push && account.hold === null && (!paused || isRead(account.push)))
    times.push(pushDueAt(account.push, account));
  const overtakenAt = account.hold === null && !paused ? supersedesAt(account, waiting) : null;
  if (overtakenAt !== null) times.push(overtakenAt);
  if (account.push === null && account.hold === null && !paused && waiting.length > 0 && !isUnread(account)) {
    times.push(Math.max(settledAt(account, waiting), quotaFreeAt(account, waiting), busyUntil));
  }
  const lookAt = account.push === null || account.hold !== null ? lookDueAt(account) : null;
  if (lookAt !== null) times.push(lookAt);
  const parkedAt = parkedDueAt(account, parked, paused);
  if (parkedAt !== null) times.push(parkedAt);
  return times.length > 0 ? Math.min(...times) : null;
}

/**
 * Linked again, and not read since. What waits was asked for with another subscription in mind, so it is told to this one
 * when it is known what that bills. A first link is not waited for: nothing waits from before it.
 */
export function isUnread({ observed, lookedAt, nextLookAt }: Account): boolean {
  return observed === null && lookedAt !== null && nextLookAt !== null;
}

/** When the open push needs somebody. A mark may tell of the payment it waits for, so that is read at once. */
export function pushDueAt(push: OpenPush, account: Account): number {
  const told = account.marks > account.marksSeen && account.lookTries === 0;
  return push.state === 'awaiting_payment' && told ? 0 : push.nextAt;
}

/** When Stripe is to be read for an account without a push under way; null: no reason to. */
export function lookDueAt(account: Account): number | null {
  if (account.link === null || account.status === 'ended') return null;
  // After a look that failed the next one waits, however many reasons there are.
  if (account.lookTries > 0 && account.nextLookAt !== null) return account.nextLookAt;
  const times = account.tails.flatMap((tail) => tail.dueAt);
  if (account.nextLookAt !== null) times.push(account.nextLookAt);
  if (account.marks > account.marksSeen) times.push(0);
  return times.length > 0 ? Math.min(...times) : null;
}

/** What comes next for this push is reading, not writing. */
export function isRead(push: OpenPush): boolean {
  return push.state === 'awaiting_payment' || push.next === 'look';
}

// What the numbers mean. Each is one line, so that every rule reads the same sentence.

export function sameCounts(a: Account, b: Account): boolean {
  return a.seatCount === b.seatCount && a.settledSeats === b.settledSeats && used(a) === used(b);
}

export function used(account: Account): number {
  return account.assigned + account.reserved;
}

/** Seats held only by changes that have not ended. */
export function waitingTakes(waiting: readonly SeatChange[]): number {
  return waiting.reduce((sum, change) => sum + change.takes, 0);
}

/** Seats that both sides surely stand behind: the bound for assigning. */
export function confirmedSeats(account: Account): number {
  if (account.status === 'ended') return 0;
  const observed = account.hold?.observedQuantity;
  // A decrease under way counts although something that waits behind it raises the seat count again.
  const bound = Math.min(account.settledSeats, account.push?.target.seats ?? account.settledSeats, account.seatCount);
  // While held, seats that Stripe may not bill are not given out.
  if (observed === null || observed === undefined) return bound;
  return Math.min(bound, observed + account.terms.includedSeats);
}

export function available(account: Account): number {
  // Nobody has ever paid for this subscription yet; who sat in it before sits on.
  if (account.observed?.status === 'incomplete') return 0;
  return Math.max(confirmedSeats(account) - used(account), 0);
}

export function isOverCapacity(account: Account, waiting: readonly SeatChange[]): boolean {
  return seatsOver(account, waiting) > 0;
}

/** How many seats are in use beyond what is confirmed, those that wait on a change not counted; 0 where all fit. */
export function seatsOver(account: Account, waiting: readonly SeatChange[]): number {
  return Math.max(used(account) - waitingTakes(waiting) - confirmedSeats(account), 0);
}

/** Whatever keeps the outcome away, an answer, a look or a sender that dies, a person hears of it after a while. */
export function watchDoubt(step: Step): void {
  const { push } = step.account;
  if (push?.doubt && step.now - push.doubt.since >= policy.doubtIncidentMs) {
    step.openIncident('in_doubt', 'watch', push.id, 'A change has been in doubt for more than five minutes.');
  }
}
