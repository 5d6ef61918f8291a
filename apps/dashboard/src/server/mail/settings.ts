import { SetupError } from 'seatbelt/environment';
import { isDevMode, isLoopback } from '../environment.ts';
import { once } from '../once.ts';
import { publicUrl } from '../public-url.ts';

/** Where mails are handed over, and in whose name. */
export interface SmtpSettings {
  readonly is: 'smtp';
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps://`). */
  readonly secure: boolean;
  /** Without encryption nothing is said: what a mail carries opens a door. Only this machine is trusted without. */
  readonly requireTLS: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | null;
  /** As in the header: `Seatbelt <seats@example.com>`, or the address alone. */
  readonly from: string;
}

export type MailSettings =
  | SmtpSettings
  /** Development: printed to the log, where whoever runs it finds the link. */
  | { readonly is: 'log' }
  /** Nothing is sent. `because` ends the sentence "… is off because". */
  | { readonly is: 'off'; readonly because: string };

/** How this process sends mail; read once. @throws SetupError where a variable is malformed. */
export function mailSettings(): MailSettings {
  return once('mail-settings', () =>
    readMailSettings(process.env, { devMode: isDevMode(), publicUrl: publicUrl() !== null }),
  );
}

/**
 * Reads SMTP_URL and MAIL_FROM. What is missing turns mail off and says so; what is there and wrong refuses the start,
 * because whoever set it expects mails to arrive.
 * @param where `publicUrl`: whether SEATBELT_URL says where people reach us, without which a mailed link leads nowhere
 * @throws SetupError with a sentence that names the variable and never repeats its value, which holds a password
 */
export function readMailSettings(
  env: Readonly<Record<string, string | undefined>>,
  where: { readonly devMode: boolean; readonly publicUrl: boolean },
): MailSettings {
  const url = env.SMTP_URL?.trim() ?? '';
  if (url === '') return where.devMode ? { is: 'log' } : { is: 'off', because: 'SMTP_URL is not set' };
  const server = readServer(url);
  const from = env.MAIL_FROM?.trim() ?? '';
  if (from === '') return { is: 'off', because: 'MAIL_FROM is not set' };
  if (!/^([^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/.test(from)) {
    throw malformed('MAIL_FROM', 'MAIL_FROM is no sender: write seats@example.com or Seatbelt <seats@example.com>.');
  }
  if (!where.publicUrl) return { is: 'off', because: 'SEATBELT_URL is not set' };
  return { is: 'smtp', ...server, from };
}

function readServer(text: string): Omit<SmtpSettings, 'is' | 'from'> {
  const url = URL.parse(text);
  if (
    url === null ||
    !/^smtps?:$/.test(url.protocol) ||
    url.hostname === '' ||
    !['', '/'].includes(url.pathname) ||
    url.search + url.hash !== ''
  ) {
    throw malformed(
      'SMTP_URL',
      'SMTP_URL is no mail server: write smtp://user:password@mail.example.com:587, or smtps://… .',
    );
  }
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    // RFC 8314 and RFC 6409: where programs hand over mail.
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !isLoopback(url.hostname),
    auth: url.username === '' ? null : { user: decoded(url.username), pass: decoded(url.password) },
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw malformed(
      'SMTP_URL',
      'SMTP_URL has a % that encodes nothing. Write %25 for a % in the user or the password.',
    );
  }
}

function malformed(variable: string, sentence: string): SetupError {
  return new SetupError('variable_malformed', variable, sentence);
}
