/**
 * Who of the duties is silent. A dead healer heals nobody and says nothing, so others say it: this is what they say, from
 * what the duties left in the database, and nothing else.
 */
import type { DutyRow } from '../store/duties.ts';

/**
 * `ok`: it succeeded lately, or its time has not come. `silent`: it has not, and somebody has to hear of it.
 * `unjudged`: it is late, and so is the round that would do it; that one is told, not both.
 * `not_expected`: nobody who is running means to do it.
 */
export type DutyState = 'ok' | 'silent' | 'unjudged' | 'not_expected';

export interface JudgedDuty extends DutyRow {
  readonly state: DutyState;
}

/** The duty that does the others. */
const rounds = 'tick';

export function judge(duties: readonly DutyRow[]): JudgedDuty[] {
  const round = duties.find((duty) => duty.name === rounds);
  return duties.map((duty) => ({ ...duty, state: stateOf(duty, round) }));
}

function stateOf(duty: DutyRow, round: DutyRow | undefined): DutyState {
  if (!isLate(duty)) return 'ok';
  if (duty.name === rounds) return 'silent';
  if (round === undefined || isLate(round)) return 'unjudged';
  // Rounds go on, and in none of the last ones did anybody mean to do this.
  return duty.expectedAgoMs > 2 * round.silentAfterMs ? 'not_expected' : 'silent';
}

function isLate(duty: DutyRow): boolean {
  return duty.quietForMs > duty.silentAfterMs;
}
