import { createHash } from 'node:crypto';
import { appSchema } from './app-schema/migrate.ts';
import { pool } from './database.ts';
import { Refused } from './problem.ts';

/** How many attempts are let through in a window of that many seconds. */
export interface AttemptLimit {
  readonly name: string;
  readonly attempts: number;
  readonly seconds: number;
}

/** Ten guesses in ten minutes for one address: a person who forgot has had enough, and a machine gets nowhere. */
export const signInByEmail: AttemptLimit = { name: 'sign-in by email', attempts: 10, seconds: 600 };
/** An office behind one address signs in together; a list of stolen passwords is longer than this. */
export const signInByAddress: AttemptLimit = { name: 'sign-in by address', attempts: 60, seconds: 600 };
/** Two a second for a minute: nobody clicks that often, and a loop in a program is noticed before Stripe's own limit. */
export const seatChanges: AttemptLimit = { name: 'seat changes', attempts: 120, seconds: 60 };
/** Invitations make mails, so a taken session cannot be used to send many. */
export const invitationBatches: AttemptLimit = { name: 'invitation batches', attempts: 20, seconds: 60 };

/**
 * Counts one attempt and lets it through, or refuses it. Counted in the database, so for all processes together, and by
 * the database's clock. What it is counted for is stored as a hash: addresses and ids are nobody's business there.
 * @throws Refused 429, with the seconds that are left of the window
 */
export async function countAttempt(limit: AttemptLimit, countedFor: string): Promise<void> {
  await appSchema();
  const { rows } = await pool().query<{ attempts: number; seconds_left: number }>(
    /* sql */ `
insert into app.attempts as a (counted_for, window_began_at, attempts) values ($1, now(), 1)
on conflict (counted_for) do update
   set attempts = case when a.window_began_at + $2 * interval '1 second' <= now() then 1 else a.attempts + 1 end,
       window_began_at = case when a.window_began_at + $2 * interval '1 second' <= now() then now() else a.window_began_at end
returning attempts, ceil(extract(epoch from window_began_at + $2 * interval '1 second' - now()))::int as seconds_left`,
    [createHash('sha256').update(`${limit.name}\n${countedFor}`).digest('base64url'), limit.seconds],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('Bug: an attempt was not counted.');
  if (row.attempts <= limit.attempts) return;
  throw new Refused({
    status: 429,
    code: 'too_many_attempts',
    title: 'Too many attempts',
    detail: `That was tried too often. Nothing was changed and nothing was charged. Try again in ${row.seconds_left} seconds.`,
    retryAfter: row.seconds_left,
  });
}

/** Forgets windows that are long over. @returns how many */
export async function forgetOldAttempts(): Promise<number> {
  const { rowCount } = await pool().query(
    /* sql */ `delete from app.attempts where window_began_at < now() - interval '1 hour'`,
  );
  return rowCount ?? 0;
}
