import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { ProblemBody, SeatsBody } from 'seatbelt/http';
import type { NewKeyBody } from '../src/features/api-keys/contract.ts';
import type { MembersBody } from '../src/features/members/contract.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';
import { inviting, joinBy, Person, signUp } from './support/people.ts';

/** One door, and who gets through. What is not said is 403 for members and 404 for everybody else. */
interface Door {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly open: readonly Role[];
}
type Role = 'owner' | 'admin' | 'member' | 'operator' | 'stranger' | 'nobody';

// The bodies are wrong on purpose, so that whoever gets through the door is told so by 422 and nothing changes.
const doors: readonly Door[] = [
  { what: 'seats, reading', method: 'GET', path: '/api/billing/seats', open: ['owner', 'admin', 'member', 'operator'] },
  {
    what: 'history',
    method: 'GET',
    path: '/api/billing/seats/changes',
    open: ['owner', 'admin', 'member', 'operator'],
  },
  {
    what: 'seats, using',
    method: 'POST',
    path: '/api/billing/seats',
    body: { action: 'nothing' },
    open: ['owner', 'admin'],
  },
  {
    what: 'seats, buying',
    method: 'PUT',
    path: '/api/billing/seats',
    body: { seats: 'many' },
    open: ['owner', 'admin'],
  },
  { what: 'price', method: 'POST', path: '/api/billing/seats/preview', body: { seats: 0 }, open: ['owner', 'admin'] },
  { what: 'members', method: 'GET', path: '/api/members', open: ['owner', 'admin', 'member', 'operator'] },
  { what: 'role', method: 'PATCH', path: '/api/members/member_x', body: { role: 'king' }, open: ['owner', 'admin'] },
  { what: 'removal', method: 'DELETE', path: '/api/members/member_x', open: ['owner', 'admin'] },
  {
    what: 'a seat given',
    method: 'POST',
    path: '/api/members/member_x/seat',
    body: { buy: 7 },
    open: ['owner', 'admin'],
  },
  { what: 'a seat freed', method: 'DELETE', path: '/api/members/member_x/seat', open: ['owner', 'admin'] },
  { what: 'invitations', method: 'GET', path: '/api/invitations', open: ['owner', 'admin', 'member', 'operator'] },
  {
    what: 'inviting',
    method: 'POST',
    path: '/api/invitations',
    body: { emails: [] },
    headers: { 'idempotency-key': 'wrong-on-purpose' },
    open: ['owner', 'admin'],
  },
  { what: 'taking back', method: 'DELETE', path: '/api/invitations/invite_x', open: ['owner', 'admin'] },
  { what: 'a link', method: 'POST', path: '/api/invitations/invite_x/link', open: ['owner', 'admin'] },
  {
    what: 'putting a notice away',
    method: 'DELETE',
    path: '/api/invitations/notices/change_x',
    // Only of one's own invitations, so that it takes no more than reading them.
    open: ['owner', 'admin', 'member', 'operator'],
  },
  { what: 'keys', method: 'GET', path: '/api/keys', open: ['owner', 'admin'] },
  { what: 'a new key', method: 'POST', path: '/api/keys', body: { name: '' }, open: ['owner', 'admin'] },
  { what: 'revoking', method: 'DELETE', path: '/api/keys/key_x', open: ['owner', 'admin'] },
  { what: 'renaming', method: 'PATCH', path: '/api/organization', body: { name: '' }, open: ['owner'] },
];

describe('Outside the demo, everybody signs in and gets as far as their role', () => {
  let dashboard: RunningDashboard;
  let organization: string;
  let other: string;
  const people = {} as Record<Role, Person>;

  before(async () => {
    dashboard = await startDashboard('configured', { operators: 'staff@host.example' });
    people.owner = await signUp(dashboard, 'Olivia');
    people.stranger = await signUp(dashboard, 'Sam');
    people.nobody = new Person(dashboard.url, 'nobody@people.example');
    organization = await dashboard.founded(people.owner, { seats: 5 });
    other = await dashboard.founded(people.stranger, { seats: 5 });
    for (const role of ['admin', 'member'] as const) {
      const email = `${role}-${randomUUID().slice(0, 8)}@people.example`;
      people[role] = await dashboard.invited(people.owner, organization, email, role);
    }
    people.operator = new Person(dashboard.url, 'staff@host.example');
    await people.operator.get('POST', '/api/auth/sign-up/email', {
      body: { name: 'Staff', email: 'staff@host.example', password: 'correct horse battery' },
    });
    // Whoever signs up under the address of staff is not staff until a link sent there was opened.
    const before = await people.operator.ask('GET', '/api/billing/seats', { organization });
    assert.equal(before.status, 404);
    await dashboard.database.pool.query(
      `update app.users set email_verified = true where email = 'staff@host.example'`,
    );
  });
  after(async () => {
    await dashboard[Symbol.asyncDispose]();
  });

  for (const door of doors) {
    test(`the door of ${door.what} opens for ${door.open.join(', ')}`, async () => {
      for (const role of Object.keys(people) as Role[]) {
        const response = await people[role].ask(door.method, door.path, {
          organization,
          ...(door.body === undefined ? {} : { body: door.body }),
          ...(door.headers === undefined ? {} : { headers: door.headers }),
        });
        await response.body?.cancel();
        const said = `${role} was answered ${response.status}`;
        if (role === 'nobody') assert.equal(response.status, 401, said);
        else if (role === 'stranger') assert.equal(response.status, 404, said);
        else if (door.open.includes(role))
          assert.ok(![401, 403].includes(response.status) && response.status < 500, said);
        else assert.equal(response.status, 403, said);
      }
    });
  }

  test('a foreign organization is as unknown as one that does not exist, whatever the body says', async () => {
    const answers = await Promise.all(
      [other, 'org_nobody'].map(async (asked) => {
        const response = await people.owner.ask('PUT', '/api/billing/seats', {
          organization: asked,
          body: { seats: 50, organization },
        });
        return { status: response.status, body: await response.json() };
      }),
    );
    assert.deepEqual(answers[0], answers[1]);
    assert.equal(answers[0]?.status, 404);
    assert.equal((await dashboard.seatbelt.seats(other)).purchasedSeats, 5);
  });

  test("members of one organization are not found, changed or removed through another one's door", async () => {
    const { members } = await people.stranger.get<MembersBody>('GET', '/api/members', { organization: other });
    const theirs = members[0]?.id;
    for (const [method, body] of [
      ['PATCH', { role: 'member' }],
      ['DELETE', undefined],
    ] as const) {
      const response = await people.owner.ask(method, `/api/members/${theirs}`, {
        organization,
        ...(body ? { body } : {}),
      });
      assert.equal(response.status, 404);
    }
  });

  test('another site cannot use a session, and pages send strangers to sign in', async () => {
    const forged = await people.owner.ask('POST', '/api/keys', {
      organization,
      body: { name: 'forged', may: 'change' },
      headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    });
    assert.equal(forged.status, 403);
    const page = await people.nobody.ask('GET', `/organizations/${organization}/members`);
    assert.equal(page.status, 307);
    assert.match(page.headers.get('location') ?? '', /^\/sign-in\?next=%2Forganizations%2F/);
    const foreign = await people.owner.ask('GET', `/organizations/${other}/billing`);
    assert.equal(foreign.status, 404);
    const policy = foreign.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self' 'nonce-[^']+' 'strict-dynamic'/);
    assert.match(policy, /frame-ancestors 'none'/);
  });

  test('a page that is not theirs to see, or is not there, is answered 404 before anything of it is sent', async () => {
    const pages = ['billing', 'members', 'keys', 'settings'] as const;
    const status = async (who: Role, whose: string, page: string) => {
      const response = await people[who].ask('GET', `/organizations/${whose}/${page}`);
      await response.body?.cancel();
      return response.status;
    };
    for (const page of pages) {
      assert.equal(await status('owner', organization, page), 200, `the owner's own ${page}`);
      assert.equal(await status('owner', other, page), 404, `somebody else's ${page}`);
      assert.equal(await status('owner', 'org_nobody', page), 404, `${page} of no organization`);
      assert.equal(await status('operator', 'org_nobody', page), 404, `${page} of no organization, for staff`);
      const small = page === 'keys' ? 404 : 200;
      assert.equal(await status('member', organization, page), small, `${page} for a member`);
      assert.equal(await status('operator', organization, page), small, `${page} for staff`);
    }
  });

  test('the doors of Better Auth that would move people without their seats do not exist', async () => {
    for (const path of [
      'invite-member',
      'accept-invitation',
      'remove-member',
      'leave',
      'update-member-role',
      'create',
    ]) {
      const response = await people.owner.ask('POST', `/api/auth/organization/${path}`, { body: {} });
      assert.equal(response.status, 404, path);
    }
    // Being somebody by one click is for the demo.
    assert.equal((await people.nobody.ask('POST', '/api/auth/dev/sign-in', { body: { as: 'owner' } })).status, 404);
  });

  test('a password is asked for again only so often', async () => {
    const guesser = new Person(dashboard.url, people.member.email);
    const statuses: number[] = [];
    for (let guess = 0; guess < 11; guess += 1) {
      const response = await guesser.ask('POST', '/api/auth/sign-in/email', {
        body: { email: guesser.email, password: `guess number ${guess}` },
      });
      statuses.push(response.status);
      if (response.status === 429) assert.ok(Number(response.headers.get('retry-after')) > 0);
    }
    assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 401), 429]);
    // Somebody who is elsewhere is not kept out of the same account by it.
    const elsewhere = new Person(dashboard.url, guesser.email);
    await elsewhere.get('POST', '/api/auth/sign-in/email', {
      headers: { 'x-forwarded-for': '198.51.100.7' },
      body: { email: elsewhere.email, password: 'correct horse battery' },
    });
    // Others are not kept out by it.
    const owner = new Person(dashboard.url, people.owner.email);
    await owner.get('POST', '/api/auth/sign-in/email', {
      body: { email: owner.email, password: 'correct horse battery' },
    });
  });

  test('a password is not asked for in a form, which nobody would count by account', async () => {
    const person = await signUp(dashboard, 'Fay');
    for (const [type, body] of [
      [
        'application/x-www-form-urlencoded',
        new URLSearchParams({ email: person.email, password: 'wrong wrong wrong' }),
      ],
      ['application/vnd.api+json', JSON.stringify({ email: person.email, password: 'wrong wrong wrong' })],
      ['text/plain', JSON.stringify({ email: person.email, password: 'wrong wrong wrong' })],
    ] as const) {
      const response = await fetch(`${dashboard.url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': type, origin: dashboard.url, 'sec-fetch-site': 'same-origin' },
        body: String(body),
      });
      assert.equal(response.status, 415, type);
    }
  });

  test('a name that nobody can read makes no account, and one with room around it is stored without', async () => {
    const signUpAs = (name: unknown, email: string) =>
      people.nobody.ask('POST', '/api/auth/sign-up/email', {
        body: { name, email, password: 'correct horse battery' },
      });
    const email = `odd-${randomUUID().slice(0, 8)}@people.example`;
    const named = () => dashboard.database.pool.query('select name from app.users where email = $1', [email]);
    for (const name of ['', 'Ada\u0000', 'Ada\u001b[2J', 'a'.repeat(10_000), 'Ada \ud83d', 7]) {
      const response = await signUpAs(name, email);
      const { code, field } = (await response.json()) as ProblemBody & { field?: string };
      assert.deepEqual(
        [response.status, code, field],
        [422, 'invalid_input', 'name'],
        JSON.stringify(name).slice(0, 20),
      );
    }
    assert.deepEqual((await named()).rows, []);
    // What else is wrong with a body, Better Auth says.
    const nameless = await signUpAs(undefined, email);
    assert.equal(nameless.status, 400);
    const room = await signUpAs(`${' '.repeat(100)}Ada ${' '.repeat(100)}`, email);
    assert.equal(room.status, 200);
    assert.deepEqual((await named()).rows, [{ name: 'Ada' }]);
  });

  test('a key is shown once, is stored as a hash, does what its scope says for its own organization, and ends at once', async () => {
    const make = (may: 'read' | 'change') =>
      people.admin.get<NewKeyBody>('POST', '/api/keys', { organization, body: { name: `${may} key`, may } });
    const [reads, changes] = await Promise.all([make('read'), make('change')]);
    const { rows } = await dashboard.database.pool.query(`select row_to_json(k)::text as row from app.api_keys k`);
    assert.ok(rows.every(({ row }) => !row.includes(reads.key) && !row.includes(changes.key)));
    const list = await (await people.admin.ask('GET', '/api/keys', { organization })).text();
    assert.ok(list.includes(reads.created.id) && !list.includes(reads.key));

    const byKey = (key: string, method: string, asked: string | null, body?: unknown) =>
      fetch(`${dashboard.url}/api/billing/seats`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          ...(asked === null ? {} : { 'seatbelt-organization': asked }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    assert.equal((await byKey(reads.key, 'GET', null)).status, 200);
    assert.equal((await byKey(reads.key, 'PUT', null, { seats: 6 })).status, 403);
    assert.equal((await byKey(reads.key, 'GET', other)).status, 404);
    const seats = (await (await byKey(changes.key, 'GET', organization)).json()) as SeatsBody;
    const bought = await byKey(changes.key, 'PUT', organization, { seats: seats.purchasedSeats + 1 });
    assert.equal(bought.status, 200);
    const { changes: history } = await dashboard.seatbelt.changes(organization);
    assert.equal(history[0]?.actor, changes.created.id);
    // A key is a program's: it invites nobody and makes no keys.
    const asKey = await fetch(`${dashboard.url}/api/keys`, { headers: { authorization: `Bearer ${changes.key}` } });
    assert.equal(asKey.status, 403);

    await people.owner.get('DELETE', `/api/keys/${changes.created.id}`, { organization });
    assert.equal((await byKey(changes.key, 'GET', organization)).status, 401);
    // Somebody else's key cannot be revoked from here.
    assert.equal(
      (await people.stranger.ask('DELETE', `/api/keys/${reads.created.id}`, { organization: other })).status,
      404,
    );
    assert.equal((await byKey(reads.key, 'GET', null)).status, 200);
  });

  test('only so many seat changes a minute are taken from one person', async () => {
    const busy = await signUp(dashboard, 'Busy');
    const theirs = await dashboard.founded(busy, { seats: 5 });
    const statuses = new Map<number, number>();
    for (let round = 0; round < 125; round += 1) {
      const response = await busy.ask('PUT', '/api/billing/seats', { organization: theirs, body: { seats: 0 } });
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status === 429) {
        assert.match(((await response.json()) as ProblemBody).detail, /Nothing was changed and nothing was charged/);
      }
    }
    assert.deepEqual(
      [...statuses],
      [
        [422, 120],
        [429, 5],
      ],
    );
  });

  test('roles: admins make no owners, owners are changed by owners, and the last one stays', async () => {
    const { members } = await people.owner.get<MembersBody>('GET', '/api/members', { organization });
    const idOf = (role: Role) => members.find(({ email }) => email === people[role].email)?.id;
    const change = async (who: Role, whom: Role, role: string) => {
      const response = await people[who].ask('PATCH', `/api/members/${idOf(whom)}`, { organization, body: { role } });
      const { code } = (await response.json()) as Partial<ProblemBody>;
      return response.ok ? 'done' : code;
    };
    assert.equal(await change('admin', 'member', 'owner'), 'owners_only');
    assert.equal(await change('admin', 'owner', 'member'), 'owners_only');
    assert.equal(await change('owner', 'owner', 'admin'), 'last_owner');
    const leave = await people.owner.ask('DELETE', '/api/organization/membership', { organization });
    assert.equal(leave.status, 409);
    assert.equal(await change('owner', 'admin', 'owner'), 'done');
    assert.equal(await change('owner', 'admin', 'admin'), 'done');
  });
});

describe('Where nothing is in front', () => {
  // Only Linux lets a program connect from every address of 127.0.0.0/8.
  test('guesses count for the connection, and an invented header for nobody', {
    skip: process.platform !== 'linux',
  }, async () => {
    await using dashboard = await startDashboard('configured', { proxies: 0 });
    const { email } = await signUp(dashboard, 'Ann');
    for (let guess = 0; guess < 10; guess += 1) {
      assert.equal(await signInFrom('127.0.0.2', `203.0.113.${guess}`, dashboard.url, email, 'wrong wrong wrong'), 401);
    }
    assert.equal(await signInFrom('127.0.0.2', '203.0.113.99', dashboard.url, email, 'correct horse battery'), 429);
    assert.equal(await signInFrom('127.0.0.3', '203.0.113.1', dashboard.url, email, 'correct horse battery'), 200);
  });
});

describe('In development a link is printed to the log', () => {
  test('it signs in once, and makes the address a proven one', async () => {
    await using dashboard = await startDashboard();
    const person = new Person(dashboard.url, `link-${randomUUID().slice(0, 8)}@people.example`);
    await person.get('POST', '/api/auth/sign-in/magic-link', { body: { email: person.email, callbackURL: '/' } });
    const link = /http\S+/.exec(await dashboard.mailTo(person.email))?.[0] ?? '';
    const opened = await person.ask('GET', new URL(link).pathname + new URL(link).search);
    assert.equal(opened.status, 302);
    const { person: me } = await person.get<{ person: { email: string } }>('GET', '/api/organizations');
    assert.equal(me.email, person.email);

    const again = new Person(dashboard.url, person.email);
    const second = await again.ask('GET', new URL(link).pathname + new URL(link).search);
    assert.match(second.headers.get('location') ?? '', /error/);
    assert.equal(again.cookie, '');

    // What an invitation or a link leads to is a page of ours, or nothing.
    const away = await person.ask('POST', '/api/auth/sign-in/magic-link', {
      body: { email: person.email, callbackURL: 'https://evil.example' },
    });
    assert.equal(away.status, 403);

    const odd = await person.ask('POST', '/api/auth/sign-in/magic-link', {
      body: { email: `new-${person.email}`, name: 'Ada\u0007', callbackURL: '/' },
    });
    assert.equal(odd.status, 422);
    assert.equal(((await odd.json()) as ProblemBody).code, 'invalid_input');
  });

  test('an invitation sent by mail is accepted by whom it is for', async () => {
    await using dashboard = await startDashboard();
    const owner = await signUp(dashboard, 'Olivia');
    const { id: organization } = await owner.get<{ id: string }>('POST', '/api/organizations', {
      body: { name: 'Acme' },
    });
    const email = `ada-${randomUUID().slice(0, 8)}@people.example`;
    await owner.get('POST', '/api/invitations', { organization, ...inviting([email]) });
    const ada = await joinBy(dashboard, email, await dashboard.mailTo(email));
    assert.equal((await ada.get<SeatsBody>('GET', '/api/billing/seats', { organization })).assignedSeats, 2);
  });
});

/** `fetch` does not let anyone choose the address that a connection comes from. */
function signInFrom(
  localAddress: string,
  forwardedFor: string,
  url: string,
  email: string,
  password: string,
): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const { port, host } = new URL(url);
  const request = httpRequest(
    {
      hostname: '127.0.0.1',
      port,
      path: '/api/auth/sign-in/email',
      method: 'POST',
      localAddress,
      agent: false,
      headers: { host, origin: url, 'content-type': 'application/json', 'x-forwarded-for': forwardedFor },
    },
    (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    },
  );
  request.once('error', reject);
  request.end(JSON.stringify({ email, password }));
  return promise;
}
