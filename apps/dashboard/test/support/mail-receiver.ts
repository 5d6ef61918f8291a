import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** One mail as its receiver reads it. */
export interface ReceivedMail {
  /** Everybody that the sender's server named, which is who gets it; the headers are only what is shown. */
  readonly recipients: readonly string[];
  /** The headers, unfolded, as they came. */
  readonly headers: string;
  readonly text: string;
  readonly html: string;
}

export interface MailReceiver {
  /** For SMTP_URL. */
  readonly url: string;
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  /** How often a mail was handed over, refused ones included. */
  readonly attempts: number;
  /** The next mail to that address that was not given out before. */
  next(address: string): Promise<ReceivedMail>;
  /** The next mails that are handed over are answered with these codes instead of being taken. */
  refuse(...codes: number[]): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A real mail server on this machine that keeps what it is given. */
export async function startMailReceiver(options: SMTPServerOptions = {}): Promise<MailReceiver> {
  const received: ReceivedMail[] = [];
  const unread: ReceivedMail[] = [];
  const waiting: { address: string; take: (mail: ReceivedMail) => void }[] = [];
  const refusals: number[] = [];
  let attempts = 0;

  const server = new SMTPServer({
    // The sender decides whether it insists on encryption; a receiver that offers none is the plainest.
    hideSTARTTLS: true,
    authOptional: true,
    ...options,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        attempts += 1;
        const code = refusals.shift();
        if (code !== undefined) done(Object.assign(new Error('Not now.'), { responseCode: code }));
        else {
          const mail = read(
            session.envelope.rcptTo.map(({ address }) => address),
            Buffer.concat(chunks).toString('latin1'),
          );
          received.push(mail);
          const index = waiting.findIndex(({ address }) => mail.recipients.includes(address));
          const [waiter] = index < 0 ? [] : waiting.splice(index, 1);
          if (waiter) waiter.take(mail);
          else unread.push(mail);
          done();
        }
      });
    },
  });
  // A sender that leaves in the middle is what some tests are about.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    received,
    get attempts() {
      return attempts;
    },
    next(address) {
      const index = unread.findIndex((mail) => mail.recipients.includes(address));
      const [mail] = index < 0 ? [] : unread.splice(index, 1);
      if (mail) return Promise.resolve(mail);
      return new Promise((take) => waiting.push({ address, take }));
    },
    refuse(...codes) {
      refusals.push(...codes);
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** The link in a mail, which is on a line of its own. */
export function linkIn(text: string): string {
  const link = /^https?:\S+$/m.exec(text)?.[0];
  if (link === undefined) throw new Error(`No link in: ${text}`);
  return link;
}

function read(recipients: readonly string[], raw: string): ReceivedMail {
  const { head, body } = split(raw);
  const boundary = /boundary="?([^";\s]+)/i.exec(head)?.[1];
  const parts = boundary === undefined ? [raw] : body.split(`--${boundary}`).map((part) => part.replace(/^\r\n/, ''));
  return { recipients, headers: head, text: partOf(parts, 'text/plain'), html: partOf(parts, 'text/html') };
}

function partOf(parts: readonly string[], type: string): string {
  const part = parts.map(split).find(({ head }) => head.toLowerCase().includes(`content-type: ${type}`));
  if (part === undefined) return '';
  const encoding = /content-transfer-encoding: *(\S+)/i.exec(part.head)?.[1]?.toLowerCase() ?? '7bit';
  return decode(part.body, encoding).replaceAll('\r\n', '\n');
}

function split(raw: string): { head: string; body: string } {
  const end = raw.indexOf('\r\n\r\n');
  const head = end < 0 ? raw : raw.slice(0, end);
  return { head: head.replace(/\r\n[ \t]+/g, ' '), body: end < 0 ? '' : raw.slice(end + 4) };
}

function decode(body: string, encoding: string): string {
  switch (encoding) {
    case 'base64':
      return Buffer.from(body, 'base64').toString();
    case 'quoted-printable': {
      const bytes = body
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      return Buffer.from(bytes, 'latin1').toString();
    }
    default:
      return Buffer.from(body, 'latin1').toString();
  }
}
