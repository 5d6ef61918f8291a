import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { ProblemBody, SeatsBody } from 'seatbelt/http';
import { type OpenBrowser, openBrowser } from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';

describe('Only those who may come in do', () => {
  let demo: RunningDashboard;
  let configured: RunningDashboard;
  let browser: OpenBrowser;
  let open: string;
  let closed: string;

  before(async () => {
    [demo, configured, browser] = await Promise.all([startDashboard(), startDashboard('configured'), openBrowser()]);
    [open, closed] = await Promise.all([
      demo.organization({ seats: 5, used: 2 }),
      configured.organization({ seats: 5, used: 2 }),
    ]);
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await Promise.all([demo[Symbol.asyncDispose](), configured[Symbol.asyncDispose]()]);
  });

  const seatsOf = (dashboard: RunningDashboard, headers: Record<string, string>) =>
    fetch(`${dashboard.url}/api/billing/seats`, { headers });

  test('the API key opens the door for the organization that the header names', async () => {
    for (const [dashboard, organization] of [
      [demo, open],
      [configured, closed],
    ] as const) {
      const answer = await seatsOf(dashboard, {
        Authorization: `Bearer ${dashboard.apiKey}`,
        'Seatbelt-Organization': organization,
      });
      assert.equal(answer.status, 200);
      assert.equal(((await answer.json()) as SeatsBody).purchasedSeats, 5);
    }
  });

  test('a wrong key or no key is 401; a wrong key is never taken for a visitor', async () => {
    const organization = { 'Seatbelt-Organization': closed };
    const wrong = await seatsOf(configured, { ...organization, Authorization: `Bearer ${configured.apiKey}x` });
    const none = await seatsOf(configured, organization);
    const visitor = await seatsOf(demo, { 'Seatbelt-Organization': open, Authorization: 'Bearer wrong' });
    assert.deepEqual(
      [wrong, none, visitor].map((answer) => answer.status),
      [401, 401, 401],
    );
  });

  test('whoever is known and names no organization is told to, and not to sign in', async () => {
    const byKey = await seatsOf(configured, { Authorization: `Bearer ${configured.apiKey}` });
    const bySession = await seatsOf(demo, {});
    for (const answer of [byKey, bySession]) {
      const { code, detail } = (await answer.json()) as ProblemBody;
      assert.deepEqual([answer.status, code], [400, 'organization_required']);
      assert.match(detail, /header Seatbelt-Organization/);
    }
    const nobody = await seatsOf(configured, {});
    assert.equal(nobody.status, 401);
  });

  test('what only people have is refused to a key in its own words', async () => {
    const answer = await fetch(`${configured.url}/api/organizations`, {
      headers: { Authorization: `Bearer ${configured.apiKey}` },
    });
    const { code, detail } = (await answer.json()) as ProblemBody;
    assert.deepEqual([answer.status, code], [403, 'people_only']);
    assert.match(detail, /belongs to a program/);
  });

  test('a parameter that nobody knows is refused by its name', async () => {
    const answer = await fetch(`${demo.url}/api/billing/history?organization=${open}&colour=red`);
    const { code, field, detail } = (await answer.json()) as ProblemBody;
    assert.deepEqual([answer.status, code, field], [422, 'invalid_input', 'colour']);
    assert.match(detail, /"colour" is not a field of this query\. Nothing was changed\./);
  });

  test('an organization that does not exist is 404, by either door', async () => {
    const byKey = await seatsOf(configured, {
      Authorization: `Bearer ${configured.apiKey}`,
      'Seatbelt-Organization': 'org_nobody',
    });
    const bySession = await seatsOf(demo, { 'Seatbelt-Organization': 'org_nobody' });
    assert.deepEqual([byKey.status, bySession.status], [404, 404]);
    assert.equal(((await bySession.json()) as ProblemBody).code, 'unknown_organization');
  });

  test('what a route of the contract does not take is 405 with what it does take, and no address of the API is a page', async () => {
    for (const [method, path, allowed] of [
      ['DELETE', '/api/billing/seats', 'GET, HEAD, POST, PUT'],
      ['GET', '/api/billing/seats/preview', 'POST'],
      ['PATCH', '/api/billing/seats/changes/1', 'GET, HEAD, POST'],
      ['GET', '/api/webhooks/stripe', 'POST'],
      ['POST', '/api/health', 'GET, HEAD'],
    ] as const) {
      const answer = await fetch(`${configured.url}${path}`, { method });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, allowed], `${method} ${path}`);
      assert.equal(((await answer.json()) as ProblemBody).code, 'method_not_allowed');
      const asked = await fetch(`${configured.url}${path}`, { method: 'OPTIONS' });
      assert.deepEqual([asked.status, asked.headers.get('allow')], [204, allowed], `OPTIONS ${path}`);
    }
    for (const path of ['/api/billing/nothing', '/api/nothing']) {
      const answer = await fetch(`${configured.url}${path}`);
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [404, 'application/problem+json'], path);
      assert.equal(((await answer.json()) as ProblemBody).code, 'not_found');
    }
  });

  test('the organization never comes from the body', async () => {
    const other = await demo.organization({ seats: 5, used: 0 });
    const answer = await fetch(`${demo.url}/api/billing/seats`, {
      method: 'PUT',
      headers: { 'Seatbelt-Organization': open, 'Content-Type': 'application/json' },
      body: JSON.stringify({ seats: 6, organization: other }),
    });
    await answer.body?.cancel();
    assert.equal((await demo.seatbelt.seats(other)).purchasedSeats, 5);
  });

  test('a session does not work from another site, in new browsers and in old ones', async () => {
    const before = (await demo.seatbelt.seats(open)).purchasedSeats;
    const put = (headers: Record<string, string>) =>
      fetch(`${demo.url}/api/billing/seats`, {
        method: 'PUT',
        headers: { 'Seatbelt-Organization': open, 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify({ seats: 50 }),
      });
    const answers = await Promise.all([
      put({ 'Sec-Fetch-Site': 'cross-site' }),
      put({ 'Sec-Fetch-Site': 'same-site' }),
      put({ Origin: 'https://evil.example' }),
      put({ Origin: 'null' }),
    ]);
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [403, 403, 403, 403],
    );
    assert.equal((await demo.seatbelt.seats(open)).purchasedSeats, before);
  });

  test('a page that points its own name at this machine has no session', async () => {
    assert.equal(await statusWithHost(`${demo.url}/api/billing/seats`, open, 'evil.example'), 401);
    assert.equal(
      await statusWithHost(`${demo.url}/api/billing/seats`, open, `localhost:${new URL(demo.url).port}`),
      200,
    );
  });

  test('outside the demo there are no fault switches, and the pages show no data', async () => {
    assert.equal((await fetch(`${demo.url}/api/dev/faults`)).status, 200);
    assert.equal((await fetch(`${configured.url}/api/dev/faults`)).status, 404);
    const flip = await fetch(`${configured.url}/api/dev/faults`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${configured.apiKey}` },
      body: JSON.stringify({ fault: 'stripe_down', on: true }),
    });
    assert.equal(flip.status, 404);
    assert.deepEqual(configured.sim.faults.list(), []);

    for (const path of ['/', `/organizations/${closed}/billing`]) {
      const page = await browser.page(`${configured.url}${path}`);
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      assert.equal(await page.getByText(closed).count(), 0);
      await page.close();
    }
  });

  test('the tick and the webhook are closed to strangers, and health tells everybody', async () => {
    assert.equal((await fetch(`${configured.url}/api/seatbelt/tick`)).status, 401);
    const tick = await fetch(`${configured.url}/api/seatbelt/tick`, {
      headers: { Authorization: `Bearer ${configured.apiKey}` },
    });
    assert.equal(tick.status, 200);
    const webhook = await fetch(`${configured.url}/api/webhooks/stripe`, { method: 'POST', body: '{}' });
    assert.ok(webhook.status >= 400, `the webhook answered ${webhook.status}`);
    const health = await fetch(`${configured.url}/api/health`);
    assert.equal(health.status, 200);
  });
});

/** `fetch` does not let anyone choose `Host`. */
function statusWithHost(url: string, organization: string, host: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const request = httpRequest(url, { headers: { Host: host, 'Seatbelt-Organization': organization } }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  });
  request.once('error', reject);
  request.end();
  return promise;
}
