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

const minute = 60;
const hour = 60 * minute;

/** Wrong passwords. Ten in ten minutes: a person who forgot has had enough, and a machine gets nowhere. */
export const guessesByAddressAndPlace: AttemptLimit = {
  name: 'guesses by address and place',
  attempts: 10,
  seconds: 10 * minute,
};
/**
 * For those who have many places: more than two of them come to at their own limit, so that nobody with a place or two
 * keeps anybody out, and 4,800 a day are too few to guess a password of ten characters. An hour, because it may keep out
 * somebody who is at a new browser.
 */
export const guessesByAddress: AttemptLimit = { name: 'guesses by address', attempts: 200, seconds: hour };
/** A list of stolen passwords is longer than this. */
export const guessesByPlace: AttemptLimit = { name: 'guesses by place', attempts: 60, seconds: 10 * minute };
/** Right ones are counted too, because every one is work and a session. A program that signs in anew each time is noticed. */
export const signInsByAddressAndPlace: AttemptLimit = { name: 'sign-ins', attempts: 60, seconds: 10 * minute };
/** Each makes an account and a mail. An office that begins together waits a few minutes at worst. */
export const signUpsByPlace: AttemptLimit = { name: 'sign-ups by place', attempts: 60, seconds: 10 * minute };
/** Links and confirmations, of each kind by itself. A mail that did not come is asked for again, and not for long. */
export const mailsByAddressAndPlace: AttemptLimit = { name: 'mails by address and place', attempts: 5, seconds: hour };
/** For those who have many places: what a mailbox bears, and more than two of them come to, so that one uses up nobody's. */
export const mailsByAddress: AttemptLimit = { name: 'mails by address', attempts: 20, seconds: hour };
/** For an office as for signing up; somebody who mails to many addresses comes no further. */
export const mailsByPlace: AttemptLimit = { name: 'mails by place', attempts: 60, seconds: 10 * minute };
/** Two a second for a minute: nobody clicks that often, and a loop in a program is noticed before Stripe's own limit. */
export const seatChanges: AttemptLimit = { name: 'seat changes', attempts: 120, seconds: 60 };
/** Invitations make mails, so a taken session cannot be used to send many. */
export const invitationBatches: AttemptLimit = { name: 'invitation batches', attempts: 20, seconds: 60 };
/** An agency that moves in founds a dozen; each has an account at the engine, and none is ever removed. */
export const organizationsFounded: AttemptLimit = { name: 'organizations founded', attempts: 20, seconds: hour };

/** An attempt that was let through. */
export interface CountedAttempt {
  /** It was none after all. Counting it first and taking it back is what many at once cannot get around. */
  takeBack(): Promise<void>;
}

/**
 * Counts one attempt and lets it through, or refuses it. Counted in the database, so for all processes together, and by
 * the database's clock. What it is counted for is stored as a hash: addresses and ids are nobody's business there.
 * @throws Refused 429, with the seconds that are left of the window
 */
export async function countAttempt(limit: AttemptLimit, countedFor: string): Promise<CountedAttempt> {
  await appSchema();
  const key = createHash('sha256').update(`${limit.name}\n${countedFor}`).digest('base64url');
  const { rows } = await pool().query<{ attempts: number; began: string; seconds_left: number }>(
    /* sql */ `
insert into app.attempts as a (counted_for, window_began_at, attempts) values ($1, now(), 1)
on conflict (counted_for) do update
   set attempts = case when a.window_began_at + $2 * interval '1 second' <= now() then 1 else a.attempts + 1 end,
       window_began_at = case when a.window_began_at + $2 * interval '1 second' <= now() then now() else a.window_began_at end
returning attempts, window_began_at::text as began,
          ceil(extract(epoch from window_began_at + $2 * interval '1 second' - now()))::int as seconds_left`,
    [key, limit.seconds],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('Bug: an attempt was not counted.');
  if (row.attempts <= limit.attempts) return { takeBack: () => uncount(key, row.began) };
  throw new Refused({
    status: 429,
    code: 'too_many_attempts',
    title: 'Too many attempts',
    detail: `That was tried too often. Nothing was changed and nothing was charged. Try again in ${lasting(row.seconds_left)}.`,
    retryAfter: row.seconds_left,
  });
}

/** Only in the window that it was counted in: the next one has not heard of it. */
async function uncount(key: string, began: string): Promise<void> {
  await pool().query(
    /* sql */ `
update app.attempts set attempts = attempts - 1
 where counted_for = $1 and window_began_at = $2::timestamptz and attempts > 0`,
    [key, began],
  );
}

function lasting(seconds: number): string {
  return seconds < 2 * minute ? `${seconds} seconds` : `${Math.ceil(seconds / minute)} minutes`;
}

/** Forgets windows that are over: the longest takes an hour. @returns how many */
export async function forgetOldAttempts(): Promise<number> {
  const { rowCount } = await pool().query(
    /* sql */ `delete from app.attempts where window_began_at < now() - interval '1 hour'`,
  );
  return rowCount ?? 0;
}
