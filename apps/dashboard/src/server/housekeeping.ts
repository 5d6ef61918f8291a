import { settleInvitations } from '#features/invitations/server/settle.ts';
import { appSchema } from './app-schema/migrate.ts';
import { forgetOldAttempts } from './attempts.ts';
import { pool } from './database.ts';
import { logger } from './logger.ts';
import { once } from './once.ts';
import { seatbelt } from './seatbelt.ts';

/**
 * How often what nobody waits for is done. What somebody waits for is done at once by the request or by an event of the
 * engine; this is for processes that died between.
 */
const everyMs = 30_000;

/** One round of everything that is due by time alone. Several processes may do it at once. */
export async function keepHouse(): Promise<{ expired: number; withdrawn: number; forgotten: number }> {
  await appSchema();
  const settled = await settleInvitations(null);
  const forgotten = (await forgetOldAttempts()) + (await forgetOldSessions());
  return { ...settled, forgotten };
}

/** Starts the rounds and listens to the engine, once in this process. */
export function startHousekeeping(): void {
  once('housekeeping', () => {
    for (const type of ['change.rolled_back', 'seat.ready']) {
      seatbelt().on(type, async ({ organization }) => {
        await settleInvitations(organization);
      });
    }
    const round = () =>
      keepHouse().catch((error: unknown) => {
        logger.warn({ err: error }, 'Housekeeping could not be done now; it is tried again.');
      });
    const timer = setInterval(() => void round(), everyMs);
    // The process ends when its server does, and not later for this.
    timer.unref();
    void round();
    return timer;
  });
}

async function forgetOldSessions(): Promise<number> {
  const { rowCount } = await pool().query(/* sql */ `
with links as (delete from app.verifications where expires_at < now() returning 1)
delete from app.sessions where expires_at < now()`);
  return rowCount ?? 0;
}
