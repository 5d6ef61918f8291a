import { createTransport } from 'nodemailer';
import type { SmtpSettings } from './settings.ts';
import { asHtml, asText, type Mail } from './written.ts';

/** A mail server that is there answers in a second; a person waits for some of these mails. */
const connectMs = 5_000;
const answerMs = 10_000;

/** The mail server did not take a mail. The message is for the log: it holds neither the address nor the link. */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
  /** The server refused it for good (5yz), so that another try would be refused as well. */
  readonly permanent: boolean;

  constructor(permanent: boolean, sentence: string) {
    super(sentence);
    this.permanent = permanent;
  }
}

/**
 * Hands one mail over to the server, and tries once more where that may help. When the answer to the first try was lost,
 * the mail arrives twice, which is the better mistake: both carry the same link.
 * @throws MailNotSent
 */
export async function sendBySmtp(settings: SmtpSettings, mail: Mail): Promise<void> {
  try {
    await sendOnce(settings, mail);
  } catch (error) {
    if (!(error instanceof MailNotSent) || error.permanent) throw error;
    await sendOnce(settings, mail);
  }
}

async function sendOnce({ from, auth, ...server }: SmtpSettings, mail: Mail): Promise<void> {
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.requireTLS,
    ...(auth === null ? {} : { auth }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: answerMs,
    // A mail is made of our own text: nothing in it may make this process read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      // As an object it is one address, whatever commas are in it.
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: asText(mail),
      html: asHtml(mail),
      // Programs that answer by themselves (out of office) leave such a mail alone (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  } catch (error) {
    throw notSent(error);
  } finally {
    transport.close();
  }
}

/** What the server said may repeat the address, so only its number and the kind of failure are kept. */
function notSent(error: unknown): MailNotSent {
  if (!(error instanceof Error)) return new MailNotSent(false, 'The mail could not be handed over.');
  const { code, responseCode, command } = error as Error & { code?: string; responseCode?: number; command?: string };
  const said = [code, responseCode, command].filter((part) => part !== undefined).join(' ');
  return new MailNotSent(
    responseCode !== undefined && responseCode >= 500,
    `The mail server did not take the mail (${said === '' ? error.name : said}).`,
  );
}
