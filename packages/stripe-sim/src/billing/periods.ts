import type { PriceRow } from '../state/rows.ts';

export interface Interval {
  unit: 'day' | 'week' | 'month' | 'year';
  count: number;
}

export function intervalOf(price: PriceRow): Interval {
  const recurring = price.recurring;
  if (recurring === null) throw new Error(`invariant: price ${price.id} is not recurring`);
  return { unit: recurring.interval as Interval['unit'], count: recurring.interval_count };
}

/**
 * The moment `steps` intervals after the anchor. Months keep the anchor's day and fall back to the last day of a
 * shorter month, always counted from the anchor: 31 January, 28 February, 31 March.
 */
export function after(anchor: number, interval: Interval, steps: number): number {
  const count = interval.count * steps;
  if (interval.unit === 'day') return anchor + count * 86_400;
  if (interval.unit === 'week') return anchor + count * 7 * 86_400;
  const date = new Date(anchor * 1000);
  const months = interval.unit === 'year' ? count * 12 : count;
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return Math.floor(date.getTime() / 1000);
}

/** The period around a moment, on the grid that the anchor and the interval give. */
export function periodAround(anchor: number, interval: Interval, moment: number): { start: number; end: number } {
  let step = Math.floor((moment - anchor) / roughSeconds(interval));
  while (after(anchor, interval, step) > moment) step -= 1;
  while (after(anchor, interval, step + 1) <= moment) step += 1;
  return { start: after(anchor, interval, step), end: after(anchor, interval, step + 1) };
}

function roughSeconds(interval: Interval): number {
  const days = { day: 1, week: 7, month: 30.4, year: 365.2 }[interval.unit];
  return days * 86_400 * interval.count;
}
