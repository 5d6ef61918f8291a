import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Authorization } from '../../src/http/handlers.ts';
import { change, changeId, fake, get, owner, problemOf, send } from './fake-seatbelt.ts';

const path = '/api/billing/seats';

describe('Who gets in', () => {
  test('nobody that is known: 401, before anything is read', async () => {
    const { handlers, calls } = fake({}, { authorize: () => null });
    for (const response of [
      await handlers.seats.GET(get(path)),
      await handlers.seats.PUT(send('PUT', path, 'not json')),
      await handlers.preview.POST(send('POST', path, { seats: 1 })),
      await handlers.changes.GET(get(`${path}/changes`)),
      await handlers.change.GET(get(`${path}/changes/${changeId}`)),
    ]) {
      assert.equal(response.status, 401);
      assert.equal(response.headers.get('www-authenticate'), 'Bearer');
      assert.equal((await problemOf(response)).code, 'unauthorized');
    }
    assert.deepEqual(calls, []);
  });

  test('who may only read gets 403 for everything else', async () => {
    const { handlers, calls } = fake({}, { authorize: async () => ({ ...owner, may: 'read' }) });
    assert.equal((await handlers.seats.GET(get(path))).status, 200);
    for (const response of [
      await handlers.seats.PUT(send('PUT', path, { seats: 12 })),
      await handlers.seats.POST(send('POST', path, { action: 'add', quantity: 1 })),
      await handlers.preview.POST(send('POST', path, { seats: 12 })),
    ]) {
      assert.equal(response.status, 403);
      assert.equal((await problemOf(response)).code, 'forbidden');
    }
    assert.deepEqual(
      calls.map(({ verb }) => verb),
      ['seats'],
    );
  });

  test('a role that was forgotten may not change anything', async () => {
    const forgotten = { organization: 'org_1', actor: 'user_1' } as Authorization;
    const { handlers } = fake({}, { authorize: () => forgotten });
    assert.equal((await handlers.seats.PUT(send('PUT', path, { seats: 12 }))).status, 403);
  });

  test('a response of the host is passed on as it is, returned or thrown', async () => {
    const redirect = () => Response.redirect('https://app.example/login', 302);
    const returned = fake({}, { authorize: redirect });
    const thrown = fake({}, { authorize: () => Promise.reject(redirect()) });
    for (const { handlers, calls } of [returned, thrown]) {
      const response = await handlers.seats.PUT(send('PUT', path, { seats: 12 }));
      assert.equal(response.status, 302);
      assert.equal(response.headers.get('location'), 'https://app.example/login');
      assert.deepEqual(calls, []);
    }
  });

  test('a host that cannot tell who it is: 503, nothing was changed', async () => {
    const { handlers, calls, lines } = fake({}, { authorize: () => Promise.reject(new Error('session store away')) });
    const response = await handlers.seats.PUT(send('PUT', path, { seats: 12 }));
    const problem = await problemOf(response);
    assert.equal(response.status, 503);
    assert.equal(problem.code, 'authorization_unavailable');
    assert.doesNotMatch(JSON.stringify(problem), /session store/);
    assert.equal(lines[0]?.level, 'error');
    assert.deepEqual(calls, []);
  });
});

describe('One change', () => {
  const detail = { change: change('applied'), push: null, audit: [] };

  test('is found by the last segment of the path', async () => {
    const { handlers, calls } = fake({ change: async () => detail });
    const response = await handlers.change.GET(get(`${path}/changes/${changeId}?x=1`));
    assert.deepEqual(await response.json(), detail);
    assert.deepEqual(calls, [{ verb: 'change', given: ['org_1', changeId] }]);
  });

  test('of another organization, or of none: 404', async () => {
    const { handlers } = fake({ change: async () => null });
    for (const id of [changeId, 'x', '%ff', '%2e%2e', "'; drop table"]) {
      const response = await handlers.change.GET(get(`${path}/changes/${id}`));
      assert.equal(response.status, 404);
      assert.equal((await problemOf(response)).code, 'unknown_change');
    }
  });
});

describe('All routes behind one function', () => {
  const reached: [Request, string][] = [
    [get(path), 'seats'],
    [get(`${path}/`), 'seats'],
    [send('POST', path, { action: 'add', quantity: 1 }), 'add'],
    [send('PUT', path, { seats: 12 }), 'set'],
    [send('POST', `${path}/preview`, { seats: 12 }), 'preview'],
    [get(`${path}/changes`), 'changes'],
    [get(`${path}/changes/${changeId}`), 'change'],
    [get('/api/health'), 'health'],
    [get('/api/seatbelt/tick', { authorization: 'Bearer tick-secret' }), 'tick'],
  ];
  for (const [request, verb] of reached) {
    test(`${request.method} ${new URL(request.url).pathname} asks for ${verb}`, async () => {
      const { handlers, calls } = fake();
      await handlers.fetch(request);
      assert.deepEqual(
        calls.map((call) => call.verb),
        [verb],
      );
    });
  }

  const refused: [string, string, string][] = [
    ['DELETE', path, 'GET, HEAD, POST, PUT'],
    ['PATCH', path, 'GET, HEAD, POST, PUT'],
    ['GET', `${path}/preview`, 'POST'],
    ['POST', `${path}/changes`, 'GET, HEAD'],
    ['DELETE', `${path}/changes/${changeId}`, 'GET, HEAD, POST'],
    ['GET', '/api/webhooks/stripe', 'POST'],
    ['POST', '/api/seatbelt/tick', 'GET'],
    ['POST', '/api/health', 'GET, HEAD'],
  ];
  for (const [method, where, allow] of refused) {
    test(`${method} ${where}: 405`, async () => {
      const { handlers, calls } = fake();
      const response = await handlers.fetch(new Request(`https://app.example${where}`, { method }));
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), allow);
      assert.equal((await problemOf(response)).code, 'method_not_allowed');
      assert.deepEqual(calls, []);
    });
  }

  for (const [where, allow] of new Map(refused.map(([, path, list]) => [path, list]))) {
    test(`OPTIONS ${where}: the list of its 405`, async () => {
      const { handlers, calls } = fake();
      const response = await handlers.fetch(new Request(`https://app.example${where}`, { method: 'OPTIONS' }));
      assert.deepEqual([response.status, response.headers.get('allow')], [204, allow]);
      assert.equal(await response.text(), '');
      assert.deepEqual(calls, []);
    });
  }

  for (const where of ['/', '/api', '/api/billing', `${path}/changes/a/b`, `${path}/other`, '/api/healthz']) {
    test(`${where}: 404`, async () => {
      const response = await fake().handlers.fetch(get(where));
      assert.equal(response.status, 404);
      assert.equal((await problemOf(response)).code, 'not_found');
    });
  }

  test('HEAD is GET without its body', async () => {
    const { handlers } = fake();
    const response = await handlers.fetch(new Request(`https://app.example${path}`, { method: 'HEAD' }));
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '');
  });
});
