/**
 * A push that waits for its payment. The invoice it was stored with decides: paid, or void. The quantity only confirms.
 * https://docs.stripe.com/billing/subscriptions/pending-updates
 */
import { seatsFolded } from './batch.ts';
import { delayAfter, policy } from './policy.ts';
import { quantityFor } from './quantity-for.ts';
import { quotaFreeAt } from './quotas.ts';
import { settledAt } from './settling.ts';
import type { Step } from './step.ts';
import type { Account, LookResult, OpenPush, SeatChange, Withdrawal } from './types.ts';

/**
 * What one reading says about the payment. `unknown`: the invoice is not known or was not read, so quantity and pending
 * update decide. `orphaned`: the invoice can be paid, and paying it would bring nothing.
 */
export type PaymentState = 'paid' | 'not_paid' | 'open' | 'orphaned' | 'unknown';

export function stateOfPayment(push: OpenPush, look: Extract<LookResult, { kind: 'seen' }>): PaymentState {
  if (push.state !== 'awaiting_payment') return 'unknown';
  const { invoice } = look;
  if (!invoice || invoice.id !== push.payment?.invoice) {
    return look.observation.pendingUpdate === null ? 'unknown' : 'open';
  }
  if (invoice.status === 'paid') return 'paid';
  if (invoice.status === 'void') return 'not_paid';
  return look.observation.pendingUpdate === null ? 'orphaned' : 'open';
}

/**
 * An ended subscription takes nothing more, and Stripe leaves its open invoices as they are: whoever pays one pays for
 * nothing, so it is to be voided. https://docs.stripe.com/billing/subscriptions/cancel
 */
export function afterEnd(push: OpenPush, payment: PaymentState): PaymentState {
  if (payment !== 'open') return payment;
  return push.payment?.invoice == null ? 'unknown' : 'orphaned';
}

/** What one reading of the payment leaves to wait for. false: nothing, so the quantity is to confirm what is known. */
export function lookAtPayment(
  step: Step,
  push: OpenPush,
  payment: Exclude<PaymentState, 'unknown'>,
  quantity: number | null,
): boolean {
  switch (payment) {
    case 'open':
      waitForPayment(step, push);
      return true;
    case 'orphaned':
      // Paid between the two readings, or about to be void: it is read again before anything is made of it.
      if (push.tries < policy.orphanLooks) return readAgain(step, push, policy.orphanLookMs);
      // Whatever quantity shows: who set it says nothing about an invoice that somebody may still pay.
      if (push.withdrawal) waitForPayment(step, push);
      // A pause stops writes to Stripe, this one too: it is made when writing goes on.
      else withdraw(step, push, push.changes, !isPaused(step), { orphaned: true });
      return true;
    case 'paid':
      // Stripe applies it as the payment arrives; who reads in between reads again, for a while.
      if (quantity !== push.from.quantity || push.tries >= policy.paidLookDelaysMs.length) return false;
      return readAgain(step, push, delayAfter(policy.paidLookDelaysMs, push.tries + 1));
    case 'not_paid':
      return false;
  }
}

function isPaused(step: Step): boolean {
  return step.account.pausedReason !== null || step.before.installationPaused !== null;
}

function readAgain(step: Step, push: OpenPush, delayMs: number): true {
  step.update({ push: { ...push, tries: push.tries + 1, nextAt: step.now + delayMs } });
  return true;
}

/** Nobody has paid yet: how soon that is asked again follows from how long it has been open. */
export function waitForPayment(step: Step, push: OpenPush): void {
  const age = step.now - push.intendedAt;
  const every = Math.min(...policy.paymentLooks.flatMap((look) => (age < look.youngerThanMs ? [look.everyMs] : [])));
  const { withdrawal } = push;
  const lapsesAt = push.payment?.expiresAt ?? Number.POSITIVE_INFINITY;
  const again: Partial<OpenPush> = withdrawal
    ? {
        nextAt: step.now + (withdrawal.attempt === 0 ? every : delayAfter(policy.replayDelaysMs, withdrawal.attempt)),
        withdrawal: { ...withdrawal, next: 'send' },
      }
    : // When it lapses is known, so nobody waits longer than that to hear it.
      { nextAt: Math.min(step.now + every, Math.max(lapsesAt, step.now + policy.leaseMs)) };
  step.update({ push: { ...push, ...again, tries: 0 } });
}

/**
 * A later change takes the place of one that waits for its payment: the invoice is voided, and then both are asked for as
 * one. Who pays in that very moment is settled first, because the invoice is read before anything is made of it.
 */
export function supersede(step: Step, push: OpenPush, sendNow: boolean): void {
  if (isOvertaken(step.account, push, step.waiting)) withdraw(step, push, [], sendNow);
}

/** When what waits behind an unpaid push is to take its place; null: nothing does that. */
export function supersedesAt(account: Account, waiting: readonly SeatChange[]): number | null {
  const { push } = account;
  if (push === null || !isOvertaken(account, push, waiting)) return null;
  return Math.max(settledAt(account, waiting), quotaFreeAt(account));
}

/** A later change asks for another quantity than the one that waits for its payment. */
function isOvertaken(account: Account, push: OpenPush, waiting: readonly SeatChange[]): boolean {
  // Without its id there is nothing to void: it is waited for like any other.
  if (push.state !== 'awaiting_payment' || push.withdrawal || push.payment?.invoice == null) return false;
  // All that could ride did, so what is not in the push came since. But a decrease whose date has come was there before, and
  // what hangs on another change asks nothing of Stripe. What is tried alone was asked for together and declined: taking the
  // place of another one that is tried alone would ask for both together again, for ever.
  const later = waiting.some(
    (change) => change.push === null && !change.alone && change.hangsOn === null && change.waitsUntil === null,
  );
  const behind = waiting.filter((change) => change.push === null);
  const target = quantityFor(seatsFolded(push.target.seats, behind, account), account.terms);
  return later && target !== push.target.quantity;
}

/** Voids the invoice. `dropped`: changes that end with it; the others are asked for anew. */
export function withdraw(
  step: Step,
  push: OpenPush,
  dropped: readonly string[],
  sendNow: boolean,
  why: Pick<Withdrawal, 'orphaned'> = {},
): void {
  const withdrawal: Withdrawal = { generation: 1, attempt: 0, next: 'send', dropped, ...why };
  const withdrawing: OpenPush = { ...push, withdrawal, nextAt: step.now };
  step.update({ push: withdrawing });
  step.audit('push_withdrawn', {
    push: push.id,
    note: why.orphaned
      ? 'Stripe has dropped it before anybody paid, so paying its invoice would bring nothing: that is to be voided.'
      : 'Nobody has paid yet and it is not wanted like this any more: its invoice is to be voided.',
  });
  if (sendNow) beginWithdrawal(step, withdrawing, withdrawal);
}

/** Counted before it is made, like every send. Whatever is answered, the invoice is read next. */
export function beginWithdrawal(step: Step, push: OpenPush, withdrawal: Withdrawal): void {
  const sending: OpenPush = {
    ...push,
    withdrawal: { ...withdrawal, attempt: withdrawal.attempt + 1, next: 'look' },
    nextAt: step.now + policy.leaseMs,
  };
  step.update({ push: sending });
  step.effect = { type: 'withdraw', push: sending };
}

/** Stripe answered the voiding, or nobody knows: reading decides. An error is stored under its key, so the next key is another. */
export function weighWithdrawal(
  step: Step,
  command: { readonly push: string; readonly attempt: number; readonly refused: boolean },
): void {
  const { push } = step.account;
  // Somebody who slept: the invoice has been read since, or will be.
  if (push === null || push.id !== command.push || push.withdrawal?.attempt !== command.attempt) return;
  const { generation } = push.withdrawal;
  step.update({
    push: {
      ...push,
      nextAt: step.now,
      withdrawal: { ...push.withdrawal, generation: command.refused ? generation + 1 : generation },
    },
  });
}
