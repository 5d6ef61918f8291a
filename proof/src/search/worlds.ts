/** The small worlds that are searched. Each asks for something else, so that each meets other rules. */
import type { Beginning } from './world.ts';

const nothing = {
  ...({ crashes: 0, losses: 0, troubles: 0, sleeps: 0 } as const),
  ...({ foreign: 0, unpaid: 0, waits: 0, jumps: 0 } as const),
} as const;

/** The card takes 10 seats and no more. */
const basic = { seats: 5, assigned: 3, terms: {}, cardLimit: 10, troubles: [], order: 'any' } as const;

/** A purchase, an invitation that needs seats, a decrease below both together, and more than the card takes. */
const growThenShrink = [
  { type: 'set', seats: 8 },
  { type: 'add', quantity: 2, holders: ['anna', 'ben'], reserve: true },
  { type: 'set', seats: 7 },
  { type: 'add', quantity: 9 },
] as const;

/** What is declined comes first, and freed seats are taken again. */
const declineThenGrow = [
  { type: 'add', quantity: 9 },
  { type: 'remove', quantity: 1 },
  { type: 'add', quantity: 4, holders: ['anna', 'ben', 'cleo', 'dora'] },
  { type: 'set', seats: 10 },
] as const;

/** Billing follows use both ways. */
const joinAndLeave = [
  { type: 'add', quantity: 4 },
  { type: 'remove', quantity: 3 },
  { type: 'add', quantity: 2, holders: ['anna', 'ben'] },
  { type: 'remove', quantity: 1, holders: ['anna'] },
] as const;

const minute = 60_000;
const month = 30 * 24 * 60 * minute;
/** Seats are given out when they are paid for. */
const paidFirst = {
  increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' },
} as const;
/** Fewer seats from the next bill on. */
const laterFewer = {
  decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'period_end' },
} as const;

/** For every run: three processes, four changes, four crashes; and small worlds for each other kind of fault. */
export const gateWorlds: readonly Beginning[] = [
  {
    ...basic,
    name: 'crashes while seats grow and shrink',
    order: 'script',
    processes: 3,
    script: growThenShrink,
    budget: { ...nothing, crashes: 4 },
  },
  {
    ...basic,
    name: 'crashes around a decline',
    order: 'script',
    processes: 3,
    script: declineThenGrow,
    budget: { ...nothing, crashes: 4 },
  },
  {
    ...basic,
    name: 'crashes while billing follows use',
    order: 'script',
    terms: { mode: 'follow' },
    seats: 3,
    processes: 2,
    script: joinAndLeave,
    budget: { ...nothing, crashes: 2 },
  },
  {
    ...basic,
    name: 'lost answers',
    processes: 3,
    script: [
      { type: 'add', quantity: 4 },
      { type: 'set', seats: 12 },
    ],
    budget: { ...nothing, crashes: 2, losses: 2 },
  },
  {
    ...basic,
    name: 'trouble at Stripe',
    processes: 2,
    troubles: ['rate_limited', 'unauthorized', 'invalid', 'error_before', 'error_stored_undone'],
    script: [
      { type: 'set', seats: 8 },
      { type: 'add', quantity: 3 },
    ],
    budget: { ...nothing, crashes: 1, losses: 1, troubles: 2 },
  },
  {
    ...basic,
    name: 'sleepers',
    processes: 3,
    script: [
      { type: 'set', seats: 8 },
      { type: 'set', seats: 6 },
    ],
    budget: { ...nothing, crashes: 1, sleeps: 1 },
  },
  {
    ...basic,
    name: 'somebody else',
    processes: 2,
    script: [
      { type: 'set', seats: 8 },
      { type: 'add', quantity: 3 },
    ],
    budget: { ...nothing, crashes: 1, losses: 1, foreign: 1 },
  },
  {
    // A purchase whose payment is open, and a larger one that takes its place: paid, voided, lapsed, at every moment.
    ...basic,
    name: 'payments that are open',
    processes: 2,
    terms: paidFirst,
    script: [
      { type: 'set', seats: 7 },
      { type: 'set', seats: 9 },
    ],
    budget: { ...nothing, crashes: 1, losses: 1, unpaid: 2, waits: 2 },
  },
  {
    ...basic,
    name: 'the clock jumps',
    processes: 2,
    script: [
      { type: 'set', seats: 8 },
      { type: 'set', seats: 6 },
    ],
    budget: { ...nothing, crashes: 1, losses: 1, jumps: 2 },
  },
  {
    // It comes due an hour before the period ends, or is missed because the clock jumps over it.
    ...basic,
    name: 'the paid period ends',
    processes: 2,
    terms: laterFewer,
    period: { start: 90 * minute - month, lengthMs: month },
    script: [
      { type: 'set', seats: 4 },
      { type: 'add', quantity: 3 },
    ],
    budget: { ...nothing, crashes: 1, losses: 1, jumps: 1 },
  },
];

/** For hours: every order of four changes, six changes with six crashes, and late requests of processes that slept. */
export const soakWorlds: readonly Beginning[] = [
  {
    ...basic,
    name: 'crashes, in every order',
    processes: 3,
    script: growThenShrink,
    budget: { ...nothing, crashes: 4 },
  },
  {
    ...basic,
    name: 'six changes, six crashes, a sleeper',
    order: 'script',
    processes: 3,
    script: [...growThenShrink, { type: 'remove', quantity: 1 }, { type: 'set', seats: 7 }],
    budget: { ...nothing, crashes: 6, sleeps: 1 },
  },
  ...gateWorlds.map((world) => ({
    ...world,
    name: `${world.name}, with more of each`,
    budget: { ...world.budget, crashes: world.budget.crashes + 1, sleeps: world.budget.sleeps + 1 },
  })),
];

/** For planted bugs: small enough to take seconds each. */
export const smallWorlds: readonly Beginning[] = [
  {
    ...basic,
    name: 'two crashes while seats grow and shrink',
    order: 'script',
    processes: 2,
    script: growThenShrink,
    budget: { ...nothing, crashes: 2 },
  },
  ...gateWorlds
    .filter(({ name }) => !name.startsWith('crashes'))
    .map((world) => ({ ...world, name: `${world.name}, small`, order: 'script' as const, processes: 2 })),
];

/** For `npm test`: the smallest of them. */
export const sliceWorlds: readonly Beginning[] = smallWorlds.filter(
  ({ name }) => name.startsWith('two crashes') || name.startsWith('somebody'),
);
