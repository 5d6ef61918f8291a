import type { Told } from './programs.ts';

/** What a caller was left with. `nothing`: the process died, and the caller saw the connection end. */
export type Heard = Told | 'nothing';

export interface Caller {
  readonly person: string;
  readonly heard: Heard;
}

/** One organization when everything has come to rest. */
export interface AtRest {
  readonly organization: string;
  /** Seats and people before the run. */
  readonly startedWith: number;
  /** People who hold a seat in the database, invited ones among them. */
  readonly people: ReadonlySet<string>;
  /** How many these are, with those who were there before and have no name here. */
  readonly held: number;
  /** The number of seats that the program itself has written down. */
  readonly stored: number;
  /** The quantity that Stripe bills. */
  readonly billed: number;
  readonly callers: readonly Caller[];
}

export interface Counts {
  /** Organizations of which the three numbers (held, stored, billed) are not one. */
  readonly organizationsApart: number;
  /** Seats that Stripe bills and nobody in the database holds. */
  readonly chargedForNobody: number;
  /** Seats that somebody holds and Stripe does not bill. */
  readonly notCharged: number;
  /** Lost updates: by how much the stored numbers differ from the people. */
  readonly lostUpdates: number;
  /** Callers without an answer who cannot get one. */
  readonly neverHeard: number;
  /** The least number of callers whose answer is not true of what is in the database and on the bill. */
  readonly toldUntrue: number;
}

/** Adds up what is left. All counts are by the same rules for every program. */
export function count(organizations: readonly AtRest[]): Counts {
  const sum = (read: (one: AtRest) => number) => organizations.reduce((total, one) => total + read(one), 0);
  return {
    organizationsApart: organizations.filter((one) => !(one.held === one.stored && one.stored === one.billed)).length,
    chargedForNobody: sum((one) => Math.max(0, one.billed - one.held)),
    notCharged: sum((one) => Math.max(0, one.held - one.billed)),
    lostUpdates: sum((one) => Math.abs(one.stored - one.held)),
    neverHeard: sum((one) => heard(one, 'nothing') + heard(one, 'unknown')),
    toldUntrue: sum(toldUntrue),
  };
}

/**
 * "That worked" is untrue when the person is not in the database. "That did not work" is untrue when the person is in it,
 * or when the seat is billed all the same: Stripe bills more than the seats of before, of those who heard yes and of those who
 * heard nothing. A bill that is too small makes no "yes" untrue here; it is counted as not charged.
 */
function toldUntrue(one: AtRest): number {
  const isIn = ({ person }: Caller) => one.people.has(person);
  const yesAndNotIn = one.callers.filter((caller) => caller.heard === 'success' && !isIn(caller)).length;
  const noAndIn = one.callers.filter((caller) => caller.heard === 'failure' && isIn(caller)).length;
  const mayBeBilled = one.startedWith + one.callers.filter((caller) => caller.heard !== 'failure').length;
  return yesAndNotIn + Math.max(noAndIn, one.billed - mayBeBilled, 0);
}

function heard(one: AtRest, what: Heard): number {
  return one.callers.filter((caller) => caller.heard === what).length;
}
