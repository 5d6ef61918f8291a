import { executorOf, readWrongThen } from 'seatbelt/operator';
import { pool } from '#server/database.ts';
import type { OperationsBody, WrongAccount } from '../contract.ts';

/** Growth is told against this long ago: long enough that what heals by itself has healed, short enough to act on. */
const agoMs = 15 * 60_000;
/** Organizations that are read of those that were put right since; a number beyond that says "many" as well. */
const readAtMost = 10_000;

/** How many organizations were wrong a quarter of an hour ago, out of the database: a restart forgets nothing. */
export async function readTrend(
  wrong: readonly WrongAccount[],
  nowMs: number,
): Promise<OperationsBody['wrong']['trend']> {
  return trendOf(wrong, await readWrongThen(executorOf(pool()), 'seat', agoMs / 1_000, readAtMost), nowMs - agoMs);
}

/**
 * Sets those that are wrong now beside those that were wrong then.
 * @param endedSince organizations that were wrong then and have been put right since; one of them may be wrong again
 */
export function trendOf(
  wrong: readonly Pick<WrongAccount, 'organization' | 'since'>[],
  endedSince: readonly string[],
  thenMs: number,
): OperationsBody['wrong']['trend'] {
  const now = new Set(wrong.map(({ organization }) => organization));
  const then = new Set(endedSince);
  for (const { organization, since } of wrong) if (Date.parse(since) <= thenMs) then.add(organization);
  return {
    since: new Date(thenMs).toISOString(),
    before: then.size,
    began: [...now].filter((organization) => !then.has(organization)).length,
    ended: [...then].filter((organization) => !now.has(organization)).length,
  };
}
