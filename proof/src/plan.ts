/** What one seed stands for: the organization, what is asked of it, and what goes wrong. */
import type { Terms } from '../../packages/engine/src/core/types.ts';
import { type Focus, focusOf, prepareFor } from './focus.ts';
import { Random } from './random.ts';
import type { StripeFault } from './stripe-double.ts';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** What can happen to one send on its way, in the order in which it is drawn. */
export type WireFault =
  | 'lost_request'
  | 'lost_reply'
  | 'cut_body'
  | 'reset'
  | 'delayed_request'
  | 'duplicate'
  | 'late_sender';
export type DatabaseFault = 'never_sent' | 'conflict' | 'unknown_undone' | 'unknown_done' | 'unknown_late';
export type ProcessFault = 'crash' | 'freeze';

export type FaultName =
  | WireFault
  | DatabaseFault
  | ProcessFault
  | Exclude<StripeFault, 'none'>
  | 'look_failed'
  | 'clock_jump'
  | 'foreign_meanwhile';

export interface Window {
  readonly from: number;
  readonly until: number;
}

/** How much of Stripe's limits is left for this account. Times are milliseconds before the beginning. */
export interface Limits {
  /** Requests a second that the whole account at Stripe takes; null: more than this world can make. */
  readonly perSecond: number | null;
  /** Other organizations of the same installation, which take turns as well: when, and how many at once. */
  readonly others: readonly { readonly at: number; readonly turns: number }[];
  /** What this account has asked for before, which both sides know. */
  readonly ours: { readonly updates: readonly number[]; readonly invoices: readonly number[] };
  /** Invoices that somebody else made on the subscription, of which only Stripe knows. */
  readonly theirs: readonly number[];
}

export interface Plan {
  readonly seed: number;
  readonly random: Random;
  readonly instances: number;
  readonly seats: number;
  readonly anonymous: number;
  readonly named: readonly string[];
  readonly terms: Terms;
  readonly cardLimit: number;
  readonly requests: number;
  /** How long things go wrong, from the beginning. */
  readonly faultyMs: number;
  /** The chance of each fault wherever it can happen. */
  readonly rates: ReadonlyMap<FaultName, number>;
  readonly outages: {
    readonly stripe: Window | null;
    readonly database: Window | null;
    readonly key: Window | null;
  };
  readonly foreign: readonly { readonly at: number; readonly quantity: number }[];
  readonly webhooks: { readonly lost: number; readonly twice: number; readonly lateMs: number };
  readonly cancelAt: number | null;
  readonly pause: Window | null;
  readonly operators: boolean;
  /** Just before this commit, counted from the first, somebody changes Stripe and the webhook is already here. */
  readonly foreignBeforeCommit: number | null;
  /** Whoever changes something at Stripe does so in the customer portal. */
  readonly portal: boolean;
  /** The paid period, from the beginning of the schedule; null: nobody reads when it ends. */
  readonly period: { readonly startMs: number; readonly lengthMs: number } | null;
  /** When somebody takes back a change that is open then. */
  readonly cancels: readonly number[];
  /** When an owner decides about what waits for an approval. */
  readonly owners: readonly { readonly at: number; readonly verdict: 'approve' | 'decline' }[];
  /** New terms in the middle of it, some of which bill the same seats differently. */
  readonly newTerms: { readonly at: number; readonly terms: Partial<Terms> } | null;
  /** null: Stripe's limits are out of sight. */
  readonly limits: Limits | null;
  /** Webhooks come through the product's own door, signed, and Stripe delivers again what was not answered with 200. */
  readonly door: boolean;
  /** How far the wall clocks of processes are from the database's; each process takes the next one. No rule may ask them. */
  readonly wallClocks: readonly number[];
  /** A pair of state and fault that this seed is after, because it is rarely met by chance. */
  readonly focus: Focus | null;
}

const mostlyOff: readonly FaultName[] = [
  'foreign_meanwhile',
  'unauthorized',
  'forbidden',
  'invalid',
  'missing',
  'quota',
  'strange_answer',
  'clock_jump',
];
const atHome: readonly FaultName[] = [
  'never_sent',
  'conflict',
  'unknown_undone',
  'unknown_done',
  'unknown_late',
  'crash',
  'freeze',
];
export const faultNames: readonly FaultName[] = [
  ...(['lost_request', 'lost_reply', 'cut_body', 'reset', 'delayed_request', 'duplicate', 'late_sender'] as const),
  ...(['never_sent', 'conflict', 'unknown_undone', 'unknown_done', 'unknown_late'] as const),
  ...(['crash', 'freeze'] as const),
  ...([
    'rate_limited',
    'lock_timeout',
    'error_before',
    'declined',
    'error_stored_undone',
    'error_stored_done',
  ] as const),
  'look_failed',
  ...mostlyOff,
];

/** @param bent whether a seed that is after a rare pair of state and fault is bent towards it; else it stays as chance made it. */
export function planOf(seed: number, bent = true): Plan {
  const plan = planByChance(seed);
  if (!bent) return { ...plan, focus: null };
  return plan.focus === null ? plan : prepareFor(plan, plan.focus);
}

function planByChance(seed: number): Plan {
  const random = new Random(seed);
  const seats = random.between(3, 12);
  const named = ['anna', 'ben', 'cleo', 'dora'].slice(0, random.between(0, Math.min(3, seats)));
  const anonymous = random.chance(0.3) ? seats - named.length : random.between(0, seats - named.length);
  const faultyMs = random.pick([
    20 * second,
    20 * second,
    2 * minute,
    2 * minute,
    2 * minute,
    10 * minute,
    10 * minute,
    3 * hour,
    30 * hour,
  ]);
  // Each seed has some kinds of faults and not others, so that rare meetings of two are not drowned by a third.
  const rates = new Map<FaultName, number>();
  const share = random.pick([0.15, 0.3, 0.6]);
  for (const name of faultNames) {
    const on = random.chance(mostlyOff.includes(name) ? share / 2 : share);
    // A schedule passes dozens of statements and a handful of sends, so the latter are struck more often.
    if (on && name === 'foreign_meanwhile') rates.set(name, 0.1);
    else if (on)
      rates.set(name, atHome.includes(name) ? random.pick([0.01, 0.03, 0.1]) : random.pick([0.05, 0.2, 0.5, 0.8]));
  }
  const window = (chance: number, longestMs = faultyMs): Window | null => {
    if (!random.chance(chance)) return null;
    const from = random.between(0, faultyMs);
    return { from, until: from + random.skewed(second, Math.min(longestMs, faultyMs)) };
  };
  const foreign = random.chance(0.12)
    ? Array.from({ length: random.between(1, 2) }, () => ({
        at: random.between(0, faultyMs),
        quantity: random.between(1, 20),
      }))
    : [];
  // Chance of its own, so that seeds from before this was added still mean what they meant.
  const later = new Random(seed + 1_000_000_007);
  const newTerms = later.chance(0.06)
    ? {
        at: later.between(0, faultyMs),
        terms: later.pick([
          { includedSeats: 2 },
          { includedSeats: 0 },
          { minimumQuantity: 5 },
          { maximumSeats: 9 },
          { minimumSeats: 6 },
        ] as const),
      }
    : null;
  const foreignBeforeCommit = later.chance(0.08) ? later.between(1, 8) : null;
  const portal = later.chance(0.3);
  const onForeignChange: Terms['onForeignChange'] = later.chance(0.5)
    ? {}
    : {
        portal: later.pick(['adopt', 'revert', 'hold'] as const),
        dashboard: later.pick(['adopt', 'revert', 'hold'] as const),
        unknown: later.pick(['adopt', 'revert', 'hold'] as const),
      };
  const behavior = random.pick([
    'error_if_incomplete',
    'error_if_incomplete',
    'error_if_incomplete',
    'allow_incomplete',
    'pending_if_incomplete',
  ] as const);
  const instances = random.between(1, 3);
  const mode = random.chance(0.7) ? 'prepaid' : 'follow';
  // Drawn apart as well: when and how a change is billed, and who has a say in it.
  const billing = new Random(seed + 2_000_000_011);
  const dated = billing.chance(0.3);
  const settleMs = billing.chance(0.2) ? billing.pick([2 * second, 30 * second]) : 0;
  const times = (chance: number, most: number) =>
    billing.chance(chance) ? Array.from({ length: billing.between(1, most) }, () => billing.between(0, faultyMs)) : [];
  const when = {
    decrease: {
      prorationBehavior: 'create_prorations',
      paymentBehavior: 'allow_incomplete',
      when: dated && mode === 'prepaid' ? 'period_end' : 'now',
    },
    settleMs,
    maxWaitMs: 2 * settleMs,
    guard: { seatsPerDay: billing.chance(0.2) ? billing.between(0, 6) : null, amountPerDay: null },
  } as const;
  // And once more: what Stripe still takes, how webhooks arrive, and what the clocks on the walls show.
  const surroundings = new Random(seed + 3_500_000_009);
  const limits = surroundings.chance(0.16) ? limitsOf(surroundings, faultyMs) : null;
  const door = surroundings.chance(0.06);
  const wallClocks = surroundings.chance(0.15)
    ? Array.from({ length: 3 }, () => surroundings.pick([0, 1, -1]) * surroundings.skewed(0, 6 * hour))
    : [];
  if (door) {
    // What a door is for: a database, or a process, that is gone just then.
    for (const name of ['never_sent', 'crash'] as const) rates.set(name, Math.max(rates.get(name) ?? 0, 0.05));
  }
  const lengthMs = 30 * 24 * hour;
  // The period ends soon before, during or after what goes wrong, or weeks later.
  const endMs = billing.pick([faultyMs, 2 * hour, 3 * hour, 20 * hour, 300 * hour]) + billing.between(-hour, hour);
  return {
    seed,
    random,
    instances,
    seats,
    anonymous,
    named,
    terms: {
      mode,
      minimumSeats: random.pick([1, 1, 3]),
      maximumSeats: random.pick([null, null, null, null, 15, 8]),
      includedSeats: random.pick([0, 0, 0, 2]),
      minimumQuantity: random.pick([0, 0, 0, 3]),
      increase: { prorationBehavior: 'always_invoice', paymentBehavior: behavior },
      onForeignChange,
      ...when,
    },
    cardLimit: random.pick([1_000, 1_000, seats + 2, seats + 5]),
    requests: random.between(2, random.pick([4, 8, 16])),
    faultyMs,
    rates,
    outages: { stripe: window(0.12), database: window(0.12, 10 * minute), key: window(0.08) },
    foreign,
    webhooks: {
      lost: random.pick([0, 0, 0.5]),
      twice: random.pick([0, 0.3]),
      lateMs: random.pick([second, minute, hour]),
    },
    cancelAt: random.chance(0.02) ? random.between(0, faultyMs) : null,
    pause: window(0.05),
    operators: random.chance(0.5),
    newTerms,
    foreignBeforeCommit,
    // Who was in the portal is told by an event of its own, which the door does not bring here.
    portal: portal && !door,
    limits,
    door,
    wallClocks,
    focus: focusOf(seed),
    period: dated ? { startMs: endMs - lengthMs, lengthMs } : null,
    cancels: times(0.15, 3),
    owners: times(0.7, 3).map((at) => ({ at, verdict: billing.pick(['approve', 'approve', 'decline'] as const) })),
  };
}

/** A slow account, a subscription that is nearly used up, or both. */
function limitsOf(random: Random, faultyMs: number): Limits {
  const slow = random.chance(0.6);
  const others = Array.from({ length: slow ? random.between(0, 6) : 0 }, () => ({
    at: random.between(0, faultyMs),
    turns: random.between(1, 12),
  }));
  const times = (count: number, withinMs: number) =>
    Array.from({ length: count }, () => random.between(second, withinMs)).sort((a, b) => b - a);
  const used = !slow || random.chance(0.3);
  const invoices = used ? times(random.between(10, 18), 23.9 * hour) : [];
  return {
    perSecond: slow ? random.pick([1, 2, 5]) : null,
    others,
    ours: { updates: used ? times(random.between(150, 189), hour) : [], invoices },
    theirs: used && random.chance(0.4) ? times(random.between(1, 6), 23.9 * hour) : [],
  };
}
