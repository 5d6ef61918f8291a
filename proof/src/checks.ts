/**
 * What must hold, checked from outside: after every commit, at every arrival at Stripe, and at the end.
 * Nothing here calls a rule of the engine; counts are counted again from the rows.
 */

import type { Alert } from '../../packages/engine/src/alerts/alerts.ts';
import type { Account, AuditEntry, Decision, SeatChange, Terms } from '../../packages/engine/src/core/types.ts';
import { hashOf } from '../../packages/engine/src/store/audit-chain.ts';
import type { Rows } from './memory-store.ts';

export interface Violation {
  readonly guarantee: string;
  readonly what: string;
}

/** Waits for a date or a person, and moves no count. */
export function isParked({ status }: SeatChange): boolean {
  return status === 'scheduled' || status === 'awaiting_approval';
}

/** Contract: included seats are free, the contract minimum is billed anyway. Written again, not imported. */
export function billedFor(seats: number, terms: Terms): number {
  const beyond = seats > terms.includedSeats ? seats - terms.includedSeats : 0;
  return Math.max(beyond, terms.minimumQuantity);
}

/** What Stripe did last, as the world saw it. */
export interface LastWrite {
  readonly push: string | null;
  readonly at: number;
}

/** Keeps the whole history of one account and judges each commit. */
export class Auditor {
  readonly violations: Violation[] = [];
  readonly #initialSettled: number;
  /** Applied changes in the order in which they were settled. */
  readonly #applied: SeatChange[] = [];
  readonly accepted = new Set<string>();
  /** Invoices that a push was known to wait for. */
  readonly #payments = new Set<string>();
  readonly #ended = new Map<string, string>();
  /** An operator's word, or the end of a subscription, moves what is settled without a change. */
  adopted = false;

  constructor(account: Account) {
    this.#initialSettled = account.settledSeats;
  }

  /** What people were told by each process, and about what. */
  readonly #alerts = new Map<string, { readonly eventId: string; readonly fatal: boolean; readonly by: Set<string> }>();

  /**
   * However often a process tries again, it tells a person once; and however many processes know of it, the receiver
   * sees one event.
   */
  alerted(process: string, { eventId, level, message, context }: Alert): void {
    const over = level === 'info';
    // Everything but a rollback that could not be written is told as the incident that it is.
    const rollback = level === 'fatal' || (over && context.incident === undefined);
    const what = rollback ? `the rollback of push ${context.push}` : (context.incident ?? message);
    const about = `${what}${over ? ', over' : ''}`;
    const known = this.#alerts.get(about) ?? { eventId, fatal: level === 'fatal', by: new Set<string>() };
    this.#alerts.set(about, known);
    if (known.eventId !== eventId) this.fail('G3', `two alerts about one thing: ${about}`);
    if (known.by.has(process)) this.fail('G3', `${process} told a person twice about ${about}`);
    known.by.add(process);
  }

  /** A rollback that could not be written was told as fatal, and is over by the end. */
  judgeAlerts(rows: Rows): void {
    for (const { kind, push, closedAt } of rows.incidents.values()) {
      if (kind !== 'rollback_failed') continue;
      if (this.#alerts.get(`the rollback of push ${push}`)?.fatal !== true)
        this.fail('G3', `a rollback that could not be written was told to nobody (push ${push})`);
      if (closedAt === null) this.fail('G3', `a rollback that is written is still an incident (push ${push})`);
    }
  }

  fail(guarantee: string, what: string): void {
    this.violations.push({ guarantee, what });
  }

  /**
   * What is said of an outcome is what Stripe had done when the evidence for it was made: a push whose write is the
   * last thing that happened at Stripe is not rolled back by anybody who heard of Stripe after that.
   */
  judgeEnds(decision: Decision, lastWrite: LastWrite | null, evidenceAt: number): void {
    for (const { push, outcome, code } of decision.records.pushesEnded) {
      if (outcome !== 'refused' && outcome !== 'rolled_back' && outcome !== 'superseded') continue;
      if (code === 'subscription_ended' || lastWrite === null || lastWrite.push !== push.id) continue;
      if (lastWrite.at < evidenceAt)
        this.fail('G4', `a push was ${outcome} (${code}) although Stripe had done it before`);
    }
  }

  /** Nobody is held for a difference that nobody else made; a refused reversal of our own late write is told as such. */
  judgeHold(before: Account, after: Account, decision: Decision, excused: boolean): void {
    if (excused || before.hold !== null || after.hold === null || after.hold.code === 'generations_used') return;
    if (decision.records.audit.some(({ kind }) => kind === 'push_refused')) return;
    this.fail('G5', `held (${after.hold.code}) although nobody else changed anything: ${after.hold.message}`);
  }

  /** What is adopted or put back is somebody else's: our own writes are neither. */
  judgeForeign(decision: Decision, foreign: boolean): void {
    if (foreign) return;
    for (const { kind, note } of decision.records.audit) {
      if (kind === 'foreign_change_adopted' || kind === 'foreign_change_reverted') {
        this.fail('G10', `nobody else changed anything, but: ${note}`);
      }
    }
  }

  /** Two programs must not fight over a number. */
  #countReverts({ revertedAt }: Account): void {
    const last = revertedAt.at(-1);
    if (last === undefined) return;
    const lately = revertedAt.filter((at) => at > last - 24 * 3_600_000);
    if (lately.length > 2) this.fail('G10', `a foreign change was put back ${lately.length} times within a day`);
  }

  onCommit(before: Account, rows: Rows, decision: Decision): void {
    const { records } = decision;
    const { push: open } = rows.account;
    if (open?.payment?.invoice != null) this.#payments.add(open.payment.invoice);
    for (const { push, outcome, endedAt } of records.pushesEnded) {
      if (outcome === 'confirmed' && (push.unproven > 1 || push.generation > 1)) this.#doubtfulEnd = endedAt;
    }
    for (const change of records.changes) {
      this.accepted.add(change.id);
      if (change.endedAt === null) continue;
      if (this.#ended.has(change.id)) this.fail('G6', `change ${change.number} ended twice`);
      this.#ended.set(change.id, change.status);
    }
    this.#countQuotas(before, decision);
    const changes = new Map(records.changes.map((change) => [change.id, change]));
    for (const entry of records.audit) {
      const change = entry.kind === 'change_applied' && entry.change !== null ? changes.get(entry.change) : undefined;
      if (change) this.#applied.push(change);
      if (entry.kind === 'hold_released' && entry.settledBefore !== entry.settledAfter) this.adopted = true;
      if (entry.kind === 'foreign_change_adopted') this.adopted = true;
    }
    this.#countSeats(rows);
    this.#countBought(rows, decision);
    this.#countReverts(rows.account);
    this.#countCapacity(before, rows, decision);
    this.#countAudit(before, rows.account, records.audit);
  }

  /** Usage buys what is missing and no more; and nobody buys more than the guard allows, whatever was asked for before. */
  #countBought(rows: Rows, { records }: Decision): void {
    this.#countLeft(records, rows);
    const { account } = rows;
    for (const push of records.pushesOpened) {
      if (push.origin !== 'changes') continue;
      const carried = push.changes.flatMap((id) => rows.waiting.get(id) ?? []).sort((a, b) => a.number - b.number);
      let seats = push.from.seats;
      let wanted = seats;
      let unapproved = 0;
      // What an owner approved and is not needed any more may be bought by those who counted on it.
      let approved = 0;
      for (const [index, { setSeats, delta, asked, seatsBefore, seatsAfter }] of carried.entries()) {
        const next = push.counts?.[index] ?? seats;
        const grows = Math.max(next - seats, 0);
        if (asked === null) unapproved += grows;
        else approved += Math.max(Math.max(setSeats === null ? delta : seatsAfter - seatsBefore, 0) - grows, 0);
        seats = next;
        if (setSeats !== null) wanted = setSeats;
      }
      const used = account.assigned + account.reserved;
      if (push.target.seats > Math.max(wanted, used))
        this.fail('G23', `${push.target.seats} seats are bought, where ${wanted} are wanted and ${used} in use`);
      const { seatsPerDay } = account.terms.guard;
      if (seatsPerDay === null) continue;
      // What one change of a push buys and another one gives back is bought by nobody.
      const beyond = Math.min(Math.max(unapproved - approved, 0), Math.max(push.target.seats - push.from.seats, 0));
      const counted = carried.some(({ id, asked }) => asked === null && this.#counting.has(id));
      const ofOlder = counted ? Math.min(beyond, this.#left) : 0;
      const bought = beyond - ofOlder;
      this.#left -= ofOlder;
      this.#bought.set(push.id, { seats: bought, at: push.intendedAt, ofOlder });
      const today = [...this.#bought.values()].filter(({ at }) => at > push.intendedAt - 24 * 3_600_000);
      const sum = today.reduce((seatsOfToday, one) => seatsOfToday + one.seats, 0);
      if (sum > seatsPerDay)
        this.fail('G18', `${sum} seats are bought within a day without an owner, ${seatsPerDay} are allowed`);
    }
  }
  /** By push: what it buys without anybody's approval, and what it buys of that which older ones left. */
  readonly #bought = new Map<string, { readonly seats: number; readonly at: number; readonly ofOlder: number }>();
  /** By approved change that is open: seats that it may buy. */
  readonly #approved = new Map<string, number>();
  /** Approved and not needed by changes that were applied without a push: lent once, to those who counted on it. */
  #left = 0;
  readonly #counting = new Set<string>();

  #countLeft({ pushesEnded, changes }: Decision['records'], rows: Rows): void {
    const carried = new Set<string>();
    for (const { push, outcome } of pushesEnded) {
      for (const id of push.changes) carried.add(id);
      if (outcome === 'confirmed') continue;
      this.#left += this.#bought.get(push.id)?.ofOlder ?? 0;
      this.#bought.delete(push.id);
    }
    for (const { id, asked, status, setSeats, delta, seatsBefore, seatsAfter } of changes) {
      if (asked === null) continue;
      const seats = Math.max(setSeats === null ? delta : seatsAfter - seatsBefore, 0);
      const left = Math.max((this.#approved.get(id) ?? 0) - seats, 0);
      if (status === 'applied' && !carried.has(id) && left > 0) {
        this.#left += left;
        // Whoever comes later counted from what is there by now.
        for (const other of rows.waiting.values()) {
          if (other.asked === null && !isParked(other)) this.#counting.add(other.id);
        }
      }
      // What it may buy beyond that later was handed to it by others.
      if (status === 'requested') this.#approved.set(id, Math.min(this.#approved.get(id) ?? seats, seats));
      else this.#approved.delete(id);
    }
  }

  /** Whoever knows that a quota is used up waits at home. Reversals of late writes are not held back; they are counted. */
  #countQuotas({ quotaUsed }: Account, { records }: Decision): void {
    for (const push of records.pushesOpened) {
      const invoiced = push.request.body.includes('proration_behavior=always_invoice');
      const now = push.intendedAt;
      const asked = (times: readonly number[], ms: number) => times.filter((at) => at > now - ms).length;
      this.#updates ??= [...quotaUsed.updates];
      this.#invoices ??= [...quotaUsed.invoices];
      if (push.origin === 'changes') {
        if (asked(this.#updates, 3_600_000) >= 200 || (invoiced && asked(this.#invoices, 24 * 3_600_000) >= 20))
          this.fail('G11', 'Stripe is asked although this account has used up a quota of its subscription');
        if (invoiced && asked(this.#invoices, 60_000) >= 10)
          this.fail('G11', 'Stripe is asked for an eleventh invoice within a minute');
      }
      this.#updates.push(now);
      if (invoiced) this.#invoices.push(now);
    }
    for (const { push, outcome, code } of records.pushesEnded) {
      // Who waits for a quota was not refused.
      if (outcome === 'refused' && code === 'rate_limit' && this.#saidQuota.has(push.id))
        this.fail('G2', 'a change was rolled back although Stripe had only said that a quota is used up for now');
    }
  }
  #updates: number[] | null = null;
  #invoices: number[] | null = null;
  readonly #saidQuota = new Set<string>();

  /** What Stripe said last to this push. */
  saidQuota(push: string, quota: boolean): void {
    if (quota) this.#saidQuota.add(push);
    else this.#saidQuota.delete(push);
  }

  /** Holder rows, anonymous counts and waiting reservations add up, and nothing hangs on a change that has ended. */
  #countSeats(rows: Rows): void {
    const { account } = rows;
    let assigned = account.anonymousAssigned;
    let reserved = account.anonymousReserved;
    for (const row of rows.holders.values()) {
      if (row.state === 'assigned') assigned += 1;
      else if (row.change === null) reserved += 1;
      else if (!rows.waiting.get(row.change)?.holders.includes(row.holder)) {
        this.fail('G2', `${row.holder} hangs on a change that has ended or does not hold the seat`);
      }
    }
    for (const change of rows.waiting.values()) {
      if (isParked(change) && (change.takes !== 0 || change.holders.length > 0 || change.push !== null))
        this.fail('G2', `change ${change.number} is parked and holds something`);
      reserved += change.takes;
      for (const holder of change.holders) {
        if (rows.holders.get(holder)?.change !== change.id)
          this.fail('G2', `${holder} is lost by change ${change.number}`);
      }
    }
    if (assigned !== account.assigned || reserved !== account.reserved) {
      this.fail(
        'G2',
        `counted ${assigned} assigned and ${reserved} reserved, the account says ${account.assigned} and ${account.reserved}`,
      );
    }
  }

  /** Seats in use without a waiting change never grow past what is settled. */
  #countCapacity(before: Account, rows: Rows, { records }: Decision): void {
    const { account } = rows;
    const waiting = [...rows.waiting.values()].reduce((sum, change) => sum + change.takes, 0);
    const confirmed = account.assigned + account.reserved - waiting;
    const previously = this.#confirmedBefore;
    this.#confirmedBefore = confirmed;
    const open = this.#openBefore;
    this.#openBefore = [...rows.waiting.values()];
    if (previously === null || confirmed <= previously) return;
    // What an account that is held may give out is bounded by what Stripe was seen to bill.
    const observed = account.hold === null ? null : before.hold?.observedQuantity;
    const billed =
      observed === null || observed === undefined
        ? account.settledSeats
        : Math.min(account.settledSeats, observed + account.terms.includedSeats);
    // What rode in a push that Stripe confirms is given out with it, and nothing besides: a request that was made, and whose
    // answer came, before a look or after it. The look that follows says what is billed by now.
    const riding = new Set(records.pushesEnded.flatMap((end) => (end.outcome === 'confirmed' ? end.push.changes : [])));
    const seated = open
      .filter(({ id, hangsOn }) => riding.has(id) || (hangsOn !== null && riding.has(hangsOn)))
      .reduce((sum, change) => sum + change.takes, 0);
    const delivered = Math.min(previously + seated, account.settledSeats);
    const bound = account.settledSeats > before.settledSeats ? account.settledSeats : Math.max(billed, delivered);
    if (confirmed > bound) this.fail('G8', `${confirmed} seats are given out, ${bound} are confirmed`);
    if (account.status === 'ended' && before.status === 'ended')
      this.fail('G8', 'seats were given out on an ended account');
  }
  #confirmedBefore: number | null = null;
  #openBefore: readonly SeatChange[] = [];
  #doubtfulEnd: number | null = null;

  /** Each entry begins with the counts where the one before it ended, and the last one ends where the account is. */
  #countAudit(before: Account, account: Account, entries: readonly AuditEntry[]): void {
    const counts = {
      seatCount: before.seatCount,
      settled: before.settledSeats,
      used: before.assigned + before.reserved,
    };
    for (const entry of entries) {
      if (
        entry.seatCountBefore !== counts.seatCount ||
        entry.settledBefore !== counts.settled ||
        entry.usedBefore !== counts.used
      ) {
        this.fail('G9', `${entry.kind} begins with other counts than the entry before it ended with`);
      }
      counts.seatCount = entry.seatCountAfter;
      counts.settled = entry.settledAfter;
      counts.used = entry.usedAfter;
    }
    if (
      counts.seatCount !== account.seatCount ||
      counts.settled !== account.settledSeats ||
      counts.used !== account.assigned + account.reserved
    ) {
      this.fail('G9', 'counts moved without an audit entry');
    }
  }

  /** Whatever was said to somebody is what is written. */
  said(change: SeatChange, rows: Rows): void {
    const written = rows.changes.get(change.id);
    if (written === undefined) this.fail('G4', `change ${change.number} was reported and is not written`);
    else if (change.endedAt !== null && written.status !== change.status) {
      this.fail('G4', `change ${change.number} was reported ${change.status} and is ${written.status}`);
    }
  }

  /** Everything that is to be true of one account when it is over. */
  atRest(
    rows: Rows,
    stripe: { readonly quantity: number; readonly openInvoices: readonly string[] },
    excusedHold: boolean,
    now: number,
  ): void {
    const { account } = rows;
    const { quantity: stripeQuantity } = stripe;
    const open = [...rows.waiting.values()].filter((change) => !isParked(change)).length;
    const resting = account.status !== 'held' && account.pausedReason === null;
    for (const change of rows.waiting.values()) {
      if (change.status === 'scheduled' && resting && account.status === 'active' && (change.waitsUntil ?? 0) < now) {
        this.fail('G11', `change ${change.number} is scheduled for a moment that has passed`);
      }
    }
    if (resting && account.push !== null) this.fail('G11', `push ${account.push.state} is still open`);
    for (const invoice of stripe.openInvoices) {
      // One that was made by a request whose answer was lost is not known here, and neither is what it is for.
      if (resting && account.push === null && this.#payments.has(invoice)) {
        this.fail('G12', `${invoice} can be paid although nothing waits for it`);
      }
    }
    if (resting && open > 0) this.fail('G11', `${open} changes are still open`);
    if (account.status === 'held' && !excusedHold) {
      this.fail('G5', `held (${account.hold?.code}) although nobody else changed anything: ${account.hold?.message}`);
    }
    if (account.status === 'active' && resting) {
      const billed = billedFor(account.settledSeats, account.terms);
      if (billed !== stripeQuantity) {
        this.fail(
          'G5',
          `Stripe bills ${stripeQuantity}, settled ${account.settledSeats} seats are billed as ${billed}`,
        );
      }
      if (account.settledSeats !== account.seatCount) {
        this.fail('G5', `settled ${account.settledSeats}, seat count ${account.seatCount}`);
      }
    }
    if (this.#doubtfulEnd !== null && account.status === 'active') {
      // Applied once is not current now: Stripe is read afterwards, and once more a day later.
      const watchedUntil = this.#doubtfulEnd + 24.9 * 3_600_000;
      if (account.lookedAt === null || account.lookedAt < watchedUntil) {
        this.fail('G5', 'a push whose first answer was not clean was not looked at a day later');
      }
    }
    for (const id of this.accepted) {
      if (!rows.changes.has(id)) this.fail('G6', 'an accepted change has vanished');
    }
    if (!this.adopted) {
      const recounted = this.#applied.reduce(
        (seats, change) => (change.setSeats !== null ? change.setSeats : seats + change.delta),
        this.#initialSettled,
      );
      if (recounted !== account.settledSeats) {
        this.fail('G6', `the applied changes come to ${recounted} seats, settled are ${account.settledSeats}`);
      }
    }
    this.#verifyChain(rows);
  }

  #verifyChain(rows: Rows): void {
    let head = '';
    for (const [index, entry] of rows.audit.entries()) {
      head = hashOf(head, entry.entry);
      if (entry.sequence === index + 1 && entry.hash === head) continue;
      this.fail('G9', `audit entry ${entry.sequence} does not follow the one before it`);
      return;
    }
    const { audit } = rows.account;
    if (audit.length !== rows.audit.length || audit.head !== head)
      this.fail('G9', 'the account does not name the head of its trail');
  }
}
