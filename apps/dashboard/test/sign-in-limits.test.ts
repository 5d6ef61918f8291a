import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cookiesOf, type RoutesInProcess, routesInProcess } from './support/routes.ts';

const password = 'correct horse battery';

describe('Guessing is bounded, and whoever guesses keeps nobody else out', () => {
  let routes: RoutesInProcess;
  let door: { GET: unknown; POST: unknown };
  let people = 0;

  before(async () => {
    routes = await routesInProcess();
    door = await import('../src/app/api/auth/[...all]/route.ts');
  });
  after(() => routes[Symbol.asyncDispose]());

  const post = (path: string, from: string, body: object, cookie?: string) =>
    routes.ask(door.POST, 'POST', `/api/auth${path}`, {
      body,
      headers: { 'x-forwarded-for': from, ...(cookie === undefined ? {} : { cookie }) },
    });
  const signIn = (email: string, said: string, from: string, cookie?: string) =>
    post('/sign-in/email', from, { email, password: said }, cookie);
  const statusOf = async (answer: Promise<Response>) => {
    const response = await answer;
    await response.body?.cancel();
    return response.status;
  };

  /** Somebody with an account, and what their browser keeps of signing up. */
  async function somebody(from = '198.51.100.1'): Promise<{ email: string; cookie: string }> {
    people += 1;
    const email = `person-${people}@people.example`;
    const answer = await post('/sign-up/email', from, { name: 'Ann', email, password });
    assert.equal(answer.status, 200, await answer.text());
    return { email, cookie: cookiesOf(answer) };
  }

  /** Every place takes ten wrong passwords, so that many places are what it takes. */
  async function guess(email: string, times: number, placesFrom: string): Promise<Set<number>> {
    const statuses = new Set<number>();
    for (let guessed = 0; guessed < times; guessed += 1) {
      statuses.add(await statusOf(signIn(email, 'wrong wrong wrong', `${placesFrom}.${Math.floor(guessed / 10)}`)));
    }
    return statuses;
  }

  test('a stranger who knows an address is stopped, and its owner signs in elsewhere', async () => {
    const { email } = await somebody();
    assert.deepEqual([...(await guess(email, 10, '203.0.113'))], [401]);
    const stopped = await signIn(email, password, '203.0.113.0');
    assert.equal(stopped.status, 429);
    assert.ok(Number(stopped.headers.get('retry-after')) <= 600);
    assert.equal(await statusOf(signIn(email, password, '198.51.100.7')), 200);
  });

  test('a program with an old password keeps nobody else at its place out', async () => {
    const { email } = await somebody();
    const colleague = await somebody();
    const here = '203.0.113.120';
    for (let tried = 0; tried < 70; tried += 1) await statusOf(signIn(email, 'wrong wrong wrong', here));
    assert.equal(await statusOf(signIn(colleague.email, password, here)), 200);
  });

  test('many guesses at once are no more than one after the other', async () => {
    const { email } = await somebody();
    const statuses = await Promise.all(
      Array.from({ length: 30 }, () => statusOf(signIn(email, 'wrong wrong wrong', '203.0.113.90'))),
    );
    assert.deepEqual(
      [401, 429].map((status) => statuses.filter((each) => each === status).length),
      [10, 20],
    );
  });

  test('from everywhere together an address takes two hundred guesses an hour', async () => {
    const { email, cookie } = await somebody();
    const { countAttempt, guessesByAddress } = await import('../src/server/attempts.ts');
    assert.deepEqual([...(await guess(email, 12, '10.1.0'))], [401]);
    // The other 188, from as many places as it takes.
    for (let guessed = 12; guessed < 200; guessed += 1) await countAttempt(guessesByAddress, `\n${email}`);
    const refused = await signIn(email, password, '10.2.0.1');
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) <= 3_600);
    // The browser that had signed in before is not a stranger's, so its owner is not kept out, and it has ten tries of its own.
    assert.equal(await statusOf(signIn(email, password, '10.2.0.1', cookie)), 200);
    for (let wrong = 0; wrong < 10; wrong += 1) {
      assert.equal(await statusOf(signIn(email, 'wrong wrong wrong', `10.3.0.${wrong}`, cookie)), 401);
    }
    assert.equal(await statusOf(signIn(email, password, '10.3.0.1', cookie)), 429);
    // Of somebody else's account it says nothing, and what was made up is no sign at all.
    const other = await somebody();
    assert.equal(await statusOf(signIn(email, password, '10.2.0.2', other.cookie)), 429);
    const forged = cookie.replace(/(known_browser=[^.]+\.)./, '$1_');
    assert.equal(await statusOf(signIn(email, password, '10.2.0.2', forged)), 429);
    // A link by mail is still a way in.
    assert.equal(await statusOf(post('/sign-in/magic-link', '10.2.0.1', { email, callbackURL: '/' })), 200);
  });

  test('an office that signs in together is not kept out; sixty wrong ones from one place are', async () => {
    const office = '192.0.2.1';
    const { email } = await somebody('198.51.100.2');
    const wrong = (who: number) => statusOf(signIn(`nobody-${who}@people.example`, 'wrong wrong wrong', office));
    assert.equal(await wrong(1), 401);
    const { countAttempt, guessesByPlace } = await import('../src/server/attempts.ts');
    for (let who = 2; who < 60; who += 1) await countAttempt(guessesByPlace, `\n${office}`);
    // Each of these could have been another colleague, and one of them would have been the last.
    for (let time = 0; time < 3; time += 1) assert.equal(await statusOf(signIn(email, password, office)), 200);
    assert.equal(await wrong(60), 401);
    assert.equal(await wrong(61), 429);
  });

  test('links and confirmations are counted each by themselves, and few for one address', async () => {
    const { email } = await somebody();
    const link = (from: string) => statusOf(post('/sign-in/magic-link', from, { email, callbackURL: '/' }));
    const confirmation = (from: string) =>
      statusOf(post('/send-verification-email', from, { email, callbackURL: '/' }));
    for (let time = 0; time < 5; time += 1) assert.equal(await link('203.0.113.50'), 200);
    // What is stopped there spends nothing of what the address has elsewhere, however long it goes on.
    for (let time = 0; time < 25; time += 1) assert.equal(await link('203.0.113.50'), 429);
    assert.equal(await confirmation('203.0.113.50'), 200);
    assert.equal(await statusOf(signIn(email, password, '203.0.113.50')), 200);
    // Whoever bombs an address from everywhere gets twenty through, of which five were sent above.
    const statuses: number[] = [];
    for (let time = 0; time < 20; time += 1) statuses.push(await link(`203.0.113.${100 + time}`));
    assert.deepEqual(statuses, [...Array.from({ length: 15 }, () => 200), ...Array.from({ length: 5 }, () => 429)]);
    assert.equal(await statusOf(signIn(email, password, '203.0.113.51')), 200);
  });

  test('a session ends a week after signing in, however much it is used', async () => {
    const { cookie } = await somebody();
    const organizations = await import('../src/app/api/organizations/route.ts');
    const { pool } = routes.database;
    const ends = async () => (await pool.query('select max(expires_at)::text as ends from app.sessions')).rows[0]?.ends;
    await pool.query(`update app.sessions set expires_at = now() + interval '5 days'`);
    const before = await ends();
    const read = () => routes.ask(organizations.GET, 'GET', '/api/organizations', { headers: { cookie } });
    assert.equal((await read()).status, 200);
    assert.equal(await ends(), before);
    await pool.query(`update app.sessions set expires_at = now() - interval '1 second'`);
    assert.equal((await read()).status, 401);
  });
});
