import { logger } from './logger.ts';
import { type MailSettings, mailSettings } from './mail/settings.ts';
import { sendBySmtp } from './mail/smtp.ts';
import { asText, type Mail } from './mail/written.ts';

export { MailNotSent } from './mail/smtp.ts';
export type { Mail } from './mail/written.ts';

/** Whether anything is sent. Without it magic links are not offered, and an inviter passes the link on by hand. */
export function sendsMail(): boolean {
  return mailSettings().is !== 'off';
}

/** What a page may say about mail: how it goes, or why it does not. No address of a server and no password is in it. */
export function mailOnScreen(): MailOnScreen {
  const settings: MailSettings = mailSettings();
  return settings.is === 'smtp' ? { is: 'smtp' } : settings;
}

export type MailOnScreen = { readonly is: 'smtp' | 'log' } | { readonly is: 'off'; readonly because: string };

/**
 * Sends one mail; resolves when the mail server has taken it. In development without SMTP_URL it is printed to the log
 * instead, which is the only case in which a link is in a log.
 * @throws MailNotSent after the second try
 */
export async function sendMail(mail: Mail): Promise<void> {
  const settings = mailSettings();
  switch (settings.is) {
    case 'off':
      throw new Error(`Bug: a mail is to be sent, and mail is off because ${settings.because}.`);
    case 'log': {
      const { to, subject } = mail;
      logger.info({ mail: { to, subject, text: asText(mail) } }, `Mail to ${to}: ${subject}`);
      return;
    }
    case 'smtp':
      await sendBySmtp(settings, mail);
  }
}
