/** What Better Auth's doors answer when they turn somebody away. */
export class SignInFailed extends Error {
  override readonly name = 'SignInFailed';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function signIn(email: string, password: string): Promise<void> {
  return send('/sign-in/email', { email, password });
}

export function signUp(name: string, email: string, password: string): Promise<void> {
  return send('/sign-up/email', { name, email, password, callbackURL: '/?address=confirmed' });
}

/** @param next the page of ours that the link leads to */
export function sendMagicLink(email: string, next: string): Promise<void> {
  return send('/sign-in/magic-link', { email, callbackURL: next, errorCallbackURL: '/sign-in?link=failed' });
}

/** Mails the link that proves the address of whoever is signed in. */
export function sendConfirmation(email: string): Promise<void> {
  return send('/send-verification-email', { email, callbackURL: '/?address=confirmed' });
}

export function signOut(): Promise<void> {
  return send('/sign-out', {});
}

/** In the demo only. */
export function signInAs(as: string): Promise<void> {
  return send('/dev/sign-in', { as });
}

async function send(path: string, body: object): Promise<void> {
  let response: Response;
  try {
    response = await fetch(`/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SignInFailed('unreachable', 'The server did not answer. Try again.');
  }
  if (response.ok) return;
  const answer: unknown = await response.json().catch(() => null);
  throw failureOf(response, answer);
}

function failureOf(response: Response, answer: unknown): SignInFailed {
  const said = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
  const code = typeof said.code === 'string' ? said.code : String(response.status);
  const known = sentences[code];
  if (known !== undefined) return new SignInFailed(code, known);
  const text = typeof said.detail === 'string' ? said.detail : typeof said.message === 'string' ? said.message : null;
  return new SignInFailed(code, text ?? 'That did not work. Try again.');
}

const sentences: Readonly<Record<string, string>> = {
  // The same for an unknown address and a wrong password, so that nobody learns who has an account.
  INVALID_EMAIL_OR_PASSWORD: 'The address or the password is not right.',
  USER_ALREADY_EXISTS: 'There is an account with this address. Sign in instead.',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'There is an account with this address. Sign in instead.',
  PASSWORD_TOO_SHORT: 'The password needs at least 10 characters.',
  PASSWORD_TOO_LONG: 'The password may have at most 128 characters.',
  INVALID_EMAIL: 'That is no e-mail address.',
  MAIL_NOT_SENT: 'The mail could not be sent. Nothing was changed. Try again in a moment.',
};
