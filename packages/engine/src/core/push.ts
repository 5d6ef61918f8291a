/** The life of the one open push, apart from what ends it. */
import { seatsFolded } from './batch.ts';
import { type AskedBehavior, behaviorFor } from './billing-policy.ts';
import { policy } from './policy.ts';
import type { Counted } from './purchase.ts';
import { quantityFor } from './quantity-for.ts';
import { useQuota } from './quotas.ts';
import { invariant } from './refusals.ts';
import type { Step } from './step.ts';
import { quantityRequest } from './stripe-request.ts';
import type { Account, BillingBehavior, OpenPush } from './types.ts';
export function openPush(
  step: Step,
  plan: {
    id: string;
    sendNow: boolean;
    target: number;
    changes: readonly Counted[];
    origin: OpenPush['origin'];
    /** The quantity Stripe shows, where that is not what was settled. */
    fromQuantity?: number;
    prorationDate: number | null;
    /** In place of what the terms say, for a decrease whose date has come and for taking a late write back. */
    proration?: BillingBehavior['prorationBehavior'] | null;
  },
): void {
  const { account } = step;
  invariant(account.push === null, 'a second push would be open', { organization: account.organization });
  invariant(account.link !== null, 'a push needs a subscription', { organization: account.organization });
  const from = {
    seats: account.settledSeats,
    quantity: plan.fromQuantity ?? quantityFor(account.settledSeats, account.terms),
  };
  const target = { seats: plan.target, quantity: quantityFor(plan.target, account.terms) };
  const asTerms = behaviorFor(account, { from: from.quantity, target: target.quantity }, plan.origin);
  const behavior: AskedBehavior = plan.proration
    ? { ...asTerms, prorationBehavior: plan.proration, paymentBehavior: asTerms.paymentBehavior && 'allow_incomplete' }
    : asTerms;
  const push: OpenPush = {
    id: plan.id,
    state: 'intended',
    origin: plan.origin,
    generation: 1,
    link: account.link,
    request: quantityRequest(account.link, target.quantity, behavior, plan.prorationDate),
    from,
    target,
    changes: plan.changes.map(({ change }) => change.id),
    counts: plan.changes.map(({ seats }) => seats),
    intendedAt: step.now,
    keySince: step.now,
    // The commit of the intent is also the claim to be its only sender; in a host's transaction nobody sends yet.
    attempt: plan.sendNow ? 1 : 0,
    unproven: plan.sendNow ? 1 : 0,
    answered: 0,
    lastSentAt: plan.sendNow ? step.now : null,
    tries: 0,
    serverErrors: 0,
    firstServerErrorAt: null,
    next: 'replay',
    lookFor: null,
    nextAt: plan.sendNow ? step.now + policy.leaseMs : step.now,
    doubt: null,
    payment: null,
    requestId: null,
  };
  for (const change of step.carriedBy(push)) step.put({ ...change, push: push.id });
  step.openPush(push);
  step.update({
    quotaUsed: useQuota(account.quotaUsed, push.request.body, step.now),
    seatCount: seatsFolded(
      plan.target,
      step.waiting.filter((change) => change.push === null),
      step.account,
    ),
  });
  step.audit('push_intended', {
    push: push.id,
    note: `Stripe is to be asked for quantity ${target.quantity} instead of ${from.quantity}, for ${plan.changes.length} change(s).`,
  });
  if (plan.sendNow) step.effect = { type: 'send', push };
}

/** Each send is counted before it is made, so a crash after it can never look like an only send. */
export function beginSend(step: Step, push: OpenPush): void {
  const again = push.unproven > 0;
  // A first send of a later generation stays in doubt: an earlier key may still be used by a late sender.
  const doubt = push.doubt ?? (again ? { since: step.now, reason: 'sender_lost' } : null);
  const sending: OpenPush = {
    ...push,
    state: doubt ? 'in_doubt' : 'intended',
    attempt: push.attempt + 1,
    unproven: push.unproven + 1,
    lastSentAt: step.now,
    nextAt: step.now + policy.leaseMs,
    doubt,
  };
  step.update({ push: sending });
  step.audit(again ? 'push_sent_again' : 'push_sent', {
    push: push.id,
    note: again
      ? `The same request goes to Stripe again under the same key (send ${sending.attempt}): ${doubt?.reason}.`
      : 'The request goes to Stripe.',
  });
  step.effect = { type: 'send', push: sending };
}

/** The stored failure proves that the old key will never write; a new key may. */
export function newGeneration(step: Step, push: OpenPush): void {
  step.update({
    push: {
      ...push,
      state: 'in_doubt',
      generation: push.generation + 1,
      keySince: step.now,
      attempt: 0,
      unproven: 0,
      answered: 0,
      tries: 0,
      serverErrors: 0,
      firstServerErrorAt: null,
      next: 'replay',
      lookFor: null,
      nextAt: step.now,
    },
  });
  step.audit('push_in_doubt', {
    push: push.id,
    note: `The key is spent and Stripe shows the old quantity: generation ${push.generation + 1} is tried.`,
  });
}

/**
 * @param mayWrite a request of this push may yet run for the first time, so that its target showing up is our own late write.
 * @param confirmed its target has been there already.
 */
export function watchedTails(
  account: Account,
  push: OpenPush,
  mayWrite: boolean,
  now: number,
  confirmed = false,
): Account['tails'] {
  const tail = {
    push: push.id,
    targetQuantity: push.target.quantity,
    rolledBack: mayWrite,
    dueAt: policy.tailLooksMs.map((after) => now + after),
    prorationBehavior: prorationOf(push),
    ...(confirmed ? { confirmed } : {}),
  };
  return [...account.tails.filter((other) => other.push !== push.id), tail];
}

/** What its stored request says, whatever the terms say by now. */
function prorationOf(push: OpenPush): BillingBehavior['prorationBehavior'] {
  const said = new URLSearchParams(push.request.body).get('proration_behavior');
  invariant(
    said === 'create_prorations' || said === 'always_invoice' || said === 'none',
    'a request does not say how it is prorated',
    { push: push.id },
  );
  return said;
}
