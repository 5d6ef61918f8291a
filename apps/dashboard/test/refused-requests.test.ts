import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ProblemBody } from 'seatbelt/http';
import { type Asked, cookiesOf, type RoutesInProcess, routesInProcess } from './support/routes.ts';

const api = '../src/app/api';

describe('What cannot be done is refused in a document that says so', () => {
  let routes: RoutesInProcess;
  let cookie: string;
  let organization: string;

  /** Asks one of the routes, which are named as their folders are. */
  async function ask(method: string, folder: string, address: string, asked: Asked = {}) {
    const route = (await import(`${api}/${folder}/route.ts`)) as Record<string, unknown>;
    const response = await routes.ask(route[method], method, `/api/${address}`, asked);
    const text = await response.text();
    const body = (text === '' ? {} : JSON.parse(text)) as Partial<ProblemBody> & { id?: string; field?: string };
    return { status: response.status, type: response.headers.get('content-type'), body };
  }
  /** The same by the person who owns the organization. */
  const asOwner = (method: string, folder: string, address: string, { headers, ...asked }: Asked = {}) =>
    ask(method, folder, address, { ...asked, headers: { cookie, 'seatbelt-organization': organization, ...headers } });

  before(async () => {
    routes = await routesInProcess();
    const { POST } = await import('../src/app/api/auth/[...all]/route.ts');
    const body = { name: 'Ann', email: 'ann@people.example', password: 'correct horse battery' };
    cookie = cookiesOf(await routes.ask(POST, 'POST', '/api/auth/sign-up/email', { body }));
    const founded = await ask('POST', 'organizations', 'organizations', {
      headers: { cookie },
      body: { name: 'Acme' },
    });
    organization = founded.body.id ?? '';
  });
  after(() => routes[Symbol.asyncDispose]());

  test('what PostgreSQL cannot store is the fault of whoever sent it', async () => {
    const place = Buffer.from(JSON.stringify(['2026-99-99 00:00:00+00', 'x'])).toString('base64url');
    for (const [method, folder, address, field, asked] of [
      ['GET', 'members', 'members?search=%00', 'search', {}],
      ['GET', 'members', `members?after=${place}`, 'after', {}],
      ['GET', 'billing/history', 'billing/history?search=%00', 'search', {}],
      ['DELETE', 'keys/[id]', 'keys/x', 'id', { params: { id: 'a\u0000' } }],
      ['DELETE', 'members/[id]', 'members/x', 'id', { params: { id: '\u0000' } }],
      ['POST', 'invitations/accept', 'invitations/accept', 'token', { body: { token: 'a\u0000' } }],
    ] as const) {
      const { status, body } = await asOwner(method, folder, address, asked);
      assert.deepEqual([status, body.code, body.field], [422, 'invalid_input', field], `${method} ${address}`);
    }
  });

  test('an organization whose name cannot be stored does not exist', async () => {
    const byAddress = await ask('GET', 'members', 'members?organization=a%00', { headers: { cookie } });
    const seats = await ask('GET', 'billing/seats', 'billing/seats?organization=a%00', { headers: { cookie } });
    for (const { status, body } of [byAddress, seats]) {
      assert.deepEqual([status, body.code], [404, 'unknown_organization']);
    }
  });

  test('a key is made for an organization that was founded here, and refused to one that is only linked', async () => {
    await routes.seatbelt.link('only_linked', { subscription: null, actor: 'cli', reason: 'By the command line.' });
    const made = await ask('POST', 'keys', 'keys', {
      headers: { authorization: `Bearer ${routes.apiKey}`, 'seatbelt-organization': 'only_linked' },
      body: { name: 'A key', may: 'read' },
    });
    assert.deepEqual([made.status, made.body.code], [404, 'unknown_organization']);
    assert.match(made.body.detail ?? '', /linked.*Nothing was changed/);
  });

  test('what a constraint refuses is a conflict, and not an outcome that nobody knows', async () => {
    const { door } = await import('../src/server/door.ts');
    const { pool } = await import('../src/server/database.ts');
    const PUT = door('seats:read', () => pool().query(`insert into app.members values ('m', 'org_nobody', 'nobody')`));
    const response = await routes.ask(PUT, 'PUT', '/api/test', {
      headers: { cookie, 'seatbelt-organization': organization },
    });
    const { code } = (await response.json()) as ProblemBody;
    assert.deepEqual([response.status, code], [409, 'conflict']);
  });

  test('who is signed out is told so by every route, and no address of the API is answered with nothing', async () => {
    const stripe = await ask('GET', 'billing/stripe', 'billing/stripe');
    assert.deepEqual([stripe.status, stripe.type, stripe.body.code], [401, 'application/problem+json', 'unauthorized']);
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const auth = await ask(method, 'auth/[...all]', 'auth/organization/create');
      assert.deepEqual(
        [auth.status, auth.type, auth.body.code],
        [404, 'application/problem+json', 'not_found'],
        method,
      );
    }
  });

  test('one address that is none is named, however many others there are', async () => {
    const emails = ['ada@people.example', 'a..b@people.example', 'joan@people.example'];
    const { status, body } = await asOwner('POST', 'invitations', 'invitations', {
      headers: { 'idempotency-key': 'one-is-none' },
      body: { emails, role: 'member', buy: 0 },
    });
    assert.deepEqual([status, body.field], [422, 'emails.1']);
    assert.match(body.detail ?? '', /"a\.\.b@people\.example" is no address/);
  });

  test('nobody founds organizations without end', async () => {
    const found = () => ask('POST', 'organizations', 'organizations', { headers: { cookie }, body: { name: 'More' } });
    const { pool } = routes.database;
    // The one of this file was the first of twenty in an hour.
    for (let time = 0; time < 19; time += 1) assert.equal((await found()).status, 200);
    const soon = await found();
    assert.deepEqual([soon.status, soon.body.code], [429, 'too_many_attempts']);

    await pool.query('delete from app.attempts');
    await pool.query(`
insert into app.organizations (id, name, slug) select 'org_' || n, 'More', 'slug_' || n from generate_series(1, 80) n`);
    await pool.query(`
insert into app.members (id, organization_id, user_id, role)
select 'member_' || n, 'org_' || n, (select id from app.users), 'owner' from generate_series(1, 80) n`);
    const many = await found();
    assert.deepEqual([many.status, many.body.code], [409, 'too_many_organizations']);
    assert.equal((await pool.query(`select from app.organizations where name = 'More'`)).rowCount, 99);
  });
});
