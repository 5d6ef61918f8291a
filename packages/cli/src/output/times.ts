/** Times are shown in UTC, always: the people who read one incident sit in several time zones. */

/** `16:40:03` */
export function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** `2026-11-22 16:40:03 UTC` */
export function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `2026-11-22 16:40:03 UTC (4 minutes ago)`, or `(in 4 minutes)`. */
export function momentAndDistance(ms: number, now: number): string {
  const distance = ms <= now ? `${duration(now - ms)} ago` : `in ${duration(ms - now)}`;
  return `${moment(ms)} (${distance})`;
}

const units: readonly (readonly [name: string, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** `4 minutes`: the largest unit that fits, rounded down; below a second, `less than a second`. */
export function duration(ms: number): string {
  for (const [name, size] of units) {
    const count = Math.floor(ms / size);
    if (count >= 1) return plural(count, name);
  }
  return 'less than a second';
}

export function plural(count: number, noun: string, several = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : several}`;
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
