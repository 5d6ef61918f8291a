import { sendsMail } from '#server/mail.ts';
import type { InvitationBody } from '../contract.ts';
import { sendTries } from './send.ts';

/** How far the mail of an invitation is. One that is being sent for the first time is not called late. */
export function mailState(row: {
  readonly sent_at: Date | null;
  readonly send_tries: number;
  readonly send_failed: boolean;
}): InvitationBody['mail'] {
  if (row.sent_at !== null) return 'sent';
  if (!sendsMail()) return 'off';
  if (!row.send_failed) return 'waiting';
  return row.send_tries < sendTries ? 'trying' : 'failed';
}
