/**
 * The matrix of coverage: every fault in every state of an account. Most pairs are met by chance a thousand times; the
 * rest are sought by four seeds in five, whose plan is bent so that the account comes into that state and stays there.
 */
import type { Account, SeatChange } from '../../packages/engine/src/core/types.ts';
import { type FaultName, faultNames, hour, minute, type Plan, second } from './plan.ts';
import { Random } from './random.ts';

export type FaultPoint = FaultName | 'foreign_change' | 'webhook_lost';

/** What an account's push can be in the middle of when something goes wrong. */
export type Moment = 'no push' | 'intended' | 'in_doubt' | 'in_doubt, reading' | 'awaiting_payment' | 'held';
/** A change that is parked at that moment, whatever the push is doing. */
export type Parked = 'scheduled' | 'awaiting_approval';
/** Why a person is asked. Counted and shown; some of these are too rare for a goal of their own in each pair. */
export type HeldBecause = 'somebody else' | 'a late write of ours' | 'an open push';

export const moments: readonly (Moment | Parked)[] = [
  ...(['no push', 'intended', 'in_doubt', 'in_doubt, reading', 'awaiting_payment', 'held'] as const),
  ...(['scheduled', 'awaiting_approval'] as const),
];
export const holdReasons: readonly HeldBecause[] = ['somebody else', 'a late write of ours', 'an open push'];

export function faultPoints(): readonly FaultPoint[] {
  return [...faultNames, 'foreign_change', 'webhook_lost'];
}

export function momentOf({ status, push }: Account): Moment {
  if (status === 'held') return 'held';
  if (push === null) return 'no push';
  if (push.state === 'in_doubt' && push.next === 'look') return 'in_doubt, reading';
  return push.state;
}

/** What is parked; both can be at once. */
export function parkedOf(waiting: Iterable<SeatChange>): ReadonlySet<Parked> {
  const met = new Set<Parked>();
  for (const { status } of waiting) if (status === 'scheduled' || status === 'awaiting_approval') met.add(status);
  return met;
}

export function heldBecause({ status, hold }: Account): HeldBecause | null {
  if (status !== 'held' || hold === null) return null;
  if (hold.code === 'unsettled_push' || hold.code === 'generations_used') return 'an open push';
  return hold.cause === 'lost_write' ? 'a late write of ours' : 'somebody else';
}

export interface Focus {
  readonly state: Moment | Parked;
  readonly fault: FaultPoint;
}

/** Four seeds in five: 100,000 seeds make at least 100 meetings of every pair, and 20,000 stay as chance makes them. */
const outOf = 5;
const soughtRemainders: readonly number[] = [0, 1, 2, 3];

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
/** Those of them that chance brings least often; the others come along with whatever is sought. */
const rareOnTheWire: readonly FaultPoint[] = [
  ...(['unauthorized', 'forbidden', 'quota', 'invalid', 'missing', 'error_before', 'declined'] as const),
  ...(['error_stored_done', 'strange_answer', 'duplicate', 'lost_request'] as const),
];
/** Once each, and what is rare once more. Sleeping senders and lost replies are on in every plan that is bent. */
const soughtOnTheWire: readonly FaultPoint[] = [
  ...onTheWire.filter((fault) => fault !== 'late_sender' && fault !== 'lost_reply'),
  ...rareOnTheWire,
];
/** By state, as often as the state is hard to come by for a fault on the wire. Everything else chance meets often enough. */
const sought: readonly (readonly [Moment | Parked, readonly FaultPoint[]])[] = [
  ...Array.from({ length: 6 }, () => ['in_doubt, reading', soughtOnTheWire] as const),
  ...Array.from({ length: 4 }, () => ['awaiting_payment', [...soughtOnTheWire, 'foreign_meanwhile']] as const),
  ...Array.from({ length: 6 }, () => ['held', soughtOnTheWire] as const),
  ...Array.from({ length: 4 }, () => ['scheduled', [...soughtOnTheWire, 'foreign_meanwhile']] as const),
  ['no push', soughtOnTheWire],
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
  const terms = termsFor(plan.terms, state);
  const once = (at: number) => [{ at, quantity: random.between(1, 20) }];
  const somebodyElse =
    state === 'held'
      ? once(earliest)
      : state === 'scheduled' && fault === 'foreign_meanwhile'
        ? once(random.between(faultyMs / 2, faultyMs))
        : [];
  const month = 30 * 24 * hour;
  // An end that comes while somebody is to pay. Anywhere else it would only make the seed poorer.
  const cancelAt = state === 'awaiting_payment' && random.chance(0.05) ? random.between(minute, faultyMs) : null;
  return {
    ...plan,
    instances: Math.max(plan.instances, 2),
    requests: Math.max(plan.requests, 6),
    faultyMs,
    rates,
    cancelAt,
    cardLimit: 1_000,
    foreign: [...somebodyElse, ...plan.foreign],
    webhooks: state === 'held' ? { ...plan.webhooks, lost: 0, lateMs: second } : plan.webhooks,
    terms,
    // What is scheduled stays so while things go wrong, and comes due well before the day of tail looks is over.
    period:
      state === 'scheduled'
        ? { startMs: faultyMs + random.between(hour, 20 * hour) - month, lengthMs: month }
        : plan.period,
  };
}

/** Terms under which an account comes into that state. */
function termsFor(terms: Plan['terms'], state: Focus['state']): Plan['terms'] {
  switch (state) {
    case 'awaiting_payment': {
      const increase = { ...terms.increase, paymentBehavior: 'pending_if_incomplete' } as const;
      return { ...terms, mode: 'prepaid', increase };
    }
    case 'held':
      return { ...terms, onForeignChange: {} };
    case 'scheduled':
      return { ...terms, mode: 'prepaid', minimumSeats: 1, decrease: { ...terms.decrease, when: 'period_end' } };
    default:
      return terms;
  }
}
