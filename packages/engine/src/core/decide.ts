/**
 * The story of a seat change, from request to end, in one file and in order:
 *
 *   1. request   a command is checked and accepted, or refused                             (request.ts)
 *   2. fold      what waits is folded into one absolute seat count                         (batch.ts: what rides, what fits; allowance.ts: what it may buy)
 *   3. push      the intent to tell Stripe is opened, and sent again when its sender died  (push.ts)
 *   4. answer    what Stripe said is weighed and ends the push, or leaves it in doubt      (evidence.ts: the table)
 *   5. look      what Stripe shows ends a push that answers could not, or uncovers drift   (hold.ts)
 *                which has a cause, and an answer of the terms to it                       (causes.ts, drift.ts)
 *   6. end       changes are applied or rolled back, with their seats, in the same commit  (change.ts, seats.ts)
 *
 * `decide` is pure: no I/O, no clock, no randomness. Time is `state.now`, ids come with the command. Whoever calls it
 * commits `records` and `state` under the version that was loaded, and only then acts on `effect`.
 */

import { approveChange, declineChange, lapse } from './approval.ts';
import { countBatch, nextBatch, seatedAlready } from './batch.ts';
import { agreeOn, applyAll, endParked, recount, rollBack, settle } from './change.ts';
import {
  answerForeignChange,
  causeOfDrift,
  lateWriteOf,
  ownLateWrite,
  reportOverwrites,
  reverseLateWrite,
} from './drift.ts';
import { tellDuplicates } from './duplicates.ts';
import { isOnlySend, takesBack, type Verdict, weigh } from './evidence.ts';
import { hold, refuseIfMoved, releaseHold } from './hold.ts';
import { observe } from './observe.ts';
import { changeTerms, endHeld, pause, relink, resume } from './operators.ts';
import { ripeAt } from './parked.ts';
import {
  afterEnd,
  beginWithdrawal,
  lookAtPayment,
  type PaymentState,
  stateOfPayment,
  supersede,
  weighWithdrawal,
} from './payment.ts';
import { delayAfter, policy } from './policy.ts';
import { countedFor } from './purchase.ts';
import { beginSend, newGeneration, openPush, watchedTails } from './push.ts';
import { quantityFor, seatsFor } from './quantity-for.ts';
import { quotaFreeAt } from './quotas.ts';
import { invariant, refuse } from './refusals.ts';
import { acceptRequest, cancelChange, refuseWhileBusy } from './request.ts';
import {
  cameTooLate,
  closeUncredited,
  dropTooLate,
  followPeriod,
  ripen,
  sayMaybeUncredited,
  scheduledProration,
  watchUncredited,
} from './schedule.ts';
import { watchCapacity } from './seats.ts';
import { settledAt } from './settling.ts';
import { isRead, isUnread, lookDueAt, pushDueAt, Step, watchDoubt } from './step.ts';
import { watchOverdue } from './subscription-states.ts';
import type {
  Account,
  Cause,
  Command,
  Decision,
  LookResult,
  MarkReason,
  OpenPush,
  SeatChange,
  State,
} from './types.ts';

/** @throws SeatRefused when the command is turned down; nothing is to be written then. */
export function decide(state: State, command: Command): Decision {
  const step = new Step(state);
  switch (command.type) {
    case 'request':
      acceptRequest(step, command.request);
      break;
    case 'fold':
      fold(step, command.pushId, command.sendNow);
      break;
    case 'wake':
      wake(step, command.pushId);
      break;
    case 'answer':
      weighAnswer(step, command);
      break;
    case 'looked':
      weighLook(step, command, command.began ?? { at: state.now, marks: state.account.marks });
      break;
    case 'withdrawn':
      weighWithdrawal(step, command);
      break;
    case 'cancel':
      cancelChange(step, command);
      break;
    case 'approve':
      approveChange(step, command);
      fold(step, command.pushId, true);
      break;
    case 'decline':
      declineChange(step, command);
      break;
    case 'flush':
      fold(step, command.pushId, true, 'all');
      break;
    case 'pause':
      pause(step, command);
      break;
    case 'resume':
      resume(step, command);
      break;
    case 'change_terms':
      changeTerms(step, command);
      break;
    case 'relink':
      relink(step, command);
      break;
    case 'duplicates':
      tellDuplicates(step, command);
      break;
    case 'resolve':
      resolve(step, command);
      break;
  }
  watchCapacity(step);
  watchOverdue(step);
  watchDoubt(step);
  watchUncredited(step);
  return step.finish();
}

// ---------------------------------------------------------------------------------------------------------------
// 2. Fold

/** Folds what waits into one push. Changes that no longer fit roll back with their code; the rest ride together. */
function fold(step: Step, pushId: string, sendNow: boolean, which: 'settled' | 'all' = 'settled'): void {
  // Every round ends changes or opens the push, so the number of waiting changes bounds the rounds.
  for (let round = step.waiting.length; ; round -= 1) {
    const { account } = step;
    invariant(round >= 0, 'fold did not come to an end', { organization: account.organization });
    if (account.hold !== null || account.link === null || account.status === 'ended' || isUnread(account)) return;
    if (account.pausedReason !== null || step.before.installationPaused !== null) return;
    if (which === 'settled' && settledAt(account, step.waiting) > step.now) return;
    if (quotaFreeAt(account, step.waiting) > step.now) return;
    if (account.push !== null) {
      supersede(step, account.push, sendNow);
      return;
    }
    const batch = nextBatch(step.waiting);
    if (batch.length === 0) return;

    const counted = countBatch(step, batch);
    const seated = seatedAlready(counted);
    const rest = counted.slice(seated.length);
    if (seated.length > 0) settle(step, account.settledSeats, seated);
    const target = rest.at(-1)?.seats;
    if (target !== undefined) {
      if (quantityFor(target, account.terms) === quantityFor(account.settledSeats, account.terms)) {
        settle(step, target, rest);
      } else if (step.before.subscriptionBusy) {
        return;
      } else {
        openPush(step, {
          id: pushId,
          sendNow,
          target,
          changes: rest,
          origin: 'changes',
          // A quote is good for its own change alone; what rides together is prorated from now.
          prorationDate: rest.length === 1 ? (rest[0]?.change.prorationDate ?? null) : null,
          proration: scheduledProration(
            step,
            rest.map(({ change }) => change),
          ),
        });
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------
// 3. Push

/** The next thing that is due, for whoever holds the lease. Recovery is this and nothing else. */
function wake(step: Step, pushId: string): void {
  step.woken = true;
  const paused = step.account.pausedReason !== null || step.before.installationPaused !== null;
  lapse(step);
  // What settled behind an unpaid push takes its place now; nobody waits for the next look at the payment.
  fold(step, pushId, true);
  if (step.effect.type !== 'none') return;

  const { account } = step;
  const { push } = account;
  if (push && account.hold === null) {
    // A pause stops writes to Stripe, not reads.
    if ((paused && !isRead(push)) || pushDueAt(push, account) > step.now) return;
    if (push.withdrawal?.next === 'send' && !paused) beginWithdrawal(step, push, push.withdrawal);
    else if (isRead(push)) step.effect = { type: 'look' };
    else if (step.now - push.keySince >= policy.keyLifetimeMs) leaveStaleKey(step, push, pushId);
    else if (push.unproven === 0 && push.generation === 1 && cameTooLate(step, push)) {
      dropTooLate(step, push);
      fold(step, pushId, true);
    } else beginSend(step, push);
    return;
  }
  const lookAt = lookDueAt(account);
  const dateComes = ripeAt(account, step.parked, paused);
  if ((lookAt !== null && lookAt <= step.now) || (dateComes !== null && dateComes <= step.now)) {
    step.effect = { type: 'look' };
  }
}

/** The key is about to be forgotten by Stripe: replaying it would be a new write, so reading decides. */
function leaveStaleKey(step: Step, push: OpenPush, pushId: string): void {
  if (push.unproven === 0 && push.generation === 1) {
    // It never ran, and nobody expects a day-old purchase.
    refusePush(step, push, pushId, {
      code: 'expired',
      message: 'Stripe could not be asked for a day, so the change was taken back.',
      requestId: null,
      payment: false,
      watch: false,
    });
    return;
  }
  step.update({ push: { ...push, state: 'in_doubt', next: 'look', lookFor: 'stale_key', nextAt: step.now } });
  step.audit('push_in_doubt', {
    push: push.id,
    note: 'In doubt for 23 hours: it is not sent again, Stripe is read instead.',
  });
  step.effect = { type: 'look' };
}

// ---------------------------------------------------------------------------------------------------------------
// 4. Answer

function weighAnswer(step: Step, command: Extract<Command, { type: 'answer' }>): void {
  const { push } = step.account;
  const { answer } = command;
  if (push === null || push.id !== command.push || push.generation !== command.generation) {
    // A process that was paused reports on a push that others have ended. If Stripe did write, looking will show it.
    if (answer.kind === 'success' && step.account.link) step.update({ nextLookAt: step.now });
    return;
  }
  const onlySend = isOnlySend(push, command.attempt);
  const verdict = weigh(push, answer, onlySend, step.now);
  const requestId = answer.kind === 'no_answer' ? null : answer.requestId;
  // A commit in doubt is decided again, so the same answer may come twice. One that proves something only proves it again,
  // but one that proves nothing would be counted again as another try, or as another error of Stripe's.
  const again = command.attempt <= push.answered;
  if (again && (verdict.is === 'unknown' || verdict.is === 'did_not_run')) return;
  reportKeys(step, push, verdict);
  // What another sender hears is no word on an invoice that is known: that decides, and it is being read.
  if (push.state === 'awaiting_payment' && verdict.is !== 'applied' && verdict.is !== 'awaiting_payment') return;
  const answered = Math.max(push.answered, command.attempt);
  // A replayed answer shows the subscription as it was when the request ran, so it is no observation of today.
  if (answer.kind === 'success' && answer.observation !== null && !answer.replayed) {
    observe(step, answer.observation, push.keySince);
  }

  switch (verdict.is) {
    case 'applied':
      confirm(step, push, command.pushId, {
        clean: verdict.clean,
        look: !verdict.clean,
        mayWrite: push.generation > 1,
        requestId,
        note: 'Stripe confirmed the quantity.',
      });
      break;

    case 'awaiting_payment':
      step.update({
        push: {
          ...push,
          answered,
          state: 'awaiting_payment',
          tries: 0,
          payment: verdict.payment,
          requestId,
          nextAt: step.now + policy.leaseMs,
          doubt: null,
          next: 'look',
          lookFor: null,
        },
      });
      for (const change of step.carriedBy(push)) {
        step.put({ ...change, status: 'awaiting_payment' });
        const { url, expiresAt } = verdict.payment;
        step.event({ type: 'change.awaiting_payment', change: change.id, data: { url, expiresAt } });
      }
      step.audit('push_awaiting_payment', {
        push: push.id,
        requestId,
        note: 'Stripe waits for a payment before it changes the quantity.',
      });
      // What came in meanwhile is asked for together with it.
      fold(step, command.pushId, true);
      break;

    case 'refused':
      refusePush(step, push, command.pushId, { ...verdict, requestId, watch: !onlySend });
      // A refused request may mean that the subscription is not what it was.
      if (!verdict.payment && verdict.key === null) step.update({ nextLookAt: step.now });
      break;

    case 'did_not_run':
      backOff(step, { ...push, answered }, command.pushId, verdict, requestId);
      break;

    case 'unknown': {
      const doubted: OpenPush = {
        ...push,
        answered,
        state: 'in_doubt',
        tries: push.tries + 1,
        serverErrors: verdict.serverError ? push.serverErrors + 1 : push.serverErrors,
        firstServerErrorAt: verdict.serverError ? (push.firstServerErrorAt ?? step.now) : push.firstServerErrorAt,
        next: verdict.next,
        lookFor: verdict.lookFor,
        nextAt: verdict.next === 'look' ? step.now : step.now + delayAfter(delaysAfter(verdict), push.tries + 1),
        doubt: push.doubt ?? { since: step.now, reason: verdict.reason },
        requestId: requestId ?? push.requestId,
      };
      step.update({ push: doubted });
      if (push.doubt === null)
        for (const id of push.changes)
          step.event({ type: 'change.in_doubt', change: id, data: { reason: verdict.reason } });
      step.audit('push_in_doubt', {
        push: push.id,
        requestId,
        note: `Nobody knows yet what Stripe did: ${verdict.reason}.`,
      });
      break;
    }
  }
  noteFailedRollback(step, push, command.commitFailures);
}

/** What an answer says of our own keys is for a person, whatever becomes of the push. */
function reportKeys(step: Step, push: OpenPush, verdict: Verdict): void {
  if (verdict.is === 'did_not_run') return;
  if (verdict.is === 'applied' || verdict.is === 'awaiting_payment' || (verdict.is === 'refused' && !verdict.key)) {
    // Whatever it says, it says it to a key that may write.
    step.closeIncidents('stripe_key_refused', null, keyAccepted);
    step.closeIncidents('stripe_key_forbidden', null, 'Stripe lets our key write again.');
    return;
  }
  const incident = verdict.is === 'refused' ? verdict.key : verdict.incident;
  const why = verdict.is === 'refused' ? verdict.code : verdict.reason;
  if (incident === 'stripe_key_refused') {
    const message = `Stripe does not accept our API key (${why}). No card is at fault.`;
    step.openIncident('stripe_key_refused', 'act', null, message);
    // What is asked for later may come in a year: looking tells when the key is accepted.
    const at = step.now + policy.refusedKeyLookMs;
    step.update({ nextLookAt: Math.min(step.account.nextLookAt ?? at, at) });
  }
  if (incident === 'stripe_key_forbidden') {
    const message = `Stripe does not let our API key change subscriptions (${why}). No card is at fault.`;
    step.openIncident('stripe_key_forbidden', 'act', null, message);
  }
  if (incident === 'idempotency_broken') {
    step.openIncident(
      'idempotency_broken',
      'act',
      push.id,
      'Stripe says that a key of ours was used for another request. That cannot happen; Stripe is being read.',
    );
  }
}

const keyAccepted = 'Stripe accepts our key again.';

/** G3: the rollback that could not be written before is written now, so its incident is told and closed in one breath. */
function noteFailedRollback(step: Step, push: OpenPush, failures: { count: number; error: string } | undefined): void {
  if (failures === undefined || step.account.push?.id === push.id) return;
  step.openIncident(
    'rollback_failed',
    'act',
    push.id,
    `The outcome of a push could not be written ${failures.count} time(s): ${failures.error}`,
  );
  step.closeIncidents('rollback_failed', push.id, 'The outcome is written now.');
}

/** A Stripe that is busy will take the request in moments, and one whose quota is used up in hours. */
function delaysAfter(verdict: { readonly busy: boolean; readonly quota: boolean }): readonly number[] {
  if (verdict.quota) return policy.quotaReplayDelaysMs;
  return verdict.busy ? policy.backOffDelaysMs : policy.replayDelaysMs;
}

function backOff(
  step: Step,
  push: OpenPush,
  pushId: string,
  verdict: Extract<Verdict, { is: 'did_not_run' }>,
  requestId: string | null,
): void {
  if (takesBack(push, verdict, step.now)) {
    refusePush(step, push, pushId, {
      code: verdict.reason,
      message: 'Stripe kept answering that it is too busy. Nothing was changed.',
      requestId,
      payment: false,
      watch: false,
    });
    return;
  }
  const tries = push.tries + 1;
  const delay = verdict.quota ? policy.quotaDelayMs : delayAfter(policy.backOffDelaysMs, tries);
  step.update({
    push: {
      ...push,
      state: 'intended',
      unproven: 0,
      tries,
      overQuota: verdict.quota,
      nextAt: step.now + delay,
      requestId,
    },
  });
  step.audit('push_backed_off', {
    push: push.id,
    requestId,
    note: verdict.quota
      ? `Stripe's quota for this subscription is used up (${verdict.reason}). The request did not run and waits.`
      : `Stripe is busy (${verdict.reason}). The request did not run and is tried again in ${delay} ms.`,
  });
}

// ---------------------------------------------------------------------------------------------------------------
// 5. Look

/** What Stripe shows. Committed only against the version that was loaded before the look began. */
function weighLook(
  step: Step,
  { look, pushId, reasons = [] }: Extract<Command, { type: 'looked' }>,
  began: { at: number; marks: number },
): void {
  const { account } = step;
  // Nobody asked for reading while a request may be under way: what shows may change the next moment, so it decides nothing.
  if (account.push && account.hold === null && !isRead(account.push)) return;
  const quantity = look.kind === 'seen' ? (look.observation.item?.quantity ?? null) : null;
  const differs = quantity !== quantityFor(account.settledSeats, account.terms);
  // What puts a difference right may be one more push, so it is judged when there may be one, by all that is told until then.
  const mustWait = step.before.subscriptionBusy === true && account.push === null && differs;
  if (look.kind === 'failed' || mustWait) {
    lookLater(step);
    return;
  }
  if (look.kind === 'seen') {
    observe(step, look.observation, began.at);
    followPeriod(step);
    step.closeIncidents('stripe_key_refused', null, keyAccepted);
  }
  step.update({
    lookTries: 0,
    lookedAt: began.at,
    marksSeen: Math.max(account.marksSeen, began.marks),
    nextLookAt: null,
    tails: remainingTails(account, began.at, quantity, step.now + policy.heldLookMs),
  });

  const { push } = account;
  // Stripe keeps canceled subscriptions. One it does not know at all speaks of the wrong key, so it ends nothing.
  const ended =
    look.kind === 'seen' &&
    (look.observation.status === 'canceled' || look.observation.status === 'incomplete_expired');
  // From here on nothing new is opened for it; an open push still ends by what is shown.
  if (ended && account.status !== 'ended') endAccount(step);
  else if (!ended) reportOverwrites(step, reasons);
  if (push) lookAtPush(step, push, pushId, look, quantity, ended, began.at, reasons);
  if (ended) rollBackWaiting(step);
  else if (step.account.push === null && look.kind === 'gone') holdUnknownSubscription(step);
  else if (step.account.push === null && look.kind === 'seen') lookForDrift(step, look, pushId, reasons, began.at);
  if (look.kind === 'seen') closeUncredited(step);
}

/** Nothing was learned, so what was to be learned is still there, and the next look waits. */
function lookLater(step: Step): void {
  const { account } = step;
  const lookTries = account.lookTries + 1;
  // With a key that is not accepted nothing can be seen, and where nothing is open nobody waits for it.
  const keyIsRefused = step.openIncidents.some(({ kind }) => kind === 'stripe_key_refused');
  const isQuiet = keyIsRefused && account.push === null;
  const at = step.now + (isQuiet ? policy.refusedKeyLookMs : delayAfter(policy.lookDelaysMs, lookTries));
  const push = account.push && account.hold === null ? { ...account.push, nextAt: at } : account.push;
  step.update({ lookTries, nextLookAt: push && account.hold === null ? account.nextLookAt : at, push });
}

/**
 * The looks still to make. A late write that is there and is not put right stays known as ours for as long as it takes:
 * its reversal may be refused, writing may be paused, the account may be held for another reason.
 */
function remainingTails(account: Account, seenAt: number, quantity: number | null, again: number): Account['tails'] {
  const wrong =
    quantity !== quantityFor(account.settledSeats, account.terms) && quantity !== account.push?.target.quantity;
  return account.tails
    .map((tail) => {
      const dueAt = tail.dueAt.filter((due) => due > seenAt);
      const stays = wrong && tail.rolledBack && tail.targetQuantity === quantity && dueAt.length === 0;
      return { ...tail, dueAt: stays ? [again] : dueAt };
    })
    .filter((tail) => tail.dueAt.length > 0);
}

function lookAtPush(
  step: Step,
  push: OpenPush,
  pushId: string,
  look: Exclude<LookResult, { kind: 'failed' }>,
  quantity: number | null,
  ended: boolean,
  /** When the look began: what it shows is not younger than that. */
  seenAt: number,
  reasons: readonly MarkReason[],
): void {
  const { requestId } = look;
  const read = look.kind === 'seen' ? stateOfPayment(push, look) : 'unknown';
  const payment = ended ? afterEnd(push, read) : read;
  if (payment !== 'unknown' && lookAtPayment(step, push, payment, quantity)) {
    // Nobody has to say what became of it: that is still to come.
    releaseHold(step, 'Stripe shows what became of the payment so far.');
    // What came in while the payment was waited for takes its place.
    fold(step, pushId, true);
    return;
  }
  // A void invoice says that its own request brought nothing. Another key of this push may have made another invoice, which
  // was paid: Stripe keeps one pending update and voids the one before it (seed 6556).
  const paidElsewhere = push.generation > 1;
  if (quantity === push.target.quantity && (payment !== 'not_paid' || paidElsewhere)) {
    releaseHold(step, 'Stripe shows the quantity that was asked for.');
    confirm(step, push, pushId, {
      clean: false,
      look: false,
      // Reading proves the quantity, not which request brought it: ours may still be on its way.
      mayWrite: true,
      requestId,
      note: 'Stripe shows the quantity that was asked for.',
    });
    return;
  }
  const refusal = { requestId, payment: false, watch: true };
  if (ended) {
    if (payment === 'paid') sayPaidForNothing(step, push);
    refusePush(step, push, pushId, {
      ...refusal,
      code: 'subscription_ended',
      message: 'The Stripe subscription has ended.',
    });
    return;
  }
  // The late write of an earlier push is as good as `from`: this push is not what Stripe shows, and what shows is reversed.
  const unexpected = quantity !== push.from.quantity && lateWriteOf(step.before.account, quantity) === undefined;
  if (unexpected || payment === 'paid') {
    hold(step, {
      code: 'unsettled_push',
      observedQuantity: quantity,
      cause: look.kind === 'seen' ? causeOfDrift(step, look.observation, reasons) : null,
      message: contradictionOf(push, payment, quantity),
      push: push.id,
    });
    return;
  }

  if (push.lookFor === 'spent_key' && push.generation >= policy.generations) {
    hold(step, {
      code: 'generations_used',
      observedQuantity: quantity,
      cause: null,
      message: `Stripe failed ${push.generation} times with stored errors.`,
      push: push.id,
    });
    return;
  }
  releaseHold(step, 'Stripe shows the quantity from before the change.');
  if (push.state === 'awaiting_payment') {
    if (push.withdrawal) {
      endSuperseded(step, push, pushId);
      return;
    }
    refusePush(step, push, pushId, {
      ...refusal,
      // Where its invoice is void, only another send of it could have brought another one.
      watch: payment !== 'not_paid' || push.unproven > 1 || push.generation > 1,
      payment: true,
      code: 'payment_not_made',
      message: 'The payment was not made, so Stripe dropped the change.',
    });
    return;
  }
  switch (push.lookFor) {
    case 'spent_key':
      newGeneration(step, push);
      return;
    case 'stale_key':
      refusePush(step, push, pushId, {
        ...refusal,
        code: 'expired',
        message: 'Stripe gave no definite answer for a day and shows the old quantity.',
      });
      return;
    case 'unclear_refusal':
    case null: {
      invariant(push.lastSentAt !== null, 'an answer was weighed of a push that was never sent', { push: push.id });
      const overAt = push.lastSentAt + policy.requestLifetimeMs;
      if (seenAt >= overAt) {
        refusePush(step, push, pushId, {
          ...refusal,
          code: 'refused_by_stripe',
          message: 'Stripe gave no clear yes, and shows the old quantity now that no request of ours can be under way.',
        });
      } else {
        step.update({ push: { ...push, nextAt: overAt } });
        step.audit('looked', {
          push: push.id,
          requestId,
          note: 'Stripe shows the old quantity; a request of ours may still be under way, so it is read again.',
        });
      }
    }
  }
}

/** Nobody but a person can give that money back. */
function sayPaidForNothing(step: Step, push: OpenPush): void {
  const message =
    `Invoice ${push.payment?.invoice} was paid, and its subscription has ended: the seats that it was for are not there. ` +
    'Refund it, or link a subscription and give them.';
  step.openIncident('paid_for_nothing', 'act', push.id, message);
}

/** Why nobody can say what became of the push, although Stripe has been read. */
function contradictionOf(push: OpenPush, payment: PaymentState, quantity: number | null): string {
  const shown = `Stripe shows quantity ${quantity ?? 'none'}`;
  if (payment === 'paid') return `The payment for quantity ${push.target.quantity} was made, and ${shown}.`;
  if (payment === 'not_paid') return `The invoice for quantity ${push.target.quantity} is void, and ${shown}.`;
  return `A change is in doubt and ${shown}, neither ${push.from.quantity} nor ${push.target.quantity}.`;
}

function holdUnknownSubscription(step: Step): void {
  const message = 'Stripe knows no such subscription. Is this key for the Stripe account it was linked in?';
  hold(step, { code: 'subscription_missing', observedQuantity: null, cause: null, message, push: null });
}

/** No push is open, so what Stripe shows is what was agreed on, or somebody changed it. */
function lookForDrift(
  step: Step,
  { observation, requestId }: Extract<LookResult, { kind: 'seen' }>,
  pushId: string,
  reasons: readonly MarkReason[],
  seenAt: number,
): void {
  const { account } = step;
  const expected = quantityFor(account.settledSeats, account.terms);
  const quantity = observation.item?.quantity ?? null;
  if (quantity === null) {
    const message = 'The subscription item that this account is billed by is gone.';
    hold(step, { code: 'item_missing', observedQuantity: null, cause: 'item_missing', message, push: null });
    return;
  }
  if (quantity === expected) {
    releaseHold(step, 'Stripe shows the settled quantity again.');
    step.closeIncidents('late_write', null, 'Stripe shows the settled quantity.');
    step.closeIncidents('drift', null, 'Stripe shows the settled quantity.');
    if (step.account.status === 'active') {
      if (step.account.pausedReason === null && step.before.installationPaused === null) ripen(step, seenAt);
      fold(step, pushId, true);
    }
    return;
  }
  const drift = { quantity, expected, cause: causeOfDrift(step, observation, reasons), requestId, pushId };
  const late = ownLateWrite(step, drift, reasons);
  // Held by a reversal that Stripe refused: it is tried again as long as the late write is being watched for.
  if (late !== null && (account.hold === null || account.hold.code === 'drift')) reverseLateWrite(step, late, drift);
  else {
    answerForeignChange(step, drift);
    // Where both sides agree again; a hold or a push of the answer keeps what waits.
    fold(step, pushId, true);
  }
}

/** An operator decides which side counts on a held account. */
function resolve(step: Step, command: Extract<Command, { type: 'resolve' }>): void {
  const { account } = step;
  const held = account.hold;
  if (held === null) refuse('nothing_to_resolve', 'This account is not held.');
  refuseIfMoved(account, held, command.seen);
  if (held.observedQuantity === null) {
    refuse(
      'nothing_to_resolve',
      'There is no subscription item to agree with. Link the account to a subscription again.',
    );
  }
  if (command.by === 'database') {
    const paused = account.pausedReason ?? step.before.installationPaused;
    if (paused !== null) refuse('paused', `Changes at Stripe are paused: ${paused}`);
  }
  const { push } = account;
  const seats = seatsFor(held.observedQuantity, account.terms, account.settledSeats);
  if (command.by === 'stripe' && quantityFor(seats, account.terms) !== held.observedQuantity) {
    refuse(
      'nothing_to_resolve',
      `Quantity ${held.observedQuantity} is below what the terms bill at least. Resolve in favour of the database.`,
    );
  }
  if (command.by === 'stripe' && seats > policy.seatsLimit) {
    refuse(
      'nothing_to_resolve',
      `No account has more than ${policy.seatsLimit} seats. Resolve in favour of the database.`,
    );
  }
  if (push) {
    endHeld(step, push, command.reason);
    // Whatever counts from now on, a request of this push that arrives later is a late write of ours.
    step.update({ tails: watchedTails(step.account, push, true, step.now) });
  }
  if (command.by === 'stripe') step.update({ settledSeats: seats });
  recount(step);
  releaseHold(step, `Resolved in favour of ${command.by}.`, { actor: command.actor, reason: command.reason });
  if (command.by === 'stripe') {
    for (const change of push ? step.carriedBy(push) : []) {
      rollBack(step, change, 'resolved', `Rolled back by ${command.actor}: ${command.reason}`);
    }
  }
  const { settledSeats } = step.account;
  if (quantityFor(settledSeats, account.terms) === held.observedQuantity) {
    // What was observed may be an hour old, so the word given here is checked by reading once more.
    step.update({ nextLookAt: step.now });
    fold(step, command.pushId, true);
    return;
  }
  refuseWhileBusy(step);
  // What was agreed on comes first and alone: what waits is asked for after it, billed as the terms say.
  openPush(step, {
    id: command.pushId,
    sendNow: true,
    target: settledSeats,
    changes: [],
    origin: 'resolve',
    fromQuantity: held.observedQuantity,
    prorationDate: null,
  });
}

// ---------------------------------------------------------------------------------------------------------------
// 6. End

/** Stripe has the target: both sides agree again. */
function confirm(
  step: Step,
  push: OpenPush,
  pushId: string,
  how: { clean: boolean; look: boolean; mayWrite: boolean; requestId: string | null; note: string },
): void {
  const requestId = how.requestId ?? push.requestId;
  step.endPush({ push, outcome: 'confirmed', code: null, message: null, requestId, endedAt: step.now });
  const counted = countedFor(step, push);
  const late = cameTooLate(step, push);
  agreeOn(step, push.target.seats, counted);
  step.audit('push_confirmed', { push: push.id, requestId, note: how.note });
  applyAll(step, counted, push.id);
  // Applied once is not current now: after a replayed answer, settle first and then look; and keep an eye on it.
  if (!how.clean) step.update({ tails: watchedTails(step.account, push, how.mayWrite, step.now, true) });
  if (how.look) step.update({ nextLookAt: step.now });
  step.closeIncidents('in_doubt', push.id, 'The outcome is known: applied.');
  step.closeIncidents('idempotency_broken', push.id, 'The outcome is known: applied.');
  // An answer that came although nobody waited for it any more: one look says whether the reason to hold is over.
  if (step.account.hold) step.update({ nextLookAt: step.now });
  // What was agreed on is written again, by itself or on an operator's word.
  if (push.origin !== 'changes') step.closeIncidents('late_write', null, 'The late write is reversed.');
  if (push.origin === 'revert') step.closeIncidents('drift', null, 'What was agreed on is written again.');
  if (late) sayMaybeUncredited(step, push);
  fold(step, pushId, true);
}

/** A definite no: the count goes back and the reservations that hung on it vanish, in this one commit. */
function refusePush(
  step: Step,
  push: OpenPush,
  pushId: string,
  refusal: { code: string; message: string; requestId: string | null; payment: boolean; watch: boolean },
): void {
  const requestId = refusal.requestId ?? push.requestId;
  step.endPush({
    push,
    outcome: push.doubt === null ? 'refused' : 'rolled_back',
    code: refusal.code,
    message: refusal.message,
    requestId,
    endedAt: step.now,
  });
  const changes = step.carriedBy(push);
  // A card that was refused may pay for fewer; an invoice that nobody paid in time says nothing of the kind.
  const declined = refusal.payment && push.state !== 'awaiting_payment';
  const retried = declined && changes.length > 1 ? setAside(step, changes) : new Set<string>();
  recount(step);
  step.audit('push_refused', { push: push.id, requestId, note: `${refusal.message} (${refusal.code})` });
  for (const change of changes) {
    if (!retried.has(change.id)) rollBack(step, change, refusal.code, refusal.message, refusal.payment);
  }
  if (refusal.watch) step.update({ tails: watchedTails(step.account, push, true, step.now) });
  if (push.doubt !== null && push.attempt > 1) {
    step.openIncident(
      'late_rollback',
      'none',
      push.id,
      'A change was rolled back after its first sender had been lost.',
    );
    step.closeIncidents('late_rollback', push.id, 'It is rolled back.');
  }
  step.closeIncidents('in_doubt', push.id, 'The outcome is known: rolled back.');
  step.closeIncidents('idempotency_broken', push.id, 'The outcome is known: rolled back.');
  if (push.origin !== 'changes' && step.account.status !== 'ended') {
    hold(step, {
      code: 'drift',
      observedQuantity: push.from.quantity,
      cause: causeBehind(step, push.origin),
      message: `Stripe refused quantity ${push.target.quantity}: ${refusal.message}`,
      push: null,
    });
    return;
  }
  fold(step, pushId, true);
}

/** What made the difference that a push of ours was to put right. */
function causeBehind(step: Step, origin: OpenPush['origin']): Cause | null {
  if (origin === 'late_write') return 'lost_write';
  return step.openIncidents.find(({ kind }) => kind === 'drift')?.cause ?? null;
}

/** After a joint push was refused for payment: decreases go on, a few increases are tried alone, the rest roll back. */
function setAside(step: Step, changes: readonly SeatChange[]): Set<string> {
  const kept = new Set<string>();
  const lastSet = changes.findLast((change) => change.setSeats !== null);
  let alone = 0;
  for (const change of changes) {
    // Only the last of several sets was ever asked of Stripe; the earlier ones share its fate.
    if (change.setSeats !== null && change !== lastSet) continue;
    const grows = change.setSeats === null ? change.delta > 0 : change.setSeats > step.account.settledSeats;
    if (grows && alone >= policy.retriesAlone) continue;
    // Who takes a seat may count on one of those, so it comes after them.
    const waits = alone > 0 && change.takes > 0;
    if (grows) alone += 1;
    kept.add(change.id);
    step.put({ ...change, push: null, alone: grows || waits, status: 'requested' });
  }
  return kept;
}

/** Its invoice is void and nobody paid: what it carried is asked for again, together with what took its place. */
function endSuperseded(step: Step, push: OpenPush, pushId: string): void {
  const dropped = new Set(push.withdrawal?.dropped);
  const { requestId } = push;
  const message = 'Nobody had paid, and its invoice is void.';
  step.endPush({ push, outcome: 'superseded', code: 'superseded', message, requestId, endedAt: step.now });
  const carried = step.carriedBy(push);
  for (const change of step.waiting) {
    const status = carried.includes(change) ? 'requested' : change.status;
    // The price that was shown for one of them alone is not the price of all: keeping it would send that one alone again,
    // and what came later would have its invoice voided again, for ever.
    step.put({ ...change, push: null, status, alone: false, prorationDate: null });
  }
  recount(step);
  step.audit('push_superseded', {
    push: push.id,
    note: `${message} ${carried.length - dropped.size} change(s) go on.`,
  });
  if (push.unproven > 1 || push.generation > 1)
    step.update({ tails: watchedTails(step.account, push, true, step.now) });
  step.closeIncidents('in_doubt', push.id, 'The outcome is known: not paid.');
  // Dropped by Stripe because nobody paid, or canceled by somebody.
  const orphaned = push.withdrawal?.orphaned === true;
  const code = orphaned ? 'payment_not_made' : 'canceled';
  const why = orphaned
    ? 'Nobody paid before Stripe had dropped the change.'
    : 'It was canceled before anybody paid for it.';
  for (const id of dropped) {
    const change = step.waitingChange(id);
    if (change !== undefined) rollBack(step, change, code, why, orphaned);
  }
  fold(step, pushId, true);
}

function endAccount(step: Step): void {
  const note = 'The Stripe subscription has ended.';
  releaseHold(step, note);
  step.closeIncidents('late_write', null, note);
  step.closeIncidents('over_capacity', null, note);
  step.closeIncidents('drift', null, note);
  step.closeIncidents('duplicate_subscription', null, note);
  for (const { kind, push } of step.openIncidents) {
    if (kind === 'overwritten_foreign_change' || kind === 'schedule_missed') step.closeIncidents(kind, push, note);
  }
  step.update({ status: 'ended', tails: [], nextLookAt: null });
  step.audit('subscription_ended', { note: 'The Stripe subscription has ended; no seats are available.' });
  step.event({ type: 'account.ended', change: null, data: {} });
}

function rollBackWaiting(step: Step): void {
  for (const change of step.parked) {
    endParked(step, change, { code: 'subscription_ended', message: 'The Stripe subscription has ended.' });
  }
  for (const change of step.waiting) {
    // What hangs on another one goes with it, and what an invoice carries goes when that can be paid no more.
    if (change.hangsOn !== null || change.push !== null) continue;
    rollBack(step, change, 'subscription_ended', 'The Stripe subscription has ended.');
  }
}
