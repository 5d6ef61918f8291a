/** The small worlds that are searched. Each asks for something else, so that each meets other rules. */
import type { Beginning } from './world.ts';

const nothing = { crashes: 0, losses: 0, troubles: 0, sleeps: 0, foreign: 0 } as const;

/** The card takes 10 seats and no more. */
const basic = { seats: 5, assigned: 3, terms: {}, cardLimit: 10, troubles: [] } as const;

/** For every run: three processes, four changes, four crashes; and one small world for each other kind of fault. */
export const gateWorlds: readonly Beginning[] = [
  {
    ...basic,
    name: 'crashes',
    processes: 3,
    script: [
      { type: 'set', seats: 8 },
      { type: 'add', quantity: 2, holders: ['anna', 'ben'], reserve: true },
      { type: 'set', seats: 4 },
      { type: 'add', quantity: 9 },
    ],
    budget: { ...nothing, crashes: 4 },
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
];

/** For hours: six changes, six crashes, and late requests of processes that slept. */
export const soakWorlds: readonly Beginning[] = [
  {
    ...basic,
    name: 'six changes, six crashes, two sleepers',
    processes: 3,
    script: [
      { type: 'set', seats: 8 },
      { type: 'add', quantity: 2, holders: ['anna', 'ben'], reserve: true },
      { type: 'set', seats: 4 },
      { type: 'add', quantity: 9 },
      { type: 'remove', quantity: 1 },
      { type: 'set', seats: 7 },
    ],
    budget: { ...nothing, crashes: 6, sleeps: 2 },
  },
  ...gateWorlds.map((world) => ({
    ...world,
    name: `${world.name}, with one more of each`,
    budget: { ...world.budget, crashes: world.budget.crashes + 1, sleeps: world.budget.sleeps + 1 },
  })),
];
