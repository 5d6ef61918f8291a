import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { product } from '../../engine/test/product.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';
import { changedElsewhere, doubtful, held } from './states.ts';

interface Explained {
  status: string;
  stripe: { known: boolean; quantity?: number; reason?: string };
  explanation: {
    headline: string;
    whatIsTrue: string[];
    whatIsOpen: string[];
    whatHappensNext: string[];
    whatYouCanDo: string[];
    needsPerson: boolean;
  };
}

/** The whole explanation as one text, beside its parts. */
async function explained(env: Parameters<typeof seatbelt>[0], ...more: string[]) {
  const ended = await seatbelt(env, 'explain', 'org_test', '--json', ...more);
  const body = jsonOf<Explained>(ended);
  return { code: ended.code, ...body, ...body.explanation };
}

describe('seatbelt explain', () => {
  test('at rest: both sides with their numbers, that they agree, and nothing to do', async () => {
    await using p = await product();
    const text = await seatbelt(environmentOf(p), 'explain', 'org_test');
    assert.deepEqual([text.code, text.err], [0, '']);
    assert.equal(
      text.out,
      `org_test: at rest, and both sides agree.

What is true
  - The database shows 10 seats, all of them confirmed by Stripe; 7 in use (7 assigned, 0 reserved) and 3 available.
  - Stripe bills quantity 10 on ${p.subscription}, which is active (item ${p.item}, read just now).
  - They agree.

What happens next
  - Nothing is due.
`,
    );
  });

  test('a decrease for the end of the period: until when the seats stay, when Stripe is told, and how to take it back', async () => {
    await using p = await product({ seats: 10, used: 4, link: { terms: { decrease: { when: 'period_end' } } } });
    const { change } = await p.seatbelt.set('org_test', 6, { actor: 'olga' });
    const said = await explained(environmentOf(p));
    assert.equal(said.headline, 'org_test: at rest, and both sides agree. A decrease is scheduled.');
    assert.match(
      said.whatIsOpen.join('\n'),
      /A decrease to 6 seats, asked for by olga at .* is scheduled for the end of the paid period, at 20.* \(in \d+ days\); until then all 10 stay\./,
    );
    assert.match(
      said.whatHappensNext.join('\n'),
      /About an hour before, at 20.*, Stripe is read, and told the 6 seats/,
    );
    const [deed] = said.whatYouCanDo;
    assert.equal(deed, `Take the scheduled decrease back: seatbelt cancel org_test ${change?.id} --reason "…"`);
    // The command that it names does what it says.
    const words = (deed ?? '').split('seatbelt ')[1]?.replace('"…"', 'thought-better').split(' ') ?? [];
    assert.equal((await seatbelt(environmentOf(p), ...words)).code, 0);
    assert.deepEqual((await explained(environmentOf(p))).whatIsOpen, []);
  });

  test('a scheduled decrease of an organization that is paused is said to wait for that', async () => {
    await using p = await product({ seats: 10, used: 4, link: { terms: { decrease: { when: 'period_end' } } } });
    await p.seatbelt.set('org_test', 6);
    await p.seatbelt.pause('org_test', { reason: 'closing the books' });
    const { whatHappensNext } = await explained(environmentOf(p));
    assert.match(whatHappensNext.join('\n'), /The decrease to 6 seats is not made while that lasts/);
  });

  test('a purchase above the guard: who asked, that it holds nothing, when it lapses, and both answers', async () => {
    await using p = await product({ seats: 10, used: 4, link: { terms: { guard: { seatsPerDay: 1 } } } });
    const { change } = await p.seatbelt.set('org_test', 15, { actor: 'ben' });
    const said = await explained(environmentOf(p));
    assert.match(said.headline, /1 purchase waits for an owner's approval/i);
    assert.match(
      said.whatIsOpen.join('\n'),
      /A purchase \(5 seats more, 15 in all .*\), asked for by ben .* above the guard .* holds nothing, and lapses at 20.* \(in 6 days\)\./,
    );
    assert.match(said.whatHappensNext.join('\n'), /Unanswered, it is rolled back at 20.* nothing was bought/);
    assert.deepEqual(said.whatYouCanDo.slice(0, 2), [
      `Approve it in the name of an owner: seatbelt approve org_test ${change?.id} --reason "…"`,
      `Or say no: seatbelt approve org_test ${change?.id} --decline --reason "…"`,
    ]);
  });

  test('a burst that settles: until when, and that it goes together then', async () => {
    const terms = { settleMs: 600_000, maxWaitMs: 1_200_000 };
    await using p = await product({ seats: 10, used: 10, link: { terms } });
    for (let seat = 0; seat < 2; seat += 1) await p.seatbelt.add('org_test', 1, { waitMs: 0 });
    const said = await explained(environmentOf(p));
    assert.match(
      said.whatIsOpen.join('\n'),
      /2 accepted changes \(add\) wait .*\nThey settle until 20.* \(in 9 minutes\)/,
    );
    assert.match(said.whatHappensNext[0] ?? '', /sent to Stripe together, at 20.* \(in 9 minutes\)\./);
  });

  test('a used-up quota: what is used of it, and from when on Stripe is asked again', async () => {
    const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete' } as const;
    await using p = await product({ seats: 10, used: 4, link: { terms: { increase } } });
    for (let seats = 11; seats <= 19; seats += 1) await p.seatbelt.set('org_test', seats);
    // As if they had been within the last seconds of a day, so that the wait is long enough for a slow machine.
    await p.pool.query(
      `update seatbelt.accounts set version = version + 1, quota_used = jsonb_set(quota_used, '{invoices}',
         (select jsonb_agg(at) from jsonb_array_elements(quota_used->'invoices') as at, generate_series(1, 2)))`,
    );
    await p.seatbelt.set('org_test', 25, { waitMs: 0 });
    const said = await explained(environmentOf(p));
    assert.match(
      said.whatIsOpen.join('\n'),
      /Stripe's quota of this subscription \(9 quantity updates .*, 18 invoices in the last day\) until 20/,
    );
    assert.match(said.whatHappensNext[0] ?? '', /sent to Stripe together, at 20.* \(in 23 hours\)\./);
  });

  test('in doubt, and Stripe shows the old quantity: it may not have run, and the same key is used again', async () => {
    await using p = await product();
    await using _ = await doubtful(p, 'drop_before');
    const said = await explained(environmentOf(p));
    assert.equal(said.code, 0);
    assert.match(said.headline, /^org_test: a change has been in doubt for /);
    assert.match(said.whatIsTrue[0] ?? '', /12 seats, while 10 are confirmed by Stripe; 7 in use .* 3 available/);
    assert.match(said.whatIsTrue[2] ?? '', /from before the open change, which asks for 12\. It may not have run/);
    assert.match(said.whatIsOpen[0] ?? '', /Stripe was asked for quantity 12 instead of 10, since 20.* for 1 change\./);
    assert.match(said.whatIsOpen[1] ?? '', /Nobody knows what Stripe did.*the connection broke before an answer came/);
    assert.match(said.whatHappensNext[0] ?? '', /the same request goes to Stripe under the same key/);
    // The key was first used a moment ago, and is not replayed after 23 hours.
    assert.match(said.whatHappensNext[1] ?? '', /Should there be none by 20.* \(in 22 hours\), Stripe is only read/);
    assert.deepEqual(said.whatYouCanDo, ['Start a worker: seatbelt worker']);
  });

  test('in doubt, and Stripe shows the asked quantity: Stripe has it', async () => {
    await using p = await product();
    await using _ = await doubtful(p, 'drop_after');
    const said = await explained(environmentOf(p));
    assert.equal(said.stripe.quantity, 12);
    assert.match(said.whatIsTrue[2] ?? '', /what the open change asked for \(12\), so Stripe has it/);
    assert.equal(said.needsPerson, false);
  });

  test('in doubt, and Stripe is down: its side is unknown, and why', async () => {
    await using p = await product();
    await using _ = await doubtful(p);
    p.sim.faults.outage(true);
    const said = await explained(environmentOf(p));
    assert.equal(said.stripe.known, false);
    assert.match(
      said.whatIsTrue[1] ?? '',
      /^What Stripe shows is unknown, because it could not be read just now: .+\.$/,
    );
  });

  test('differing: it says so before the engine has looked, changes nothing, and with --look the account is held', async () => {
    await using p = await product();
    changedElsewhere(p, 15);
    const found = await explained(environmentOf(p));
    assert.equal(found.code, 1);
    assert.equal(found.status, 'active');
    assert.match(found.headline, /Stripe and the database differ, and no change of ours is open/);
    assert.match(found.whatIsTrue.join(' '), /Stripe bills quantity 15 .*They differ: 10 confirmed seats would be/);
    assert.deepEqual(found.whatYouCanDo, ['Have the difference recorded now: seatbelt explain org_test --look']);
    assert.equal((await p.seatbelt.inspect('org_test')).account.hold, null);

    const looked = await explained(environmentOf(p), '--look');
    assert.equal(looked.code, 1);
    assert.equal(looked.status, 'held');
    assert.equal((await p.seatbelt.inspect('org_test')).account.hold?.observedQuantity, 15);
  });

  test('held: since when, why, and both ways out of it', async () => {
    await using p = await product();
    await held(p, 15);
    const said = await explained(environmentOf(p));
    assert.equal(said.code, 1);
    assert.match(said.headline, /is held/);
    assert.match(said.whatIsOpen[0] ?? '', /held since 20.*: Stripe shows quantity 15, but 10 was agreed on/);
    assert.match(
      said.whatHappensNext.join(' '),
      /increases are refused \(drift_unresolved\).*read again at 20.*in 59 minutes/,
    );
    assert.match(
      said.whatYouCanDo[0] ?? '',
      /quantity 15\): seatbelt resolve org_test --in-favour-of stripe --seen 15,10 --reason/,
    );
    assert.match(
      said.whatYouCanDo[1] ?? '',
      /what was agreed on \(quantity 10\): seatbelt resolve org_test --in-favour-of database --seen 15,10 --reason/,
    );
  });

  test('over capacity: by how many, and that nobody is thrown out', async () => {
    await using p = await product({ seats: 5, used: 7 });
    const said = await explained(environmentOf(p));
    assert.equal(said.code, 1);
    assert.equal(said.headline, 'org_test is over capacity by 2 seats.');
    assert.match(said.whatIsTrue.join(' '), /2 seats more than confirmed are in use\. Nobody is thrown out/);
    assert.deepEqual(said.whatYouCanDo, ['Free 2 of the seats in use, or buy 2 more.']);
  });

  test('paused: why, and how it goes on, for one and for all', async () => {
    await using p = await product();
    await p.seatbelt.pause('org_test', { reason: 'moving to another price' });
    await p.seatbelt.pause(null, { reason: 'audit week' });
    const said = await explained(environmentOf(p));
    assert.equal(said.headline, 'org_test is paused.');
    assert.deepEqual(said.whatIsOpen, [
      'Writes to Stripe are paused here: moving to another price',
      'Writes to Stripe are paused for all organizations: audit week',
    ]);
    assert.match(said.whatHappensNext[0] ?? '', /Nothing is written to Stripe until somebody resumes it/);
    assert.deepEqual(said.whatYouCanDo, [
      'Let writes go on: seatbelt resume org_test',
      'Let writes go on everywhere: seatbelt resume',
    ]);
  });

  test('paused with a decrease that waits: the two sides agree on what is confirmed, and not on what is still to be told', async () => {
    await using p = await product({ seats: 10, used: 2 });
    await p.seatbelt.pause('org_test', { reason: 'test' });
    await p.seatbelt.set('org_test', 8, { waitMs: 0 });
    const said = await explained(environmentOf(p));
    const text = said.whatIsTrue.join(' ');
    assert.match(text, /They agree on the 10 confirmed seats; Stripe is still to be asked for 8\./);
    assert.doesNotMatch(text, /They agree\./);
  });

  test('paused with a change in doubt: the request is not sent again meanwhile', async () => {
    await using p = await product();
    await using _ = await doubtful(p);
    await p.another().pause('org_test', { reason: 'test' });
    const said = await explained(environmentOf(p));
    assert.match(said.whatHappensNext.join(' '), /The request is not sent \(again\) while it is paused/);
  });

  test('rolled back: what was tried, by whom, why not, and that nothing of it is left', async () => {
    await using p = await product();
    p.sim.faults.add({ kind: 'card_decline_402', match: { method: 'POST' } });
    const answer = await p.seatbelt.set('org_test', 12, { actor: 'user_1' });
    assert.equal(answer.status, 'rolled_back');
    const said = await explained(environmentOf(p));
    assert.equal(said.code, 0);
    assert.match(said.headline, /at rest, and both sides agree/);
    assert.match(
      said.whatIsTrue.at(-1) ?? '',
      /^The last change \(set 12, by user_1\) was rolled back at 20.* \(generic_decline\)\. Your card was declined\. Nothing of it/,
    );
  });

  test('committed in a transaction of the host and sent by nobody yet: it is due, and a worker is wanted', async () => {
    await using p = await product();
    const client = await p.pool.connect();
    await client.query('begin');
    await p.seatbelt.set('org_test', 12, { db: client });
    await client.query('commit');
    client.release();
    const said = await explained(environmentOf(p));
    assert.match(said.whatIsOpen.join(' '), /Stripe is to be asked for quantity 12 instead of 10.*it was not sent yet/);
    assert.match(
      said.whatHappensNext.join(' '),
      /The request goes to Stripe at once \(it is due now\)\..*no worker was ever/,
    );
    assert.deepEqual(said.whatYouCanDo, ['Start a worker: seatbelt worker']);
    assert.equal(p.stripeWrites().length, 0, 'explaining sends nothing');
  });

  test('awaiting payment: where the customer pays, and what becomes of it', async () => {
    const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;
    await using p = await product({ link: { terms: { increase } } });
    const { customer } = await p.stripe.subscriptions.retrieve(p.subscription);
    p.sim.admin.breakCard(String(customer));
    const answer = await p.seatbelt.set('org_test', 12);
    assert.equal(answer.status, 'awaiting_payment');
    const said = await explained(environmentOf(p));
    assert.equal(said.headline, 'org_test: a change waits for a payment.');
    assert.match(said.whatIsOpen.join(' '), /Stripe will change to quantity 12 instead of 10.* once a payment is made/);
    assert.ok(said.whatIsOpen.join(' ').includes(`The customer pays at ${answer.paymentUrl}.`));
    assert.match(said.whatHappensNext.join(' '), /Paid: the change is applied\. Void: it is rolled back\./);
  });

  test('without a key Stripe’s side is unknown because there is none; the key that is refused is told too', async () => {
    await using p = await product();
    const noKey = await explained({ DATABASE_URL: p.databaseUrl });
    assert.equal(noKey.code, 0);
    assert.deepEqual(noKey.stripe, { known: false, reason: 'STRIPE_SECRET_KEY is not set' });
    assert.match(noKey.headline, /at rest as far as the database knows; Stripe could not be read/);
    p.sim.admin.revokeKey('sk_test_engine');
    const revoked = await explained(environmentOf(p));
    assert.match(revoked.whatIsTrue[1] ?? '', /unknown, because .*401/);
  });

  test('ended and without a subscription: how to link it', async () => {
    await using p = await product();
    await p.seatbelt.link('org_free', { subscription: null });
    const free = await seatbelt(environmentOf(p), 'explain', 'org_free');
    assert.match(free.out, /^org_free has no Stripe subscription yet\.\n/);
    assert.match(free.out, /seatbelt link org_free --subscription sub_…/);
    await p.stripe.subscriptions.cancel(p.subscription);
    const ended = await explained(environmentOf(p), '--look');
    assert.equal(ended.headline, 'org_test: the Stripe subscription has ended; no seats are available.');
    assert.match(ended.whatYouCanDo[0] ?? '', /seatbelt link org_test --subscription/);
  });

  test('terms with included seats: the two numbers agree although they are not one', async () => {
    await using p = await product({ seats: 10, link: { terms: { includedSeats: 3 }, seats: 13 } });
    const said = await explained(environmentOf(p));
    assert.equal(said.code, 0);
    assert.match(said.whatIsTrue.join(' '), /They agree: under the terms 13 seats are billed as quantity 10\./);
  });

  test('an organization that nobody knows is a usage error', async () => {
    await using p = await product();
    const ended = await seatbelt(environmentOf(p), 'explain', 'org_none', '--json');
    assert.deepEqual([ended.code, ended.out, errorOf(ended).code], [2, '', 'unknown_organization']);
  });
});
