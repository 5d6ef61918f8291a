/**
 * The matrix of coverage: every fault in every state of an account. Most pairs are met by chance a thousand times; the
 * rest are sought by two seeds in five, whose plan is bent so that the account comes into that state and stays there.
 */
import type { Account } from '../../packages/engine/src/core/types.ts';
import { type FaultName, faultNames, minute, type Plan, second } from './plan.ts';
import { Random } from './random.ts';

export type FaultPoint = FaultName | 'foreign_change' | 'webhook_lost';

/** What an account can be in the middle of when something goes wrong. */
export type Moment = 'no push' | 'intended' | 'in_doubt' | 'in_doubt, reading' | 'awaiting_payment' | 'held';

export const moments: readonly Moment[] = [
  'no push',
  'intended',
  'in_doubt',
  'in_doubt, reading',
  'awaiting_payment',
  'held',
];

export function faultPoints(): readonly FaultPoint[] {
  return [...faultNames, 'foreign_change', 'webhook_lost'];
}

export function momentOf({ status, push }: Account): Moment {
  if (status === 'held') return 'held';
  if (push === null) return 'no push';
  if (push.state === 'in_doubt' && push.next === 'look') return 'in_doubt, reading';
  return push.state;
}

export interface Focus {
  readonly state: Moment;
  readonly fault: FaultPoint;
}

/** Two seeds in five: 100,000 seeds make at least 100 meetings of every pair, and 60,000 stay as chance makes them. */
const outOf = 5;
const soughtRemainders: readonly number[] = [0, 3];

export function focusOf(seed: number): Focus | null {
  if (!soughtRemainders.includes(seed % outOf)) return null;
  // A source of its own, so that what is sought does not shift what else the seed means.
  const random = new Random(seed + 2_000_000_011);
  const [state, faults] = random.pick(sought);
  return { state, fault: random.pick(faults) };
}

/** On their way to Stripe, or answered there: in most states only a sender that slept is on the wire. */
const onTheWire: readonly FaultPoint[] = [
  ...(['lost_request', 'lost_reply', 'cut_body', 'reset', 'delayed_request', 'duplicate', 'late_sender'] as const),
  ...(['unauthorized', 'forbidden', 'rate_limited', 'quota', 'lock_timeout', 'invalid', 'missing'] as const),
  ...(['error_before', 'declined', 'error_stored_undone', 'error_stored_done', 'strange_answer'] as const),
];
/** By state, as often as the state is hard to come by for a fault on the wire. Everything else chance meets often enough. */
const sought: readonly (readonly [Moment, readonly FaultPoint[]])[] = [
  ...Array.from({ length: 6 }, () => ['in_doubt, reading', onTheWire] as const),
  ...Array.from({ length: 3 }, () => ['awaiting_payment', onTheWire] as const),
  ...Array.from({ length: 4 }, () => ['held', onTheWire] as const),
  ['no push', onTheWire],
  ['intended', ['look_failed']],
  ['in_doubt', ['look_failed']],
];

/** The plan of a seed, bent towards a state: who asks for what stays as chance has made it. */
export function prepareFor(plan: Plan, { state, fault }: Focus): Plan {
  const random = new Random(plan.seed + 3_000_000_019);
  const rates = new Map(plan.rates);
  const atLeast = (name: FaultName, rate: number) => rates.set(name, Math.max(rates.get(name) ?? 0, rate));
  const faultyMs = Math.max(plan.faultyMs, 10 * minute);
  if (onTheWire.includes(fault)) {
    // A sender sleeps, another one takes over, and the account is somewhere else when the first one sends after all.
    atLeast('late_sender', 0.5);
    atLeast('lost_reply', 0.2);
  }
  if (state === 'in_doubt, reading') {
    atLeast('strange_answer', 0.3);
    atLeast('error_stored_undone', 0.4);
    atLeast('look_failed', 0.5);
  }
  if (fault === 'look_failed' && (state === 'intended' || state === 'in_doubt')) {
    atLeast('lost_reply', 0.5);
    atLeast('look_failed', 0.5);
  }
  const earliest = random.between(second, 30 * second);
  return {
    ...plan,
    instances: Math.max(plan.instances, 2),
    requests: Math.max(plan.requests, 6),
    faultyMs,
    rates,
    cancelAt: null,
    cardLimit: 1_000,
    foreign: state === 'held' ? [{ at: earliest, quantity: random.between(1, 20) }, ...plan.foreign] : plan.foreign,
    webhooks: state === 'held' ? { ...plan.webhooks, lost: 0, lateMs: second } : plan.webhooks,
    terms:
      state === 'awaiting_payment'
        ? {
            ...plan.terms,
            mode: 'prepaid',
            increase: { ...plan.terms.increase, paymentBehavior: 'pending_if_incomplete' },
          }
        : plan.terms,
  };
}
