import type { DutyRow } from 'seatbelt/operator';

/** The rounds of workers and of the tick route, of which at least one was finished. */
export interface Heartbeat extends DutyRow {
  readonly ageMs: number;
}

/** The worker's heartbeat; null: no round was ever finished. */
export function heartbeatOf(duties: readonly DutyRow[]): Heartbeat | null {
  const rounds = duties.find(({ name }) => name === 'tick');
  return rounds === undefined || rounds.ageMs === null ? null : { ...rounds, ageMs: rounds.ageMs };
}

export function isSilent(heartbeat: Heartbeat | null): boolean {
  return heartbeat === null || heartbeat.quietForMs > heartbeat.silentAfterMs;
}
