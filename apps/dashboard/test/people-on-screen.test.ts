import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { costSentence } from '../src/features/invitations/cost-sentence.ts';
import type { MembersBody } from '../src/features/members/contract.ts';
import { costOf } from '../src/lib/money.ts';
import { quoted } from '../src/lib/quoted.ts';
import {
  card,
  counted,
  holdAnswers,
  holdScripts,
  type OpenBrowser,
  openBrowser,
  type PageOptions,
  sideways,
  violations,
} from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';
import { inviting, joinBy, Person, signUp } from './support/people.ts';

describe('People on the screen: signing in, inviting, members, keys', () => {
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;

  before(async () => {
    [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
  });
  afterEach(() => dashboard.sim.faults.clear());
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
  });

  const address = () => `p-${randomUUID().slice(0, 8)}@people.example`;
  const pageOf = (organization: string, name: string, options: PageOptions = {}) =>
    browser.page(`${dashboard.url}/organizations/${organization}/${name}`, options);
  const box = (page: Page) => card(page, 'Invite people').getByLabel('E-mail addresses');

  test('from the first visit to the first seat: an account, an organization, an invitation, a member', async () => {
    const page = await browser.page(`${dashboard.url}/sign-up`);
    const email = address();
    await page.getByLabel('Your name').fill('Olivia');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByText('You do not belong to an organization yet.').waitFor();
    await page.getByRole('link', { name: 'New organization' }).click();
    await page.getByLabel('Name').fill('Acme');
    await page.getByRole('button', { name: 'Found it' }).click();
    await counted(page, 'purchased', 5);
    await counted(page, 'assigned', 1);

    await page.getByRole('link', { name: 'Members' }).click();
    const ada = address();
    await box(page).fill(ada);
    await page.getByText('1 person fits into free seats. The bill stays the same.').waitFor();
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByText('1 of 1 seat is kept. 1 link was sent.').waitFor();
    await card(page, 'Open invitations').getByText(ada, { exact: true }).waitFor();

    const link = /http\S+/.exec(await dashboard.mailTo(ada))?.[0] ?? '';
    const theirs = await browser.page(link);
    await theirs.getByRole('heading', { name: 'Join Acme' }).waitFor();
    await theirs.getByLabel('Your name').fill('Ada');
    await theirs.getByLabel('Password').fill('correct horse battery');
    await theirs.getByRole('button', { name: 'Make the account' }).click();
    await theirs.getByRole('button', { name: 'Accept the invitation' }).click();
    await theirs.locator(`[data-member="${ada}"]`).getByText('Seated').waitFor();
    // A member sees, and has nothing to change with.
    assert.equal(await card(theirs, 'Invite people').count(), 0);
    assert.equal(await theirs.getByRole('link', { name: 'API keys' }).count(), 0);
    await theirs.close();
    await page.close();
  });

  test('what stands in the form before the page can listen signs in, and a password never gets into an address', async () => {
    const { email } = await signUp(dashboard, 'Eager');
    const page = await browser.page('about:blank');
    const scripts = await holdScripts(page);
    const fill = async () => {
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').fill('correct horse battery');
    };
    await page.goto(`${dashboard.url}/sign-in`, { waitUntil: 'commit' });
    await fill();
    // Whoever is faster than the scripts sends the form as browsers do without any.
    const [again] = await Promise.all([
      page.waitForRequest((request) => request.isNavigationRequest()),
      page.getByLabel('Password').press('Enter'),
    ]);
    assert.doesNotMatch(again.url(), /correct|password|people\.example/);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await fill();
    scripts.letGo();
    // It can be pressed once the page has heard of the address that stood there.
    await page.getByRole('button', { name: 'Mail me a link instead', disabled: false }).waitFor();
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('You do not belong to an organization yet.').waitFor();
    await page.close();
  });

  test('what was said of the last invitations stays true when one of them is taken back', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    const page = await pageOf(organization, 'members');
    const [ada, grace] = [address(), address()];
    await box(page).fill(`${ada}, ${grace}`);
    await page.getByRole('button', { name: 'Invite 2' }).click();
    await page.getByText('2 of 2 seats are kept. 2 links were sent.').waitFor();
    await page.getByRole('button', { name: `Take back the invitation of ${ada}` }).click();
    await counted(page, 'reserved', 1);
    await page.getByText('1 of 2 seats are kept. 2 links were sent.').waitFor();
    assert.equal(await page.getByRole('progressbar', { name: 'Seats kept' }).count(), 0);
    await page.close();
  });

  test('whom one invites, and as what, counts also when it was said before the page could listen', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 1 });
    const page = await browser.page('about:blank');
    const scripts = await holdScripts(page);
    await page.goto(`${dashboard.url}/organizations/${organization}/members`, { waitUntil: 'commit' });
    const ada = address();
    await box(page).fill(ada);
    await card(page, 'Invite people').getByLabel('As').selectOption('Admin');
    scripts.letGo();
    await page.getByText('1 person fits').waitFor();
    const [asked] = await Promise.all([
      page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/api/invitations')),
      page.getByRole('button', { name: 'Invite', exact: true }).click(),
    ]);
    assert.deepEqual(asked.postDataJSON(), { emails: [ada], role: 'admin', buy: 0 });
    await page.close();
  });

  test('past capacity the price is said before anything is bought, and what was agreed to is what happens', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 3 });
    const page = await pageOf(organization, 'members');
    await counted(page, 'purchased', 3);
    await box(page).fill(`${address()}, ${address()}\nnot an address`);
    await page.getByText(`${quoted('not an address')} is no e-mail address and will be left out.`).waitFor();
    await page
      .getByText(/^2 seats: \$[\d.]+ until the next renewal, and from then on the whole bill is \$50\.00\.$/)
      .waitFor();
    assert.equal(dashboard.quantityOf(organization), 3);
    await page.getByRole('button', { name: 'Buy 2 seats and invite 2' }).click();
    await page.getByText('2 of 2 seats are kept. 2 links were sent.').waitFor();
    await counted(page, 'purchased', 5);
    await counted(page, 'reserved', 2);
    assert.equal(dashboard.quantityOf(organization), 5);
    await page.close();
  });

  test('who is a member or invited already is priced for nobody, and nothing is bought for them', async () => {
    const organization = await dashboard.organization({ seats: 4, used: 2 });
    const page = await pageOf(organization, 'members');
    const [ada, grace, linus] = [address(), address(), address()];
    await box(page).fill(`${ada}, ${grace}`);
    await page.getByRole('button', { name: 'Invite 2' }).click();
    await page.getByText('2 of 2 seats are kept. 2 links were sent.').waitFor();
    await box(page).fill(`${ada}, ${grace}, owner@demo.example`);
    await page.getByText('Everybody in the list is a member or invited already.').waitFor();
    await page.getByRole('button', { name: 'Invite', exact: true, disabled: false }).click();
    await page.getByText('Nobody was invited. 3 left out: members or invited already.').waitFor();

    await box(page).fill(`${ada}, ${grace}, owner@demo.example, ${linus}`);
    await page.getByText(/^1 seat: \$.* 3 are left out: members or invited already\.$/).waitFor();
    await page.getByRole('button', { name: 'Buy 1 seat and invite' }).click();
    await page.getByText('1 of 1 seat is kept. 1 link was sent.').waitFor();
    await counted(page, 'purchased', 5);
    assert.equal(dashboard.quantityOf(organization), 5);
    await page.close();
  });

  test('while invitations are sent, their price stands still and the button says so', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 3 });
    const page = await pageOf(organization, 'members');
    const answers = await holdAnswers(page, /\/api\/invitations(\?|$)/);
    await box(page).fill(`${address()}, ${address()}`);
    const price = page.getByText(/^2 seats: \$/);
    await price.waitFor();
    const said = await price.textContent();
    await page.getByRole('button', { name: 'Buy 2 seats and invite 2' }).click();
    await page.getByRole('button', { name: 'Inviting…' }).waitFor();
    // The counts that include them are on the screen before the answer is.
    await counted(page, 'purchased', 5);
    await counted(page, 'reserved', 2);
    // As long as no answer is there it goes on asking, more often than a page on which nothing happens.
    let reads = 0;
    await page.waitForRequest(
      (request) => /^GET .*\/api\/billing\/seats$/.test(`${request.method()} ${request.url()}`) && ++reads === 3,
    );
    assert.equal(await price.textContent(), said);
    answers.letGo();
    await page.getByText('2 of 2 seats are kept. 2 links were sent.').waitFor();
    await page.getByRole('button', { name: 'Invite', exact: true }).waitFor();
    await page.close();
  });

  test('an invitation whose answer was lost is sent again as the same one', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 3 });
    const page = await pageOf(organization, 'members');
    const sent: (string | undefined)[] = [];
    await page.route(/\/api\/invitations$/, async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      sent.push(route.request().headers()['idempotency-key']);
      await route.fetch();
      return sent.length === 1 ? route.abort('connectionreset') : route.fallback();
    });
    await box(page).fill(address());
    await page.getByRole('button', { name: 'Buy 1 seat and invite' }).click();
    await page.getByText('it counts only once').waitFor();
    await counted(page, 'purchased', 4);
    await page.getByRole('button', { name: 'Buy 1 seat and invite', disabled: false }).click();
    await page.getByText('1 of 1 seat is kept. 1 link was sent.').waitFor();
    assert.equal(new Set(sent).size, 1);
    assert.equal(dashboard.quantityOf(organization), 4);
    await page.close();
  });

  test('the price on the screen is the one of the purchase, also when somebody else has bought meanwhile', async () => {
    const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;
    const organization = await dashboard.organization({ seats: 3, used: 3, terms: { increase } });
    const page = await pageOf(organization, 'members');
    await counted(page, 'purchased', 3);
    await box(page).fill(`${address()}, ${address()}`);
    await page.getByText(/^2 seats: \$/).waitFor();
    await dashboard.seatbelt.set(organization, 4, { actor: 'another admin' });
    await lookAgain(page);
    await page.getByRole('button', { name: 'Buy 1 seat and invite 2' }).waitFor();

    const cost = costOf(await dashboard.seatbelt.preview(organization, 5));
    // The page asked a moment before, and what is left of the period is worth a cent less now and then.
    const said = [0, 1].map((cent) => costSentence(1, { ...cost, now: cost.now + cent }, 'en-US'));
    await page
      .getByText(said[0] ?? '')
      .or(page.getByText(said[1] ?? ''))
      .waitFor();
    await page.close();
  });

  test('a declined card: the invitations fall, the inviter is told, and can try again', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 3 });
    dashboard.sim.faults.add({ kind: 'card_decline_402', times: 1, match: { route: 'POST /v1/subscriptions/:id' } });
    const page = await pageOf(organization, 'members');
    const email = address();
    // The page hears of the end before the answer arrives, and the inviter is quick.
    const answers = await holdAnswers(page, /\/api\/invitations(\?|$)/);
    await box(page).fill(email);
    await page.getByRole('button', { name: 'Buy 1 seat and invite' }).click();
    await page.getByText(`The invitation of ${email} was withdrawn.`).waitFor();
    await page.getByText('The seats were not bought, and nothing was charged.').waitFor();
    await counted(page, 'purchased', 3);
    await page.getByRole('button', { name: 'Invite again' }).click();
    const answered = page.waitForResponse(
      (response) => response.request().method() === 'POST' && new URL(response.url()).pathname === '/api/invitations',
    );
    answers.letGo();
    await (await answered).finished();
    await page.getByRole('button', { name: 'Buy 1 seat and invite', disabled: false }).waitFor();
    assert.equal(await box(page).inputValue(), email);
    await page.getByRole('button', { name: 'Buy 1 seat and invite' }).click();
    await page.getByText('1 of 1 seat is kept. 1 link was sent.').waitFor();
    await counted(page, 'purchased', 4);
    await page.close();
  });

  test('to invite again adds the addresses to those that are in the box', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 3 });
    dashboard.sim.faults.add({ kind: 'card_decline_402', times: 1, match: { route: 'POST /v1/subscriptions/:id' } });
    const page = await pageOf(organization, 'members');
    const [fallen, typed] = [address(), address()];
    await box(page).fill(fallen);
    await page.getByRole('button', { name: 'Buy 1 seat and invite' }).click();
    await page.getByText(`The invitation of ${fallen} was withdrawn.`).waitFor();
    await box(page).fill(typed);
    await page.getByRole('button', { name: 'Invite again' }).click();
    await page.getByRole('button', { name: 'Buy 2 seats and invite 2' }).waitFor();
    assert.equal(await box(page).inputValue(), `${typed}\n${fallen}`);
    await page.close();
  });

  test('who is no admin any more still puts the notice of their own invitations away', async () => {
    const owner = await signUp(dashboard, 'Olivia');
    const { id: organization } = await owner.get<{ id: string }>('POST', '/api/organizations', {
      body: { name: 'Acme' },
    });
    const email = address();
    await owner.get('POST', '/api/invitations', { organization, ...inviting([email], 0, 'admin') });
    const admin = await joinBy(dashboard, email, await dashboard.mailTo(email));
    dashboard.sim.faults.add({ kind: 'card_decline_402', times: 1, match: { route: 'POST /v1/subscriptions/:id' } });
    const [first, ...others] = [address(), address(), address(), address()];
    await admin.get('POST', '/api/invitations', { organization, ...inviting([first ?? '', ...others], 1) });
    const { members } = await owner.get<MembersBody>('GET', '/api/members', { organization });
    const id = members.find((member) => member.email === email)?.id;
    await owner.get('PATCH', `/api/members/${id}`, { organization, body: { role: 'member' } });

    const page = await browser.page(`${dashboard.url}/sign-in?next=/organizations/${organization}/members`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const notice = page.getByText('4 invitations were withdrawn.');
    await notice.waitFor();
    assert.equal(
      await page.getByRole('button', { name: 'Invite again' }).count(),
      0,
      'they have no box to put it into',
    );
    await page.getByRole('button', { name: 'Put away' }).click();
    await notice.waitFor({ state: 'detached' });
    await page.close();
  });

  test('a role is chosen, then saved: arrow keys alone make nobody anything', async () => {
    const owner = await signUp(dashboard, 'Olivia');
    const { id: organization } = await owner.get<{ id: string }>('POST', '/api/organizations', {
      body: { name: 'Acme' },
    });
    const { email } = await dashboard.invited(owner, organization, address(), 'member');
    const roleOf = async () =>
      (await owner.get<MembersBody>('GET', '/api/members', { organization })).members.find(
        (member) => member.email === email,
      )?.role;
    const page = await browser.page(`${dashboard.url}/sign-in?next=/organizations/${organization}/members`);
    await page.getByLabel('E-mail address').fill(owner.email);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    const asked: unknown[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PATCH') asked.push(request.postDataJSON());
    });
    await page.locator(`[data-member="${email}"]`).getByRole('button').click();
    const role = page.getByLabel('Role', { exact: true }).last();
    await role.focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    assert.equal(await role.inputValue(), 'owner');
    await page.keyboard.press('ArrowDown');
    assert.equal(await role.inputValue(), 'admin');
    await page.getByRole('button', { name: 'Save role' }).click();
    await page.getByRole('status').filter({ hasText: 'is an admin now.' }).waitFor();
    assert.deepEqual(asked, [{ role: 'admin' }]);
    assert.equal(await roleOf(), 'admin');
    await page.close();
  });

  test('what would be made twice is not said to count once', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 1 });
    for (const [path, api, button] of [
      [`organizations/${organization}/keys`, '/api/keys', 'Make the key'],
      ['organizations/new', '/api/organizations', 'Found it'],
    ] as const) {
      const page = await browser.page(`${dashboard.url}/${path}`);
      await page.route(`**${api}`, (route) =>
        route.request().method() === 'POST' ? route.abort('connectionreset') : route.fallback(),
      );
      await page.getByLabel('Name').fill('Warehouse');
      await page.getByRole('button', { name: button }).click();
      await page.getByText('Look whether it is there before trying again').waitFor();
      assert.equal(await page.getByText('counts only once').count(), 0);
      await page.close();
    }
  });

  test('what is far too long is named in part, pushes nothing out of the page and is cut off by nobody', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 1 });
    const invites = await pageOf(organization, 'members', { width: 390 });
    await box(invites).fill('x'.repeat(3_000));
    await invites.getByText(`${quoted(`${'x'.repeat(60)}…`)} is no e-mail address and will be left out.`).waitFor();
    assert.equal(await sideways(invites), 0);
    assert.equal((await box(invites).inputValue()).length, 3_000);
    await invites.close();

    const keys = await pageOf(organization, 'keys');
    await keys.getByLabel('Name').fill('k'.repeat(200));
    await keys.getByRole('button', { name: 'Make the key' }).click();
    await keys.getByText('name: at most 80 characters. Nothing was changed.').waitFor();
    assert.equal((await keys.getByLabel('Name').inputValue()).length, 200);
    await keys.close();

    const newcomer = await browser.page(`${dashboard.url}/sign-up`);
    await newcomer.getByLabel('Your name').fill('Ada');
    await newcomer.getByLabel('E-mail address').fill(address());
    await newcomer.getByLabel('Password').fill('p'.repeat(200));
    await newcomer.getByRole('button', { name: 'Make the account' }).click();
    await newcomer.getByText('The password may have at most 128 characters.').waitFor();
    await newcomer.getByLabel('Password').fill('correct horse battery');
    await newcomer.getByLabel('Your name').fill('n'.repeat(200));
    await newcomer.getByRole('button', { name: 'Make the account' }).click();
    await newcomer.getByText('name: at most 80 characters. Nothing was changed.').waitFor();
    await newcomer.close();
  });

  test('names without a gap and a new key stay within their cards on a phone', async () => {
    const organization = await dashboard.organization({ seats: 6, used: 2 });
    const long = 'n'.repeat(80);
    const visitor = new Person(dashboard.url, 'visitor');
    await visitor.get('GET', '/api/members', { organization });
    await visitor.get('PATCH', '/api/organization', { organization, body: { name: long } });
    await dashboard.database.pool.query(`update app.users set name = $1 where id = 'demo-member'`, [long]);
    const invited = `${'a'.repeat(60)}@people.example`;

    const members = await pageOf(organization, 'members', { width: 390 });
    await box(members).fill(invited);
    await members.getByRole('button', { name: 'Invite', exact: true }).click();
    await card(members, 'Open invitations').getByText(invited, { exact: true }).waitFor();
    await members.getByRole('button', { name: `New link for ${invited}` }).click();
    await members.getByText('Shown once').waitFor();
    await members.locator('[data-member="member@demo.example"]').getByRole('button').click();
    await members.getByRole('button', { name: 'Remove', exact: true }).click();
    await members.getByRole('button', { name: `Remove ${long}` }).waitFor();
    assert.equal(await sideways(members), 0);
    await members.close();

    const keys = await pageOf(organization, 'keys', { width: 390 });
    await keys.getByLabel('Name').fill(long);
    await keys.getByRole('button', { name: 'Make the key' }).click();
    const key = keys.getByRole('button', { name: /seatbelt_key_/ });
    await key.waitFor();
    await keys.getByRole('button', { name: `Revoke ${long}` }).click();
    await keys.getByText('Programs with it are turned away at once.').waitFor();
    assert.equal(await sideways(keys), 0);
    // What is seen once is seen whole.
    assert.ok(await key.evaluate((button) => button.scrollWidth <= button.clientWidth));
    await keys.close();

    for (const path of ['', `organizations/${organization}/settings`, `organizations/${organization}/billing`]) {
      const page = await browser.page(`${dashboard.url}/${path}`, { width: 390 });
      await page.getByRole('heading', { name: long }).waitFor();
      assert.equal(await sideways(page), 0, path);
      await page.close();
    }
    await dashboard.database.pool.query(`update app.users set name = 'Mia' where id = 'demo-member'`);
  });

  test("the demo's visitor finds organizations by their names", async () => {
    const organization = await dashboard.organization({ seats: 3, used: 1 });
    const visitor = new Person(dashboard.url, 'visitor');
    await visitor.get('GET', '/api/members', { organization });
    await visitor.get('PATCH', '/api/organization', { organization, body: { name: `Called ${organization}` } });
    const page = await browser.page(dashboard.url);
    await page.getByRole('link', { name: `Called ${organization}`, exact: true }).click();
    await page.getByRole('button', { name: 'Switch to another organization' }).click();
    await page.getByRole('link', { name: `Called ${organization}` }).waitFor();
    await page.close();
  });

  test('where a panel closes or a row goes away, the keyboard goes on beside it, and what went is said', async () => {
    const organization = await dashboard.organization({ seats: 6, used: 2 });
    await dashboard.seatbelt.add(organization, 1, { holders: ['user_carl'] });
    const focused = (page: Page) =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
    const page = await pageOf(organization, 'members');
    const change = page.getByRole('button', { name: 'Change Carl' });
    await change.press('Enter');
    await page.getByRole('button', { name: 'Close' }).press('Enter');
    assert.equal(await focused(page), 'Change Carl');

    await change.press('Enter');
    await page.getByRole('button', { name: 'Remove', exact: true }).press('Enter');
    await page.getByRole('button', { name: 'Remove Carl' }).press('Enter');
    await page.getByRole('status').filter({ hasText: 'Carl was removed.' }).waitFor();
    await page.locator('[data-member="user_carl@demo.example"]').waitFor({ state: 'detached' });
    assert.equal(await focused(page), 'members-title');

    const ada = address();
    await box(page).fill(ada);
    await page.getByRole('button', { name: 'Invite', exact: true }).press('Enter');
    await page.getByRole('button', { name: `Take back the invitation of ${ada}` }).press('Enter');
    await page
      .getByRole('status')
      .filter({ hasText: `The invitation of ${ada} was taken back.` })
      .waitFor();
    await page.getByText('Nobody is invited at the moment.').waitFor();
    assert.equal(await focused(page), 'invitations-title');
    await page.close();

    const keys = await pageOf(organization, 'keys');
    await keys.getByLabel('Name').fill('Warehouse');
    await keys.getByRole('button', { name: 'Make the key' }).click();
    await keys.getByRole('button', { name: 'Revoke Warehouse' }).press('Enter');
    await keys.getByRole('button', { name: 'Revoke Warehouse', exact: true }).first().press('Enter');
    await keys.getByRole('status').filter({ hasText: 'Warehouse was revoked.' }).waitFor();
    await keys.getByText('There is none.').waitFor();
    assert.equal(await focused(keys), 'keys-title');
    await keys.close();
  });

  test('a key is shown once, and revoked', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 1 });
    const page = await pageOf(organization, 'keys');
    await page.getByLabel('Name').fill('Warehouse');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const shown = await page.getByRole('button', { name: /seatbelt_key_/ }).textContent();
    const key = /seatbelt_key_[\w-]+/.exec(shown ?? '')?.[0];
    const use = () => fetch(`${dashboard.url}/api/billing/seats`, { headers: { authorization: `Bearer ${key}` } });
    assert.equal((await use()).status, 200);
    await page.reload();
    await card(page, 'Keys in use').getByText('Warehouse').first().waitFor();
    assert.equal(await page.getByText(String(key)).count(), 0);
    await page.getByRole('button', { name: 'Revoke Warehouse' }).click();
    await page.getByRole('button', { name: 'Revoke Warehouse', exact: true }).first().click();
    await page.getByText('There is none.').waitFor();
    assert.equal((await use()).status, 401);
    await page.close();
  });

  for (const theme of ['light', 'dark'] as const) {
    test(`axe finds nothing in the ${theme} theme, and nothing is cut off at 320 pixels`, async () => {
      const organization = await dashboard.organization({ seats: 6, used: 2 });
      await dashboard.seatbelt.add(organization, 1, { holders: [`user_ada_${theme}`] });
      const open: (readonly [string, (page: Page) => Promise<unknown>])[] = [
        ['sign-in', (page) => page.getByRole('button', { name: 'Sign in' }).waitFor()],
        ['sign-up', (page) => page.getByRole('button', { name: 'Make the account' }).waitFor()],
        ['organizations/new', (page) => page.getByRole('button', { name: 'Found it' }).waitFor()],
        [`organizations/${organization}/members`, membersOpen],
        [`organizations/${organization}/keys`, (page) => page.getByText('There is none.').waitFor()],
        [`organizations/${organization}/settings`, (page) => page.getByRole('button', { name: 'Rename' }).waitFor()],
      ];
      for (const [path, ready] of open) {
        const page = await browser.page(`${dashboard.url}/${path}`, { theme, width: 320 });
        await ready(page);
        assert.deepEqual(await violations(page), [], path);
        assert.equal(await sideways(page), 0, path);
        await page.close();
      }
    });
  }

  /** Coming back to a page makes it ask what has moved. */
  const lookAgain = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));

  /** The members page with an invitation in the box, a member's panel, and the question whether to remove them. */
  async function membersOpen(page: Page): Promise<void> {
    await box(page).fill(address());
    await page.getByText('1 person fits').waitFor();
    await page.locator('[data-member^="user_ada"]').getByRole('button').click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('Freeing a seat does not lower the bill.').waitFor();
  }

  test('of ten thousand members only those in sight are drawn, down to the last', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 0 });
    const page = await pageOf(organization, 'members');
    await page.locator('[data-member="owner@demo.example"]').waitFor();
    await dashboard.database.pool.query(
      `with people as (insert into app.users (id, name, email)
         select 'many_' || n, 'Person ' || n, 'many' || n || '@bulk.example' from generate_series(1, 10000) as n returning id)
       insert into app.members (id, organization_id, user_id) select 'member_' || id, $1, id from people`,
      [organization],
    );
    await page.reload();
    const list = page.getByRole('region', { name: 'List of members' });
    await list.getByText('Person', { exact: false }).nth(3).waitFor();
    // Each scroll to the end brings the next hundred: the list grows by the rows that are not drawn.
    for (let pages = 2; pages <= 6; pages += 1) {
      await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await page.waitForFunction(
        (rows) => (document.querySelector('[aria-label="List of members"]')?.scrollHeight ?? 0) >= rows * 64,
        pages * 100,
      );
    }
    assert.ok((await list.locator('[data-member]').count()) < 60);
    assert.equal(await list.getByRole('table').getAttribute('aria-rowcount'), '10004');
    await page.getByRole('searchbox').fill('many9999@');
    await list.locator('[data-member="many9999@bulk.example"]').waitFor();
    await page.close();
  });
});
