/** Many seats at once make one invoice; more than the guard lets through waits for an owner. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, type Product, product } from './product.ts';

const invoiced = { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete' } as const;

async function invoices({ stripe, subscription }: Product): Promise<number> {
  return (await stripe.invoices.list({ subscription, limit: 100 })).data.length;
}

/** As if the last of the burst had been asked for that long ago. */
async function quiet({ pool, organization }: Product, ms: number): Promise<void> {
  await pool.query(
    `update seatbelt.seat_changes set requested_at = requested_at - $2::bigint * interval '1 millisecond'
      where organization_id = $1 and ended_at is null`,
    [organization, ms],
  );
  await pool.query(`update seatbelt.accounts set version = version + 1, due_at = now() where organization_id = $1`, [
    organization,
  ]);
}

const settling = { increase: invoiced, settleMs: 60_000, maxWaitMs: 300_000 } as const;

test('200 invites make one change of the bill and one invoice', async () => {
  await using shop = await product({ seats: 10, used: 10, link: { terms: settling }, demo: { daysAgo: 10 } });
  const before = await invoices(shop);
  const invites = Array.from({ length: 200 }, (_, index) =>
    shop.seatbelt.add(shop.organization, 1, { holders: [`invited ${index}`], reserve: true, waitMs: 0 }),
  );
  for (const { status } of await Promise.all(invites)) assert.equal(status, 'requested');
  assert.deepEqual(shop.stripeWrites(), [], 'it settles first');
  await quiet(shop, 61_000);
  await eventually(
    'all of it',
    shop.seatbelt,
    async () => (await shop.seatbelt.seats(shop.organization)).settledSeats === 210,
  );
  assert.equal(shop.stripeWrites().length, 1);
  assert.equal(await invoices(shop), before + 1);
  assert.equal((await shop.seatbelt.seats(shop.organization)).reservedSeats, 200);
});

test('a burst that does not end is told to Stripe at its longest wait', async () => {
  await using shop = await product({ seats: 10, used: 10, link: { terms: settling } });
  await shop.seatbelt.add(shop.organization, 1, { waitMs: 0 });
  await quiet(shop, 301_000);
  await shop.seatbelt.add(shop.organization, 1);
  assert.equal(shop.stripeQuantity(), 12);
});

test('an owner who sets the number does not wait, and takes what settles along', async () => {
  await using shop = await product({ seats: 10, used: 10, link: { terms: settling } });
  await shop.seatbelt.add(shop.organization, 2, { waitMs: 0 });
  assert.equal((await shop.seatbelt.set(shop.organization, 15)).status, 'applied');
  assert.equal(shop.stripeWrites().length, 1);
});

test('what settles is told before the period ends, and by flush before a plan change', async () => {
  await using shop = await product({
    seats: 10,
    used: 10,
    link: { terms: settling },
    demo: { interval: 'week', daysAgo: 7 - 0.5 / 24 },
  });
  assert.equal((await shop.seatbelt.add(shop.organization, 2)).status, 'applied', 'the period is about to end');
  await using later = await product({ seats: 10, used: 10, link: { terms: settling } });
  await later.seatbelt.add(later.organization, 2, { waitMs: 0 });
  await later.seatbelt.flush(later.organization);
  assert.equal(later.stripeQuantity(), 12);
});

const guarded = { guard: { seatsPerDay: 5 } } as const;

test('more seats than a day allows wait for an owner, hold nothing, and come with the approval', async () => {
  await using shop = await product({ seats: 10, used: 8, link: { terms: guarded } });
  assert.equal((await shop.seatbelt.add(shop.organization, 6)).status, 'applied', '4 of them are bought');
  const big = await shop.seatbelt.add(shop.organization, 3, { holders: ['ada', 'ben', 'cy'] });
  assert.equal(big.status, 'awaiting_approval');
  assert.deepEqual([big.usedSeats, big.purchasedSeats], [14, 14]);
  const small = await shop.seatbelt.add(shop.organization, 1);
  assert.equal(small.status, 'applied', 'what the guard lets through goes on meanwhile');
  const { awaitingApproval } = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual(
    awaitingApproval.map(({ id }) => id),
    [big.change?.id],
  );
  const approved = await shop.seatbelt.approve(shop.organization, big.change?.id ?? '', { actor: 'olga' });
  assert.deepEqual([approved.status, approved.usedSeats, approved.purchasedSeats], ['applied', 18, 18]);
  assert.equal(shop.stripeQuantity(), 18);
  const written = await shop.seatbelt.change(shop.organization, big.change?.id ?? '');
  assert.deepEqual(
    [written?.change.seatsBefore, written?.change.seatsAfter],
    [15, 18],
    'three were bought, of fifteen',
  );
  assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
  const again = await shop.seatbelt.approve(shop.organization, big.change?.id ?? '', { actor: 'olga' });
  assert.deepEqual(
    [again.status, shop.stripeQuantity()],
    ['applied', 18],
    'whoever lost the answer hears it, and twice is once',
  );
  await assert.rejects(shop.seatbelt.approve(shop.organization, small.change?.id ?? ''), {
    code: 'not_awaiting_approval',
  });
});

for (const { verdict, status, code } of [
  { verdict: 'approve', status: 'applied', code: undefined },
  { verdict: 'decline', status: 'rolled_back', code: 'approval_declined' },
  { verdict: 'cancel', status: 'rolled_back', code: 'canceled' },
] as const) {
  test(`${verdict} said in two processes at once is one, and both hear what came of it`, async () => {
    await using shop = await product({ seats: 10, used: 10, link: { terms: guarded } });
    const { change } = await shop.seatbelt.set(shop.organization, 20);
    const other = shop.another();
    await other.seats(shop.organization);
    // Both have read that it is open before either can write.
    const client = await shop.pool.connect();
    await client.query('begin');
    await client.query('select 1 from seatbelt.accounts for update');
    const said = [shop.seatbelt, other].map((seatbelt) => seatbelt[verdict](shop.organization, change?.id ?? ''));
    for (let waiting = 0; waiting < 2; ) {
      const { rows } = await shop.pool.query(
        `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      waiting = rows[0].waiting;
    }
    await client.query('commit');
    client.release();
    for (const answer of await Promise.all(said)) assert.deepEqual([answer.status, answer.code], [status, code]);
    assert.equal(shop.stripeQuantity(), verdict === 'approve' ? 20 : 10);
  });
}

test('declined, and forgotten for a week: it ends, and nothing was ever asked of Stripe', async () => {
  await using shop = await product({ seats: 10, used: 10, link: { terms: guarded } });
  const one = await shop.seatbelt.set(shop.organization, 50);
  const declined = await shop.seatbelt.decline(shop.organization, one.change?.id ?? '', { reason: 'not this month' });
  assert.deepEqual([declined.status, declined.code], ['rolled_back', 'approval_declined']);
  const two = await shop.seatbelt.set(shop.organization, 60);
  await shop.pool.query(`update seatbelt.seat_changes set waits_until = now() where status = 'awaiting_approval'`);
  await shop.pool.query(`update seatbelt.accounts set version = version + 1, due_at = now()`);
  await shop.seatbelt.tick();
  const ended = await shop.seatbelt.change(shop.organization, two.change?.id ?? '');
  assert.equal(ended?.change.code, 'approval_expired');
  assert.deepEqual(shop.stripeWrites(), []);
});

test('an approval is checked by the rules of its own moment', async () => {
  await using shop = await product({ seats: 10, used: 10, link: { terms: guarded } });
  const { change } = await shop.seatbelt.set(shop.organization, 50);
  await shop.seatbelt.changeTerms(shop.organization, { maximumSeats: 40 });
  const approved = await shop.seatbelt.approve(shop.organization, change?.id ?? '');
  assert.deepEqual([approved.status, approved.code], ['rolled_back', 'above_maximum']);
});

for (const priceModel of ['per_unit', 'graduated'] as const) {
  test(`a bound in money asks Stripe what it costs: ${priceModel}`, async () => {
    await using shop = await product({
      seats: 10,
      used: 10,
      link: { terms: { guard: { amountPerDay: 3_000 } } },
      demo: { priceModel },
    });
    assert.equal((await shop.seatbelt.add(shop.organization, 2)).status, 'applied');
    assert.equal((await shop.seatbelt.add(shop.organization, 2)).status, 'awaiting_approval');
    assert.equal((await shop.seatbelt.add(shop.organization, 1)).status, 'applied');
    assert.equal(shop.stripeQuantity(), 13);
  });
}

test('many purchases at once are each priced from the count that is there, so the bound in money is met exactly', async () => {
  await using shop = await product({
    seats: 10,
    used: 10,
    link: { terms: { guard: { amountPerDay: 7_000 } } },
  });
  const other = shop.another();
  const asked = Array.from({ length: 12 }, (_, index) =>
    (index % 2 === 0 ? shop.seatbelt : other).add(shop.organization, 1, { waitMs: 20_000 }),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  // Each seat is 1,000 a month.
  assert.deepEqual(
    [
      statuses.filter((status) => status === 'applied').length,
      statuses.filter((status) => status === 'awaiting_approval').length,
    ],
    [7, 5],
    String(statuses),
  );
  assert.equal(shop.stripeQuantity(), 17);
});

test('what a day allows slides: whatever was bought within any 24 hours is within the bound', async () => {
  await using shop = await product({ seats: 10, used: 10, link: { terms: guarded } });
  const hoursLater = (hours: number) =>
    shop.pool.query(
      `update seatbelt.accounts set version = version + 1,
              spent = jsonb_set(spent, '{slots}', (select jsonb_agg(jsonb_set(slot, '{at}', to_jsonb((slot->>'at')::bigint - $1::bigint * 3600000)))
                                                     from jsonb_array_elements(spent->'slots') as slot))`,
      [hours],
    );
  const status = async (seats: number) => (await shop.seatbelt.add(shop.organization, seats)).status;
  assert.equal(await status(1), 'applied');
  await hoursLater(23);
  assert.equal(await status(4), 'applied');
  await hoursLater(2);
  // The first one is 25 hours old; the four are of the last two hours.
  assert.equal(await status(2), 'awaiting_approval');
  assert.equal(await status(1), 'applied');
  await hoursLater(23);
  assert.equal(await status(4), 'applied');
});

test('what settles behind a purchase that nobody has paid takes its place when it has settled, and not at the next look', async () => {
  const paidFirst = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;
  await using shop = await product({
    seats: 10,
    used: 10,
    link: { terms: { increase: paidFirst, settleMs: 60_000, maxWaitMs: 300_000 } },
  });
  shop.sim.admin.breakCard(String((await shop.stripe.subscriptions.retrieve(shop.subscription)).customer));
  const first = await shop.seatbelt.set(shop.organization, 12);
  assert.equal(first.status, 'awaiting_payment');
  // As if it had been open for hours, so that it is looked at only every ten minutes.
  await shop.pool.query(
    `update seatbelt.accounts set version = version + 1, push = push || jsonb_build_object(
        'intendedAt', (push->>'intendedAt')::bigint - 10800000, 'nextAt', (extract(epoch from now()) * 1000)::bigint + 600000)`,
  );
  await shop.seatbelt.add(shop.organization, 3, { waitMs: 0 });
  const { account } = await shop.seatbelt.inspect(shop.organization);
  const dueInMs = (account.dueAt ?? Number.POSITIVE_INFINITY) - Date.now();
  assert.ok(dueInMs < 61_000, `somebody comes in ${dueInMs} ms`);
  await quiet(shop, 61_000);
  await shop.seatbelt.tick();
  const { rows } = await shop.pool.query(`select outcome from seatbelt.pushes where outcome is not null`);
  assert.deepEqual(rows, [{ outcome: 'superseded' }]);
  const { pending } = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([pending?.push?.state, pending?.push?.targetSeats], ['awaiting_payment', 13]);
});
