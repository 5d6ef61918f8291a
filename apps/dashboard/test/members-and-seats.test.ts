import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import type { ChangeDetailBody, ProblemBody } from 'seatbelt/http';
import type { InvitationsBody, InvitedBody, ProgressBody } from '../src/features/invitations/contract.ts';
import type { MembersBody } from '../src/features/members/contract.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';
import { inviting, joinBy, Person, signUp } from './support/people.ts';

/** Bounded: each round asks the product, which advances what is due. */
const rounds = 300;

describe('Members and invitations hold seats', () => {
  let dashboard: RunningDashboard;
  let owner: Person;

  before(async () => {
    dashboard = await startDashboard();
    owner = await signUp(dashboard, 'Olivia');
  });
  afterEach(() => dashboard.sim.faults.clear());
  after(async () => {
    await dashboard[Symbol.asyncDispose]();
  });

  const founded = async () => {
    const { id } = await owner.get<{ id: string }>('POST', '/api/organizations', { body: { name: 'Acme' } });
    return id;
  };
  const addresses = (count: number) =>
    Array.from({ length: count }, () => `p-${randomUUID().slice(0, 12)}@people.example`);
  const invite = (organization: string, emails: readonly string[], buy = 0) =>
    owner.get<InvitedBody>('POST', '/api/invitations', { organization, ...inviting(emails, buy) });
  const counts = async (organization: string) => {
    const { purchasedSeats, settledSeats, assignedSeats, reservedSeats } = await dashboard.seatbelt.seats(organization);
    return { purchasedSeats, settledSeats, assignedSeats, reservedSeats };
  };
  const seatWrites = () =>
    dashboard.sim
      .truth()
      .requests.filter(({ method, path }) => method === 'POST' && /^\/v1\/subscriptions\//.test(path));

  async function until(organization: string, change: string, ends: (progress: ProgressBody) => boolean) {
    for (let round = 0; round < rounds; round += 1) {
      const path = `/api/invitations/progress?change=${change}`;
      const progress = await owner.get<ProgressBody>('GET', path, { organization });
      if (ends(progress)) return progress;
      await dashboard.seatbelt.advance(organization);
    }
    assert.fail('The invitations did not come to an end.');
  }

  test('inviting reserves, accepting assigns, taking back frees, removing frees', async () => {
    const organization = await founded();
    const [ada = '', grace = ''] = addresses(2);
    await invite(organization, [ada, grace]);
    assert.deepEqual(await counts(organization), {
      purchasedSeats: 5,
      settledSeats: 5,
      assignedSeats: 1,
      reservedSeats: 2,
    });

    await joinBy(dashboard, ada, await dashboard.mailTo(ada));
    assert.deepEqual(await counts(organization), {
      purchasedSeats: 5,
      settledSeats: 5,
      assignedSeats: 2,
      reservedSeats: 1,
    });

    const { invitations } = await owner.get<InvitationsBody>('GET', '/api/invitations', { organization });
    assert.deepEqual(
      invitations.map(({ email, seat }) => [email, seat]),
      [[grace, 'reserved']],
    );
    await owner.get('DELETE', `/api/invitations/${invitations[0]?.id}`, { organization });
    assert.deepEqual(await counts(organization), {
      purchasedSeats: 5,
      settledSeats: 5,
      assignedSeats: 2,
      reservedSeats: 0,
    });
    // Its link opens nothing any more, and taking it back twice frees nothing twice.
    const late = new Person(dashboard.url, grace);
    await late.get('POST', '/api/auth/sign-up/email', {
      body: { name: 'Grace', email: grace, password: 'correct horse battery' },
    });
    const text = await dashboard.mailTo(grace);
    const token = /\/invitations\/([\w-]+)/.exec(text)?.[1];
    const accepted = await late.ask('POST', '/api/invitations/accept', { body: { token } });
    assert.equal(((await accepted.json()) as ProblemBody).code, 'invitation_revoked');
    assert.equal((await owner.ask('DELETE', `/api/invitations/${invitations[0]?.id}`, { organization })).status, 409);

    const { members } = await owner.get<MembersBody>('GET', '/api/members', { organization });
    const adas = members.find(({ email }) => email === ada);
    assert.equal(adas?.seat, 'seated');
    await owner.get('DELETE', `/api/members/${adas?.id}`, { organization });
    // Freeing never lowers the bill under prepaid terms.
    assert.deepEqual(await counts(organization), {
      purchasedSeats: 5,
      settledSeats: 5,
      assignedSeats: 1,
      reservedSeats: 0,
    });
  });

  test('the same key is the same invitation; for other addresses it is turned down and nobody is said to be invited', async () => {
    const organization = await founded();
    const [ada = '', grace = '', mary = ''] = addresses(3);
    const headers = { 'idempotency-key': randomUUID() };
    const ask = (emails: readonly string[]) =>
      owner.ask('POST', '/api/invitations', { organization, body: { emails, role: 'member', buy: 0 }, headers });
    const first = (await (await ask([ada, grace])).json()) as InvitedBody;
    const again = (await (await ask([grace, ada])).json()) as InvitedBody;
    assert.deepEqual([again.invited, again.skipped, again.change?.id], [2, [], first.change?.id]);
    for (const emails of [[ada, mary], [ada]]) {
      const refused = await ask(emails);
      assert.equal(refused.status, 422);
      assert.equal(((await refused.json()) as ProblemBody).code, 'idempotency_key_reused');
    }
    assert.equal((await counts(organization)).reservedSeats, 2);
  });

  test('an invitation opens for its own address only, and once', async () => {
    const organization = await founded();
    const [ada = ''] = addresses(1);
    await invite(organization, [ada]);
    const mail = await dashboard.mailTo(ada);
    const token = /\/invitations\/([\w-]+)/.exec(mail)?.[1];
    const somebody = await signUp(dashboard, 'Sam');
    const wrong = await somebody.ask('POST', '/api/invitations/accept', { body: { token } });
    assert.equal(wrong.status, 403);
    assert.equal((await somebody.ask('GET', '/api/members', { organization })).status, 404);
    const person = await joinBy(dashboard, ada, mail);
    const again = await person.ask('POST', '/api/invitations/accept', { body: { token } });
    assert.equal(again.status, 410);
    assert.equal((await counts(organization)).assignedSeats, 2);
  });

  test('fifty at once are one change, one write to Stripe and fifty mails', async () => {
    const organization = await founded();
    const before = seatWrites().length;
    const emails = addresses(50);
    const { change, invited } = await invite(organization, emails, 46);
    assert.equal(invited, 50);
    const progress = await until(organization, change?.id ?? '', ({ sent }) => sent === 50);
    assert.deepEqual(progress, { invited: 50, reserved: 50, sent: 50, withdrawn: 0, ended: 0, mailed: true });
    assert.equal(seatWrites().length - before, 1);
    assert.deepEqual(await counts(organization), {
      purchasedSeats: 51,
      settledSeats: 51,
      assignedSeats: 1,
      reservedSeats: 50,
    });
    await Promise.all(emails.map((email) => dashboard.mailTo(email)));
    // The same people again are left out and named; nothing is bought for them.
    const again = await invite(organization, emails, 46);
    assert.deepEqual({ invited: again.invited, skipped: again.skipped.length }, { invited: 0, skipped: 50 });
  });

  test('what was taken back or ran out is told as ended, so that nobody waits for it', async () => {
    const organization = await founded();
    const [revoked = '', expired = '', kept = ''] = addresses(3);
    const { change } = await invite(organization, [revoked, expired, kept]);
    await until(organization, change?.id ?? '', ({ sent }) => sent === 3);
    const { invitations } = await owner.get<InvitationsBody>('GET', '/api/invitations', { organization });
    const id = invitations.find(({ email }) => email === revoked)?.id;
    await owner.get('DELETE', `/api/invitations/${id}`, { organization });
    await dashboard.database.pool.query(`update app.invitations set expires_at = now() where email = $1`, [expired]);
    const progress = await until(organization, change?.id ?? '', ({ ended }) => ended === 2);
    assert.deepEqual(progress, { invited: 3, reserved: 1, sent: 3, withdrawn: 0, ended: 2, mailed: true });
  });

  test('a request whose answer was lost invites once, however often it is sent', async () => {
    const organization = await founded();
    const request = { organization, ...inviting(addresses(3)) };
    const answers = await Promise.all([1, 2, 3].map(() => owner.get<InvitedBody>('POST', '/api/invitations', request)));
    assert.equal(new Set(answers.map(({ change }) => change?.id)).size, 1);
    assert.deepEqual(
      answers.map(({ invited }) => invited),
      [3, 3, 3],
    );
    assert.equal((await counts(organization)).reservedSeats, 3);
  });

  test('when Stripe refuses, the invitations fall with their seats, nothing is sent, and the inviter is told', async () => {
    const organization = await founded();
    dashboard.sim.faults.add({ kind: 'card_decline_402', times: Number.POSITIVE_INFINITY });
    const emails = addresses(6);
    const { change } = await invite(organization, emails, 2);
    const progress = await until(organization, change?.id ?? '', ({ withdrawn }) => withdrawn === 6);
    assert.deepEqual(progress, { invited: 6, reserved: 0, sent: 0, withdrawn: 6, ended: 0, mailed: true });
    assert.deepEqual(await counts(organization), {
      purchasedSeats: 5,
      settledSeats: 5,
      assignedSeats: 1,
      reservedSeats: 0,
    });

    const told = await owner.get<InvitationsBody>('GET', '/api/invitations', { organization });
    assert.deepEqual(told.invitations, []);
    assert.deepEqual(
      told.withdrawn.map((notice) => notice.emails),
      [[...emails].sort()],
    );
    const detail = await owner.get<ChangeDetailBody>('GET', `/api/billing/seats/changes/${change?.id}`, {
      organization,
    });
    assert.equal(detail.change.status, 'rolled_back');
    assert.equal(told.withdrawn[0]?.message, detail.change.message);

    await owner.get('DELETE', `/api/invitations/notices/${change?.id}`, { organization });
    const after = await owner.get<InvitationsBody>('GET', '/api/invitations', { organization });
    assert.deepEqual(after.withdrawn, []);
    // The same people can be invited again.
    dashboard.sim.faults.clear();
    const again = await invite(organization, emails, 2);
    await until(organization, again.change?.id ?? '', ({ reserved }) => reserved === 6);
  });

  test('no more is bought than was agreed to: of two admins who take the last seat one gets it, the other is told why', async () => {
    const organization = await founded();
    const [adminAddress = '', ...rest] = addresses(5);
    const admin = await dashboard.invited(owner, organization, adminAddress, 'admin');
    await invite(organization, rest.slice(0, 2));
    // One seat is left, and both screens say that one person fits.
    const before = seatWrites().length;
    const answers = await Promise.all(
      [owner, admin].map((who, index) =>
        who.ask('POST', '/api/invitations', { organization, ...inviting([rest[index + 2] ?? '']) }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    const refused = answers.find(({ status }) => status === 409);
    const problem = (await refused?.json()) as ProblemBody;
    assert.equal(problem.code, 'seats_taken');
    assert.match(problem.detail, /nothing was bought/);
    assert.equal(seatWrites().length, before);
    assert.deepEqual(await counts(organization), {
      purchasedSeats: 5,
      settledSeats: 5,
      assignedSeats: 2,
      reservedSeats: 3,
    });

    // Having agreed to one more, two more are not bought.
    const greedy = await owner.ask('POST', '/api/invitations', { organization, ...inviting(addresses(2), 1) });
    assert.equal(greedy.status, 409);
    const { total } = await owner.get<InvitationsBody>('GET', '/api/invitations', { organization });
    assert.equal(total, 3);
    assert.equal((await counts(organization)).purchasedSeats, 5);
  });

  test('seats that only an owner may buy are not bought by inviting: nobody is invited, and nothing waits for people who may be gone', async () => {
    const organization = await founded();
    await dashboard.seatbelt.changeTerms(organization, { guard: { seatsPerDay: 1 } });
    const before = await counts(organization);
    const emails = addresses(before.settledSeats + 2);
    const wanted = inviting(emails, emails.length);
    const refused = await owner.ask('POST', '/api/invitations', { organization, ...wanted });
    const problem = (await refused.json()) as ProblemBody;
    assert.deepEqual([refused.status, problem.code], [409, 'approval_needed']);
    const { invitations, total, withdrawn } = await owner.get<InvitationsBody>('GET', '/api/invitations', {
      organization,
    });
    assert.deepEqual([invitations, total, withdrawn], [[], 0, []]);
    // An approval later would buy seats for invitations that are over by then, and keep them for nobody.
    assert.deepEqual((await dashboard.seatbelt.seats(organization)).awaitingApproval, []);
    assert.deepEqual(await counts(organization), before);

    // The way that the sentence names: the owner buys the seats, and then there is room.
    const asked = await dashboard.seatbelt.set(organization, before.purchasedSeats + 3);
    assert.equal(asked.status, 'awaiting_approval');
    await dashboard.seatbelt.approve(organization, String(asked.change?.id));
    const invited = await owner.get<InvitedBody>('POST', '/api/invitations', { organization, ...wanted });
    assert.equal(invited.invited, emails.length);
  });

  test('an invitation taken back while nobody knows what Stripe did leaves no seat behind', async () => {
    const organization = await founded();
    const fault = dashboard.sim.faults.add({ kind: 'drop_after', times: Number.POSITIVE_INFINITY });
    const emails = addresses(5);
    const { change } = await invite(organization, emails, 1);
    const { invitations } = await owner.get<InvitationsBody>('GET', '/api/invitations', { organization });
    const waiting = invitations[0];
    assert.equal(waiting?.seat, 'waiting');
    await owner.get('DELETE', `/api/invitations/${waiting.id}`, { organization });
    dashboard.sim.faults.remove(fault);
    await until(organization, change?.id ?? '', ({ reserved }) => reserved === 4);
    assert.deepEqual(await counts(organization), {
      purchasedSeats: 6,
      settledSeats: 6,
      assignedSeats: 1,
      reservedSeats: 4,
    });
  });

  test('an invitation that nobody accepts gives its seat back when its time is over', async () => {
    const organization = await founded();
    const [ada = '', grace = ''] = addresses(2);
    const { change } = await invite(organization, [ada, grace]);
    const mail = await dashboard.mailTo(ada);
    await dashboard.database.pool.query(
      `update app.invitations set expires_at = now() - interval '1 second' where organization_id = $1 and email = $2`,
      [organization, ada],
    );
    // Its link is over from that moment, whether or not the seat was collected yet.
    const late = new Person(dashboard.url, ada);
    await late.get('POST', '/api/auth/sign-up/email', {
      body: { name: 'Ada', email: ada, password: 'correct horse battery' },
    });
    const token = /\/invitations\/([\w-]+)/.exec(mail)?.[1];
    assert.equal((await late.ask('POST', '/api/invitations/accept', { body: { token } })).status, 410);
    await until(organization, change?.id ?? '', ({ reserved }) => reserved === 1);
    assert.equal((await counts(organization)).reservedSeats, 1);
  });

  test('members and seats are changed in one transaction: a database that refuses one of them has neither', async () => {
    const organization = await founded();
    await dashboard.database.pool.query(`
      create function app.refuse() returns trigger language plpgsql as $$ begin raise exception 'refused by the test'; end $$;
      create trigger refuse before insert on app.invitations for each row
        when (new.organization_id = '${organization}') execute function app.refuse()`);
    const before = await counts(organization);
    const { changes } = await dashboard.seatbelt.changes(organization);
    const response = await owner.ask('POST', '/api/invitations', { organization, ...inviting(addresses(9), 5) });
    assert.equal(response.status, 503);
    assert.deepEqual(await counts(organization), before);
    assert.equal((await dashboard.seatbelt.changes(organization)).changes.length, changes.length);
  });

  test('a page of ten thousand members comes from an index, and a search finds one of them', async () => {
    const organization = await founded();
    await dashboard.database.pool.query(
      `with people as (
         insert into app.users (id, name, email)
         select 'bulk_' || n, 'Person ' || n, 'person' || n || '@bulk.example' from generate_series(1, 10000) as n returning id)
       insert into app.members (id, organization_id, user_id) select 'member_' || id, $1, id from people`,
      [organization],
    );
    await dashboard.database.pool.query('analyze app.members; analyze app.users');
    const seen = new Set<string>();
    let after: string | null = null;
    let pages = 0;
    do {
      const query = new URLSearchParams(after === null ? {} : { after });
      const page: MembersBody = await owner.get<MembersBody>('GET', `/api/members?${query}`, { organization });
      assert.equal(page.total, 10_001);
      for (const { id } of page.members) seen.add(id);
      after = page.after;
      pages += 1;
    } while (after !== null);
    assert.deepEqual({ seen: seen.size, pages }, { seen: 10_001, pages: 101 });
    const found = await owner.get<MembersBody>('GET', '/api/members?search=person9999%40', { organization });
    assert.deepEqual(
      found.members.map(({ email }) => email),
      ['person9999@bulk.example'],
    );
    // A pattern is searched for as it was typed.
    const percent = await owner.get<MembersBody>('GET', '/api/members?search=%25', { organization });
    assert.equal(percent.total, 0);
    assert.equal((await owner.ask('GET', '/api/members?after=nonsense', { organization })).status, 422);
  });
});
