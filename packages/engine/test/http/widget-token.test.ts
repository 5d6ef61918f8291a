import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import type { Handler } from '../../src/http/served.ts';
import { type Authorization, widgetTokens, withCors } from '../../src/http/widget.ts';

const secret = 'a secret of more than thirty-two bytes, for tests';
const owner: Authorization = { organization: 'org_a', actor: 'user_1', may: 'change', approves: true };

function asking(token: string): Request {
  return new Request('https://api.example/api/billing/seats', { headers: { authorization: `Bearer ${token}` } });
}

test('a token says who asks, for which organization, and what they may', async () => {
  const tokens = widgetTokens({ secret });
  assert.deepEqual(await tokens.authorize(asking(await tokens.issue(owner))), owner);
  const reader: Authorization = { organization: 'org_b', actor: 'user_2', may: 'read', approves: false };
  assert.deepEqual(await tokens.authorize(asking(await tokens.issue(reader))), reader);
});

test('a token that is over, forged, made for something else or no token at all is nobody', async () => {
  const tokens = widgetTokens({ secret });
  const key = new TextEncoder().encode(secret);
  const signed = (claims: object, audience: string, expires: number, by = key) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('user_1')
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(by);
  const now = Math.floor(Date.now() / 1000);
  const claims = { organization: 'org_a', may: 'change' };
  const [header, payload, signature] = (await tokens.issue(owner)).split('.');
  const widened = Buffer.from(JSON.stringify({ ...claims, organization: 'org_b', sub: 'x', aud: 'seatbelt-widget' }));
  const bad: Record<string, string> = {
    over: await signed(claims, 'seatbelt-widget', now - 1),
    'signed by somebody else': await signed(claims, 'seatbelt-widget', now + 60, new Uint8Array(32)),
    'made for something else': await signed(claims, 'another', now + 60),
    'with rights nobody knows': await signed({ ...claims, may: 'everything' }, 'seatbelt-widget', now + 60),
    'without an organization': await signed({ may: 'change' }, 'seatbelt-widget', now + 60),
    'with another organization written in': `${header}.${widened.toString('base64url')}.${signature}`,
    unsigned: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
    'no token': 'nonsense',
  };
  for (const [what, token] of Object.entries(bad)) {
    assert.equal(await tokens.authorize(asking(token)), null, what);
  }
  // The same claims, signed as they should be, are somebody: so it was the differences above that were refused.
  assert.notEqual(await tokens.authorize(asking(await signed(claims, 'seatbelt-widget', now + 60))), null);
  assert.equal(await tokens.authorize(new Request('https://api.example/')), null);
});

test('after a secret was rolled, tokens of the former one are still good', async () => {
  const next = `${secret}, the next`;
  const before = await widgetTokens({ secret }).issue(owner);
  const rolled = widgetTokens({ secret: [next, secret] });
  assert.deepEqual(await rolled.authorize(asking(before)), owner);
  assert.equal(await widgetTokens({ secret: next }).authorize(asking(before)), null);
  assert.deepEqual(await widgetTokens({ secret: next }).authorize(asking(await rolled.issue(owner))), owner);
});

test('a secret that can be guessed and a token for the whole day are refused when they are set up', () => {
  assert.throws(() => widgetTokens({ secret: 'short' }), /32 bytes/);
  assert.throws(() => widgetTokens({ secret: [] }), /needed/);
  assert.throws(() => widgetTokens({ secret, lifetimeSeconds: 86_400 }), /3600/);
  assert.throws(() => widgetTokens({ secret, lifetimeSeconds: 1.5 }), /whole number/);
});

test('pages of the named origins may call, others may not, and cookies never come along', async () => {
  let calls = 0;
  const handler: Handler = async () => {
    calls += 1;
    return Response.json({ calls }, { status: 202, headers: { location: '/x' } });
  };
  const door = withCors(handler, { origins: ['https://app.example'] });
  const from = (origin: string, method: string) =>
    new Request('https://api.example/api/billing/seats', {
      method,
      headers: { origin, ...(method === 'OPTIONS' ? { 'access-control-request-method': 'PUT' } : {}) },
    });

  const preflight = await door(from('https://app.example', 'OPTIONS'));
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://app.example');
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /idempotency-key/);
  assert.equal(calls, 0, 'a preflight reaches no door');

  const answer = await door(from('https://app.example', 'PUT'));
  assert.deepEqual([answer.status, answer.headers.get('location')], [202, '/x']);
  assert.equal(answer.headers.get('access-control-allow-origin'), 'https://app.example');
  assert.equal(answer.headers.get('access-control-allow-credentials'), null);

  for (const method of ['OPTIONS', 'GET']) {
    const foreign = await door(from('https://evil.example', method));
    assert.equal(foreign.headers.get('access-control-allow-origin'), null, method);
    assert.equal(foreign.headers.get('vary'), 'Origin');
  }
  assert.throws(() => withCors(handler, { origins: ['*'] }), /not an origin/);
  assert.throws(() => withCors(handler, { origins: ['https://app.example/path'] }), /not an origin/);
});
