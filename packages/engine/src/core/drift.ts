/**
 * What becomes of a quantity that nobody here asked for. A late write of our own is reversed and never adopted; what
 * somebody else did is answered as the terms say for its cause: adopted, put back, or held until a person decides.
 */
import { causeOf, causeWords, changedTo } from './causes.ts';
import { recount } from './change.ts';
import { hold, releaseHold } from './hold.ts';
import { policy } from './policy.ts';
import { openPush } from './push.ts';
import { quantityFor, seatsFor } from './quantity-for.ts';
import type { Step } from './step.ts';
import type { Account, BillingBehavior, Cause, ForeignAnswer, MarkReason, Observation, Terms } from './types.ts';

/** What a look found: Stripe's quantity, which is not the one that was agreed on. */
export interface Drift {
  readonly quantity: number;
  readonly expected: number;
  readonly cause: Cause;
  readonly requestId: string | null;
  /** The id for the push that may follow. */
  readonly pushId: string;
}

/** The cause of a difference. What was known of the same difference before stays known when nothing new was told. */
export function causeOfDrift(step: Step, seen: Observation, reasons: readonly MarkReason[]): Cause {
  const cause = causeOf(step.before.account.observed, seen, reasons);
  const { hold: held } = step.account;
  const same = held !== null && held.observedQuantity === (seen.item?.quantity ?? null);
  return cause === 'unknown' && same && held.cause !== null ? held.cause : cause;
}

/** Answers as the terms say: both sides agree again, or what was agreed on is written again, or a person is asked. */
export function answerForeignChange(step: Step, drift: Drift): void {
  const { account } = step;
  const held = account.hold;
  const same = held?.code === 'drift' && held.observedQuantity === drift.quantity;
  // A person has been asked about this very difference, and nothing new is known: nothing answers it for them.
  if (same && (held.cause === drift.cause || drift.cause === 'unknown')) {
    ask(step, { ...drift, cause: held.cause }, held.message);
    return;
  }
  const message = `${causeWords[drift.cause]}: Stripe shows quantity ${drift.quantity}, but ${drift.expected} was agreed on.`;
  switch (answerOf(account.terms, drift.cause)) {
    case 'adopt':
      adopt(step, drift, message);
      break;
    case 'revert':
      revert(step, drift, message);
      break;
    case 'hold':
      ask(step, drift, message);
      break;
  }
}

/** What the terms say to a cause. What is not for them to answer is held. */
export function answerOf(terms: Terms, cause: Cause): ForeignAnswer {
  if (cause === 'lost_write' || cause === 'item_missing' || cause === 'duplicate_subscription') return 'hold';
  return terms.onForeignChange[cause] ?? 'hold';
}

function ask(
  step: Step,
  { quantity, cause }: { readonly quantity: number; readonly cause: Cause | null },
  message: string,
): void {
  hold(step, { code: 'drift', observedQuantity: quantity, cause, message, push: null });
}

/** What Stripe shows counts from now on. Fewer seats than are in use open an incident and throw nobody out. */
function adopt(step: Step, drift: Drift, message: string): void {
  const { settledSeats, terms } = step.account;
  const seats = seatsFor(drift.quantity, terms, settledSeats);
  const unfit = whyUnfit(seats, drift.quantity, terms);
  if (unfit !== null) {
    ask(step, drift, `${message} It is not adopted: ${unfit}`);
    return;
  }
  releaseHold(step, 'What Stripe shows is adopted.');
  step.openIncident('drift', 'none', null, message, drift.cause);
  step.update({ settledSeats: seats });
  recount(step);
  step.audit('foreign_change_adopted', { requestId: drift.requestId, note: `${message} It is adopted.` });
  step.closeIncidents('drift', null, 'It is adopted: both sides agree.');
  step.closeIncidents('late_write', null, 'Somebody has changed it since, which is adopted.');
}

function whyUnfit(seats: number, quantity: number, terms: Terms): string | null {
  if (quantityFor(seats, terms) !== quantity) return `the terms bill at least ${terms.minimumQuantity}.`;
  if (terms.maximumSeats !== null && seats > terms.maximumSeats) return `the terms allow ${terms.maximumSeats} seats.`;
  if (seats < terms.minimumSeats) return `the terms ask for ${terms.minimumSeats} seats at least.`;
  if (seats > policy.seatsLimit) return `no account has more than ${policy.seatsLimit} seats.`;
  return null;
}

/** Writes what was agreed on once more. Two programs that do so to each other would never end, so that is bounded. */
function revert(step: Step, drift: Drift, message: string): void {
  const { account } = step;
  const lately = account.revertedAt.filter((at) => at > step.now - policy.revertWindowMs);
  if (lately.length >= policy.revertsInWindow) {
    ask(step, drift, `${message} It was put back ${lately.length} times within a day already.`);
    return;
  }
  if (mayNotWrite(step)) {
    ask(step, drift, `${message} It was not put back, because writing to Stripe was paused.`);
    return;
  }
  releaseHold(step, 'What was agreed on is written again.');
  step.openIncident('drift', 'watch', null, `${message} It is being put back.`, drift.cause);
  step.update({ revertedAt: [...lately, step.now] });
  step.audit('foreign_change_reverted', { requestId: drift.requestId, note: `${message} It is being put back.` });
  writeSettledAgain(step, drift, 'revert');
}

/** The write of ours that shows, told by what is watched for or by the event that it caused; null: it is not ours. */
export function ownLateWrite(
  step: Step,
  { quantity, expected }: Pick<Drift, 'quantity' | 'expected'>,
  reasons: readonly MarkReason[],
): string | null {
  const watched = lateWriteOf(step.before.account, quantity);
  const told = reasons.findLast((reason) => changedTo(reason, quantity));
  // Somebody else may have set the very number. Their event says so where it begins at what is agreed on now; one from
  // before may be about an earlier time.
  const theirs = told?.push === null && told.quantityBefore === expected;
  if (watched && !(theirs && (watched.confirmed === true || namesSomebody(told, reasons)))) return watched.push;
  return told?.push?.id ?? null;
}

/**
 * A request or a portal session that is not ours. What Stripe does by itself names nobody, and a pending update of our own
 * that is paid late is such a thing.
 */
function namesSomebody({ key, requestId, portalSession }: MarkReason, reasons: readonly MarkReason[]): boolean {
  if (reasons.some(({ eventType }) => eventType === 'customer.subscription.pending_update_applied')) return false;
  return key !== null || requestId !== null || portalSession;
}

/** The watched push whose late write shows this quantity. */
export function lateWriteOf(account: Account, quantity: number | null): Account['tails'][number] | undefined {
  return account.tails.find(
    (tail) => tail.rolledBack && tail.targetQuantity === quantity && tail.push !== account.push?.id,
  );
}

/** A late write of ours is put right whatever the terms say of others. */
export function reverseLateWrite(step: Step, late: string, drift: Drift): void {
  const { quantity, expected, requestId } = drift;
  const lately = step.account.reversedAt.filter((at) => at > step.now - policy.revertWindowMs);
  if (lately.length >= policy.reversalsInWindow) {
    askAboutReversals(step, drift, lately.length);
    return;
  }
  step.openIncident(
    'late_write',
    'watch',
    null,
    `A request of ours whose outcome was decided already reached Stripe late (quantity ${quantity}). It is being reversed to ${expected}.`,
    'lost_write',
  );
  step.audit('late_write_found', {
    push: late,
    requestId,
    note: `Stripe shows ${quantity}, which a request of ours asked for whose outcome was decided already. It is taken for our own late write and reversed.`,
  });
  if (mayNotWrite(step)) {
    step.update({ nextLookAt: step.now + policy.heldLookMs });
    return;
  }
  releaseHold(step, 'What Stripe shows is our own late write, which is reversed.');
  step.update({ reversedAt: [...lately, step.now] });
  writeSettledAgain(step, drift, 'late_write', prorationBack(step, late, drift));
}

/**
 * How a late write is billed back: as it was billed itself, so that what was charged is credited and what was credited is
 * charged, and neither where it was neither, whatever the terms say of the other direction. An increase without proration
 * may have been renewed since, so taking that one back is left to the terms of decreases.
 */
function prorationBack(step: Step, late: string, drift: Drift): BillingBehavior['prorationBehavior'] {
  const { increase, decrease } = step.account.terms;
  const grew = drift.quantity > drift.expected;
  const known = step.before.account.tails.find((tail) => tail.push === late)?.prorationBehavior;
  const asTerms = decrease.when === 'period_end' ? 'none' : decrease.prorationBehavior;
  const written = known ?? (grew ? increase.prorationBehavior : asTerms);
  return grew && written === 'none' ? decrease.prorationBehavior : written;
}

/** Something repeats our requests, and each reversal may be an invoice: nobody goes on with that without asking. */
function askAboutReversals(step: Step, drift: Drift, times: number): void {
  const { quantity, expected } = drift;
  const message =
    `${causeWords.lost_write}: Stripe shows quantity ${quantity}, but ${expected} was agreed on. ` +
    `It was reversed ${times} times within a day already, so something repeats requests of ours.`;
  step.closeIncidents('late_write', null, 'It is not reversed again without a person.');
  ask(step, { quantity, cause: 'lost_write' }, message);
}

function writeSettledAgain(
  step: Step,
  drift: Drift,
  origin: 'late_write' | 'revert',
  proration: BillingBehavior['prorationBehavior'] | null = null,
): void {
  openPush(step, {
    id: drift.pushId,
    sendNow: true,
    target: step.account.settledSeats,
    changes: [],
    origin,
    fromQuantity: drift.quantity,
    prorationDate: null,
    proration,
  });
}

function mayNotWrite(step: Step): boolean {
  return step.account.pausedReason !== null || step.before.installationPaused !== null;
}

/**
 * An absolute write of ours may have overwritten what somebody else had just done. Nothing shows it afterwards but the
 * event of that write, which tells the quantity before it.
 */
export function reportOverwrites(step: Step, reasons: readonly MarkReason[]): void {
  const { account } = step.before;
  for (const incident of step.openIncidents) {
    if (incident.kind === 'overwritten_foreign_change') {
      step.closeIncidents(incident.kind, incident.push, 'It was told, and Stripe was read again since.');
    }
  }
  for (const { push, quantityBefore } of reasons) {
    if (push === null || quantityBefore === null || quantityBefore === push.fromQuantity) continue;
    // Before it was another write of our own, or the very number that both sides agree on: nobody's work is lost.
    if (lateWriteOf(account, quantityBefore) !== undefined) continue;
    if (quantityBefore === quantityFor(account.settledSeats, account.terms)) continue;
    const message =
      `Stripe showed quantity ${quantityBefore} before a change of ours that started from ${push.fromQuantity}: ` +
      'somebody else had changed it, and ours overwrote that.';
    step.openIncident('overwritten_foreign_change', 'watch', push.id, message, 'unknown');
    step.audit('overwrite_found', { push: push.id, note: message });
    // One more look in a while closes it: what is told once is not told for ever.
    step.update({ nextLookAt: step.now + policy.heldLookMs });
  }
}
