import { APIError } from 'better-auth/api';
import { logger } from '../logger.ts';
import { MailNotSent, sendMail } from '../mail.ts';
import type { Mail } from './written.ts';

/** The link that signs its reader in. */
export function mailSignInLink({ email, url }: { email: string; url: string }): Promise<void> {
  return send({
    to: email,
    subject: 'Your sign-in link for Seatbelt',
    text: 'You asked for a link to sign in to Seatbelt.',
    link: { label: 'Sign in', url },
    note: 'The link works once, and for ten minutes. If you did not ask for it, do nothing: without it nobody gets in.',
  });
}

/** The link that proves an address to be its reader's, once they are signed in. */
export function mailConfirmation({ user, url }: { user: { email: string }; url: string }): Promise<void> {
  return send({
    to: user.email,
    subject: 'Confirm your address for Seatbelt',
    text: 'Somebody made an account for Seatbelt with this address. If it was you, confirm that the address is yours.',
    link: { label: 'Confirm the address', url },
    note: 'The link works for a day, and only for whoever is signed in to that account. If it was not you, do nothing.',
  });
}

/** Better Auth turns an `APIError` into an answer; anything else it would log as a fault of its own. */
async function send(mail: Mail): Promise<void> {
  try {
    await sendMail(mail);
  } catch (error) {
    if (!(error instanceof MailNotSent)) throw error;
    logger.error({ err: error }, 'A mail about an account was not sent.');
    throw new APIError('SERVICE_UNAVAILABLE', {
      code: 'MAIL_NOT_SENT',
      message: 'The mail could not be sent. Nothing was changed. Try again in a moment.',
    });
  }
}
