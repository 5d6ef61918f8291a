import type { DutyRow } from 'seatbelt/operator';

/** A worker polls every two seconds; after this it is not late but silent. The same bound as /api/health. */
export const workerSilentAfterMs = 60_000;

/** The worker's heartbeat; null: none was ever seen. */
export function heartbeatOf(duties: readonly DutyRow[]): DutyRow | null {
  return duties.find((duty) => duty.name === 'tick') ?? null;
}

export function isSilent(heartbeat: DutyRow | null): boolean {
  return heartbeat === null || heartbeat.ageMs > workerSilentAfterMs;
}
