import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ensureDashboardBuilt, nextProgram } from '@seatbelt/dev/supervisor/dashboard-build';
import type { InvitationsBody } from '../src/features/invitations/contract.ts';
import { type OpenBrowser, openBrowser, violations } from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';
import { linkIn, type MailReceiver, startMailReceiver } from './support/mail-receiver.ts';
import { inviting, joinBy, Person, signUp } from './support/people.ts';

const staffAddress = 'staff@host.example';
const password = 'correct horse battery';

/** The path of a link in a mail. */
function pathOf(link: string): string {
  const { pathname, search } = new URL(link);
  return `${pathname}${search}`;
}

describe('Outside development mails go through SMTP', () => {
  let receiver: MailReceiver;
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;

  before(async () => {
    receiver = await startMailReceiver();
    dashboard = await startDashboard('configured', { operators: staffAddress, smtpUrl: receiver.url });
    browser = await openBrowser();
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  const person = (name: string) => new Person(dashboard.url, `${name}-${randomUUID().slice(0, 8)}@people.example`);

  test('a link signs its reader in once, and no log has ever held it', async () => {
    const ada = person('ada');
    await ada.get('POST', '/api/auth/sign-in/magic-link', { body: { email: ada.email, callbackURL: '/' } });
    const link = linkIn((await receiver.next(ada.email)).text);
    assert.equal(new URL(link).origin, dashboard.url);
    await ada.ask('GET', pathOf(link));
    const { person: me } = await ada.get<{ person: { email: string } }>('GET', '/api/organizations');
    assert.equal(me.email, ada.email);

    const thief = person('thief');
    await thief.ask('GET', pathOf(link));
    assert.equal((await thief.ask('GET', '/api/organizations')).status, 401);
    const token = new URL(link).searchParams.get('token') ?? '';
    assert.ok(token.length >= 32);
    assert.ok(!dashboard.logged.some((line) => line.includes(token) || line.includes(ada.email)));
  });

  test('a mail server that says no is told to whoever waits, and no link works that nobody has', async () => {
    const before = receiver.attempts;
    receiver.refuse(451, 451);
    const ben = person('ben');
    const answer = await ben.ask('POST', '/api/auth/sign-in/magic-link', {
      body: { email: ben.email, callbackURL: '/' },
    });
    assert.equal(answer.status, 503);
    assert.equal(((await answer.json()) as { code: string }).code, 'MAIL_NOT_SENT');
    assert.equal(receiver.attempts, before + 2);
  });

  test('an address counts as staff once its own account has opened the link that was mailed there', async () => {
    const staff = new Person(dashboard.url, staffAddress);
    await staff.get('POST', '/api/auth/sign-up/email', {
      body: { name: 'Staff', email: staffAddress, password, callbackURL: '/?address=confirmed' },
    });
    const link = linkIn((await receiver.next(staffAddress)).text);
    assert.equal((await staff.ask('GET', '/api/operations')).status, 404);

    // Whoever only has the link is sent to sign in, and whoever is signed in as somebody else proves nothing.
    const passerBy = person('passer-by');
    const other = await signUp(dashboard, 'Olga');
    for (const someone of [passerBy, other]) {
      const sent = await someone.ask('GET', pathOf(link));
      assert.equal(sent.status, 303);
      assert.match(sent.headers.get('location') ?? '', /^\/sign-in\?confirm=address&next=/);
    }
    assert.equal((await staff.ask('GET', '/api/operations')).status, 404);
    // A token with the right name in it and a signature of nobody's.
    const [head, claims] = new URL(link).searchParams.get('token')?.split('.') ?? [];
    await staff.ask('GET', `/api/auth/verify-email?token=${head}.${claims}.${'A'.repeat(43)}&callbackURL=/`);
    assert.equal((await staff.ask('GET', '/api/operations')).status, 404);

    const opened = await staff.ask('GET', pathOf(link));
    assert.equal(opened.headers.get('location'), '/?address=confirmed');
    assert.equal((await staff.ask('GET', '/api/operations')).status, 200);
  });

  test('who took an address before its owner came is put out by the owner’s first link', async () => {
    const email = `early-${randomUUID().slice(0, 8)}@people.example`;
    const early = new Person(dashboard.url, email);
    await early.get('POST', '/api/auth/sign-up/email', { body: { name: 'Early', email, password } });
    await receiver.next(email);
    const owner = new Person(dashboard.url, email);
    await owner.get('POST', '/api/auth/sign-in/magic-link', { body: { email, callbackURL: '/' } });
    await owner.ask('GET', pathOf(linkIn((await receiver.next(email)).text)));
    assert.equal((await owner.ask('GET', '/api/organizations')).status, 200);
    assert.equal((await early.ask('GET', '/api/organizations')).status, 401);
    const again = await early.ask('POST', '/api/auth/sign-in/email', { body: { email, password } });
    assert.equal(again.status, 401);
  });

  test('an invitation arrives, and is accepted by its link', async () => {
    const owner = await signUp(dashboard, 'Olivia');
    const organization = await dashboard.founded(owner, { seats: 3 });
    const email = `grace-${randomUUID().slice(0, 8)}@people.example`;
    await owner.get('POST', '/api/invitations', { organization, ...inviting([email]) });
    const mail = await receiver.next(email);
    assert.match(mail.text, /Olivia invites you to Founded/);
    await joinBy(dashboard, email, mail.text);
  });

  test('an invitation that the mail server does not take is tried later, and the list says so', async () => {
    const owner = await signUp(dashboard, 'Otis');
    await receiver.next(owner.email);
    const organization = await dashboard.founded(owner, { seats: 3 });
    const email = `late-${randomUUID().slice(0, 8)}@people.example`;
    receiver.refuse(451, 451);
    await owner.get('POST', '/api/invitations', { organization, ...inviting([email]) });
    await dashboard.said(/The mail of an invitation was not sent/);
    const list = () => owner.get<InvitationsBody>('GET', '/api/invitations', { organization });
    assert.equal((await list()).invitations[0]?.mail, 'trying');
    const page = await browser.page(`${dashboard.url}/sign-in?next=/organizations/${organization}/members`);
    await page.getByLabel('E-mail address').fill(owner.email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('The mail is not out yet; it is tried again.').waitFor();

    // Its minute is over: the next look at the list begins it again, with a link that works.
    await dashboard.database.pool.query(`update app.invitations set next_send_at = now() where email = $1`, [email]);
    await list();
    await joinBy(dashboard, email, (await receiver.next(email)).text);

    // After the last try the inviter is told to pass the link on.
    const never = `never-${randomUUID().slice(0, 8)}@people.example`;
    await dashboard.database.pool.query(`alter table app.invitations alter column send_tries set default 3`);
    receiver.refuse(550);
    await owner.get('POST', '/api/invitations', { organization, ...inviting([never]) });
    await dashboard.said(/The mail of an invitation was not sent/, 2);
    await dashboard.database.pool.query(`update app.invitations set next_send_at = now() where email = $1`, [never]);
    assert.equal((await list()).invitations.find((each) => each.email === never)?.mail, 'failed');
    await page.getByText('The mail could not be sent. Make a new link and pass it on.').waitFor();
  });

  test('the start page asks for the confirmation, and mails it again by a click', async () => {
    const page = await browser.page(`${dashboard.url}/sign-up`);
    const email = `iris-${randomUUID().slice(0, 8)}@people.example`;
    await page.getByLabel('Your name').fill('Iris');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByText('Your address is not confirmed yet.').waitFor();
    await receiver.next(email);
    await page.getByRole('button', { name: 'Mail the link again' }).click();
    await page.getByText('It is on its way, and works for a day.').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.goto(linkIn((await receiver.next(email)).text));
    await page.getByText('Your address is confirmed.').waitFor();
  });

  test('in a browser of somebody else the link leads to signing in, and from there to the confirmation', async () => {
    const jo = await signUp(dashboard, 'Jo');
    const page = await browser.page(linkIn((await receiver.next(jo.email)).text));
    await page.getByText('Sign in to confirm the address.').waitFor();
    await page.getByLabel('E-mail address').fill(jo.email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Your address is confirmed.').waitFor();
  });
});

describe('A malformed setting', () => {
  for (const [variable, value, sentence] of [
    ['SMTP_URL', 'http://seats:hunter2@mail.example.com', /SMTP_URL is no mail server/],
    ['LOG_LEVEL', 'loud', /LOG_LEVEL is \\?"loud\\?", and can be trace, debug, info/],
    ['SEATBELT_API_KEY', 'hunter2', /SEATBELT_API_KEY has 7 characters, which can be guessed/],
    ['SEATBELT_AUTH_SECRET', 'hunter2', /SEATBELT_AUTH_SECRET has 7 characters, which can be guessed/],
  ] as const) {
    test(`${variable}: ends the start with a sentence that does not repeat a secret`, async () => {
      const { code, said } = await startedAlone({ [variable]: value });
      assert.equal(code, 1, said);
      assert.match(said, sentence);
      assert.doesNotMatch(said, /hunter2|\n\s+at /);
    });
  }

  test('a webhook secret that is none of Stripe’s is told of', async () => {
    // What is refused after it ends the start, so that the test need not.
    const { said } = await startedAlone({ STRIPE_WEBHOOK_SECRET: 'hunter2', SMTP_URL: 'http://mail.example.com' });
    assert.match(said, /STRIPE_WEBHOOK_SECRET does not begin with whsec_/);
    assert.doesNotMatch(said, /hunter2/);
  });
});

/** Starts the dashboard by itself, with settings with which it ends. */
async function startedAlone(own: Record<string, string>): Promise<{ code: number | null; said: string }> {
  await ensureDashboardBuilt((line) => console.error(line));
  const folder = join(import.meta.dirname, '..');
  const child = spawn(process.execPath, [nextProgram, 'start', folder, '-p', '0', '-H', '127.0.0.1'], {
    // Next's types insist on NODE_ENV; it sets it by itself.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NEXT_TELEMETRY_DISABLED: '1',
      // Nobody is there, and nobody is asked.
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
      STRIPE_SECRET_KEY: 'sk_test_nothing',
      STRIPE_API_BASE: 'http://127.0.0.1:1',
      SEATBELT_API_KEY: randomUUID(),
      ...own,
    } as unknown as NodeJS.ProcessEnv,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, said };
}

describe('Without SMTP_URL mail is off, and says so', () => {
  test('no link is offered or made, and inviting goes on by hand', async () => {
    await using dashboard = await startDashboard('configured');
    await using browser = await openBrowser();
    const page = await browser.page(`${dashboard.url}/sign-in`);
    await page.getByText('Magic link by mail is off because SMTP_URL is not set.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Mail me a link instead' }).count(), 0);
    assert.deepEqual(await violations(page), []);
    const someone = new Person(dashboard.url, 'someone@people.example');
    const asked = await someone.ask('POST', '/api/auth/sign-in/magic-link', {
      body: { email: someone.email, callbackURL: '/' },
    });
    assert.equal(asked.status, 404);

    const owner = await signUp(dashboard, 'Olivia');
    const organization = await dashboard.founded(owner, { seats: 2 });
    const email = `ada-${randomUUID().slice(0, 8)}@people.example`;
    await owner.get('POST', '/api/invitations', { organization, ...inviting([email]) });
    const { invitations } = await owner.get<InvitationsBody>('GET', '/api/invitations', { organization });
    assert.equal(invitations[0]?.mail, 'off');
    assert.ok(!dashboard.logged.some((line) => /invitations\/[\w-]{20}/.test(line)));
  });
});
