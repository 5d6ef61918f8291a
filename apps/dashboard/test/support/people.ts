import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

/** Somebody with a cookie jar who speaks to the dashboard as their browser would, without the browser. */
export class Person {
  readonly email: string;
  readonly #url: string;
  #cookie = '';

  constructor(url: string, email: string) {
    this.#url = url;
    this.email = email;
  }

  get cookie(): string {
    return this.#cookie;
  }

  /** Sends a request of a page of the dashboard; takes the cookies of the answer. */
  async ask(
    method: string,
    path: string,
    options: { organization?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        origin: this.#url,
        'sec-fetch-site': 'same-origin',
        ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
        ...(options.organization === undefined ? {} : { 'seatbelt-organization': options.organization }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
    if (set.length > 0) this.#cookie = set.join('; ');
    return response;
  }

  /** The same, for an answer that is to be well. */
  async get<Body>(method: string, path: string, options: Parameters<Person['ask']>[2] = {}): Promise<Body> {
    const response = await this.ask(method, path, options);
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Body;
  }
}

/** Signs somebody up under a new address. */
export async function signUp(dashboard: { readonly url: string }, name: string): Promise<Person> {
  const person = new Person(dashboard.url, `${name.toLowerCase()}-${randomUUID().slice(0, 8)}@people.example`);
  await person.get('POST', '/api/auth/sign-up/email', {
    body: { name, email: person.email, password: 'correct horse battery', callbackURL: '/?address=confirmed' },
  });
  return person;
}

/** Signs up with the address of an invitation and accepts it. */
export async function joinBy(dashboard: { readonly url: string }, email: string, link: string): Promise<Person> {
  const person = new Person(dashboard.url, email);
  await person.get('POST', '/api/auth/sign-up/email', {
    body: { name: email.split('@')[0], email, password: 'correct horse battery' },
  });
  await person.get('POST', '/api/invitations/accept', { body: { token: tokenOf(link) } });
  return person;
}

/** The token in a link, or in a mail that holds one. */
export function tokenOf(text: string): string {
  const token = /\/invitations\/([\w-]+)/.exec(text)?.[1];
  assert.ok(token, `a link in: ${text}`);
  return token;
}

/** An invitation's answer in one line. */
export function inviting(emails: readonly string[], buy = 0, role: 'member' | 'admin' = 'member') {
  return { body: { emails, role, buy }, headers: { 'idempotency-key': randomUUID() } };
}
