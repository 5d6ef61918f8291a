import { isDevMode } from './environment.ts';
import { logger } from './logger.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text, with the link on a line of its own. */
  readonly text: string;
}

/** Whether anything is sent. Without it magic links are not offered, and an inviter passes the link on by hand. */
export function sendsMail(): boolean {
  return isDevMode();
}

/** In development a mail is printed to the log, where whoever runs it finds the link. */
export function sendMail(mail: Mail): void {
  if (!sendsMail()) throw new Error('Bug: a mail is to be sent where none can be.');
  logger.info({ mail }, `Mail to ${mail.to}: ${mail.subject}`);
}
