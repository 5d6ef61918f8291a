import { type DutyRow, type JudgedDuty, judge, type StripeRate } from 'seatbelt/operator';
import { duration } from './output/times.ts';

const names: Readonly<Record<string, string>> = {
  tick: 'rounds of a worker',
  events: 'reading the events of Stripe',
  sweep: 'comparing everything',
};

/** The duties that somebody should hear of. What waits for the rounds of a worker is told by the worker's own line. */
export function silentDuties(duties: readonly DutyRow[]): JudgedDuty[] {
  return judge(duties).filter(({ name, state }) => state === 'silent' && name !== 'tick');
}

export function dutyText({ name, ageMs, quietForMs }: DutyRow): string {
  const word = names[name] ?? name;
  return ageMs === null ? `${word}: not once in ${duration(quietForMs)}` : `${word}: last ${duration(ageMs)} ago`;
}

/** How much of what Stripe lets through is used. */
export function rateText({ turnsInLastMinute, backlogMs, slowed }: StripeRate): string {
  const wait = backlogMs < 100 ? '' : `, ${duration(backlogMs)} of them waiting`;
  const slow = slowed === 1 ? '' : `; Stripe said "too many requests", so it goes at ${Math.round(slowed * 100)} %`;
  return `${turnsInLastMinute} requests in the last minute${wait}${slow}`;
}
