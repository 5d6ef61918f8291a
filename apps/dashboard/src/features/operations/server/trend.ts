import { once } from '#server/once.ts';

interface Sample {
  readonly atMs: number;
  readonly accounts: number;
}

/** Growth is told against this far back; older readings say little about now. */
const windowMs = 15 * 60_000;
/** The page reads every few seconds; one sample in this time is enough for a trend, and bounds the list. */
const sampleEveryMs = 10_000;

/** Remembers how many accounts were wrong, and gives the earliest reading of the window; null at the first one. */
export function trendOf(accounts: number, nowMs: number): { readonly before: number; readonly since: string } | null {
  const samples = once<Sample[]>('operations-trend', () => []);
  while ((samples[0]?.atMs ?? nowMs) < nowMs - windowMs) samples.shift();
  const earliest = samples[0] ?? null;
  const last = samples.at(-1);
  if (last === undefined || nowMs - last.atMs >= sampleEveryMs) samples.push({ atMs: nowMs, accounts });
  return earliest && { before: earliest.accounts, since: new Date(earliest.atMs).toISOString() };
}
