/** A process of another installation on this database, a preview deployment for instance, takes nothing from its owner. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Product, product, stripeClient } from './product.ts';
import { recordingAlerts } from './recording-alerts.ts';

const preview = (shop: Product) => shop.another({ environment: 'preview' });

/** Three seats more than there are, accepted in a transaction of the host's and told to nobody yet. */
async function purchaseThatWaits(shop: Product): Promise<void> {
  const client = await shop.pool.connect();
  try {
    await client.query('begin');
    await shop.seatbelt.add(shop.organization, 6, { db: client });
    await client.query('commit');
  } finally {
    client.release();
  }
}

function changedElsewhere({ sim, subscription, item }: Product, quantity: number): void {
  sim.admin.foreignQuantityChange({ subscription, item, quantity, by: 'dashboard' });
}

async function dueAt(shop: Product): Promise<Date | null> {
  const { rows } = await shop.pool.query('select due_at from seatbelt.accounts where organization_id = $1', [
    shop.organization,
  ]);
  return rows[0].due_at;
}

const reads = (shop: Product) => shop.sim.truth().requests.filter(({ method }) => method === 'GET').length;

describe('a process of another installation', { concurrency: 2 }, () => {
  test('leaves the purchase that waits to a round of the owner, whatever it does itself', async () => {
    await using shop = await product();
    await purchaseThatWaits(shop);
    const other = preview(shop);
    assert.equal((await other.seats(shop.organization)).status, 'paused');
    assert.equal((await other.tick()).accounts.claimed, 0);
    await other.advance(shop.organization);
    await other.release(shop.organization, 1);
    assert.equal(shop.stripeWrites().length, 0);
    assert.notEqual(await dueAt(shop), null, 'the owner comes for it');

    await shop.seatbelt.tick();
    assert.equal(shop.stripeQuantity(), 13);
    const { purchasedSeats, usedSeats, status } = await shop.seatbelt.seats(shop.organization);
    assert.deepEqual([purchasedSeats, usedSeats, status], [13, 12, 'active']);
  });

  test('leaves an account to the process that is at it', async () => {
    await using shop = await product();
    const taken = `update seatbelt.accounts set lease_owner = gen_random_uuid(), lease_until = now() + interval '15 s'
                    returning lease_owner, lease_until`;
    const { rows } = await shop.pool.query(taken);
    const other = preview(shop);
    await other.changeTerms(shop.organization, { maximumSeats: 50 });
    await other.release(shop.organization, 1);
    assert.deepEqual((await shop.pool.query('select lease_owner, lease_until from seatbelt.accounts')).rows, rows);
  });

  test('leaves what it accepts itself to a round of the owner', async () => {
    await using shop = await product();
    const other = preview(shop);
    const fewer = await other.set(shop.organization, 8, { waitMs: 0 });
    assert.deepEqual([fewer.status, shop.stripeWrites().length], ['requested', 0]);
    await shop.seatbelt.tick();
    assert.equal(shop.stripeQuantity(), 8);
  });

  test('does not ask Stripe about this account with its own key, which may show another Stripe', async () => {
    await using shop = await product();
    const other = shop.another({ stripe: stripeClient(shop.sim.port, 'sk_live_engine') });
    await shop.seatbelt.mark(shop.organization);
    const before = reads(shop);
    await other.seats(shop.organization);
    await other.tick();
    await other.advance(shop.organization);
    assert.equal(reads(shop), before);
    assert.notEqual(await dueAt(shop), null);
    await shop.seatbelt.tick();
    assert.ok(reads(shop) > before, 'the owner looks');
    assert.equal(await dueAt(shop), null);
  });

  test('hears none of the host events, is no worker in the eyes of who watches, and tells no alert but its own', async () => {
    await using shop = await product();
    await using alerts = await recordingAlerts();
    const other = shop.another({ environment: 'preview', logger: alerts.logger, sentry: alerts.sentry });
    const heard: string[] = [];
    const heardElsewhere: string[] = [];
    other.on('*', ({ type }) => void heardElsewhere.push(type));
    await shop.seatbelt.add(shop.organization, 1);
    await shop.pool.query(
      `insert into seatbelt.incidents (organization_id, seat_type, id, kind, action, cause, message, opened_at)
       values ($1, 'seat', 'drift:test', 'drift', 'act', 'unknown', 'Stripe shows another quantity.', now())`,
      [shop.organization],
    );
    const succeeded = async () => (await shop.seatbelt.duties()).filter(({ lastSuccessAt }) => lastSuccessAt !== null);
    const report = await other.tick();
    await other.release(shop.organization, 1);
    await other.advance(shop.organization);
    assert.deepEqual([report.hostEvents.delivered, report.alerts.told], [0, 0]);
    assert.deepEqual(await succeeded(), []);
    await other.close();
    assert.deepEqual(heardElsewhere, []);
    assert.match(
      alerts.events.map(({ level, message }) => `${level}: ${message}`).join('\n'),
      /^error: Seatbelt: nothing is pushed .* belongs to the installation "test" \(test money\), and this process is "preview" \(test\)\.$/,
    );

    shop.seatbelt.on('*', ({ type }) => void heard.push(type));
    const own = await shop.seatbelt.tick();
    assert.ok(heard.length >= 2, `${heard}`);
    assert.equal(own.alerts.told, 1);
  });
});

describe('what a process of another installation is not for', { concurrency: 2 }, () => {
  test('linking, and an owner`s yes to a purchase: both are refused, and nothing is written', async () => {
    await using shop = await product({ link: { terms: { guard: { seatsPerDay: 1, amountPerDay: null } } } });
    const { change } = await shop.seatbelt.set(shop.organization, 20, { waitMs: 0 });
    assert.ok(change);
    const other = preview(shop);
    await assert.rejects(other.approve(shop.organization, change.id, { waitMs: 0 }), { code: 'paused' });
    assert.equal((await shop.seatbelt.change(shop.organization, change.id))?.change.status, 'awaiting_approval');
    const { subscription } = shop.sim.admin.createDemoSubscription({ quantity: 3 });
    await assert.rejects(
      other.link('org_new', { subscription: subscription.id }),
      /Nothing is linked here: .*"preview"/,
    );
    await assert.rejects(shop.seatbelt.seats('org_new'), { name: 'UnknownOrganization' });
  });

  test('telling of the end of a trouble: whoever was told of it hears that from a process of the owner', async () => {
    await using shop = await product({ used: 10, engine: { eventsEveryMs: 0, sweepEveryMs: 0 } });
    await using alerts = await recordingAlerts();
    await using others = await recordingAlerts();
    const owner = shop.another({ logger: alerts.logger, sentry: alerts.sentry });
    const other = shop.another({ environment: 'preview', logger: others.logger, sentry: others.sentry });
    changedElsewhere(shop, 8);
    await owner.mark(shop.organization);
    await owner.tick();
    const told = () => alerts.lines.filter(({ message }) => message.includes('2 more seats are in use'));
    assert.deepEqual(
      told().map(({ level }) => level),
      ['error', 'debug'],
    );
    await other.release(shop.organization, 4);
    await other.close();
    await owner.tick();
    assert.deepEqual(
      told()
        .map(({ level, message }) => `${level} ${message.split(':')[0]}`)
        .slice(2),
      ['debug Seatbelt', 'info Resolved'],
    );
    await alerts.event(({ message }) => /^Resolved: .*2 more seats are in use/.test(message ?? ''));
    assert.deepEqual(
      others.events
        .map(({ message }) => message)
        .filter((message) => !message?.includes('belongs to the installation')),
      [],
    );
  });

  test('finding a silent worker, whatever it is asked first', async () => {
    await using shop = await product();
    await shop.seatbelt.tick();
    await shop.pool.query(
      `update seatbelt.duties set last_success_at = last_success_at - interval '10 minutes',
              expected_since = expected_since - interval '10 minutes', expected_at = expected_at - interval '10 minutes'`,
    );
    const told: string[] = [];
    const other = shop.another({ environment: 'preview', onAlert: ({ message }) => void told.push(message) });
    await other.health();
    await other.close();
    assert.deepEqual(
      told.filter((message) => message.includes('No worker')),
      [],
    );
    const own: string[] = [];
    const owner = shop.another({ onAlert: ({ message }) => void own.push(message) });
    await owner.health();
    await owner.close();
    assert.equal(own.filter((message) => message.includes('No worker')).length, 1);
  });
});

describe('what is open and due at no time', { concurrency: 2 }, () => {
  const forget = (shop: Product) => shop.pool.query('update seatbelt.accounts set due_at = null');
  const quiet = { eventsEveryMs: 0, sweepEveryMs: 0 };
  const forgotten = async (shop: Product) => {
    await shop.pool.query(`delete from seatbelt.cursors where name = 'due at no time'`);
    return shop.seatbelt.tick();
  };

  test('is found by a round within a minute, carried out, and said in the log', async () => {
    await using alerts = await recordingAlerts();
    await using shop = await product({ engine: { ...quiet, logger: alerts.logger } });
    await shop.seatbelt.tick();
    await purchaseThatWaits(shop);
    await forget(shop);
    await shop.seatbelt.tick();
    assert.equal(shop.stripeWrites().length, 0, 'it was looked for just before');
    await forgotten(shop);
    await shop.seatbelt.tick();
    assert.equal(shop.stripeQuantity(), 13);
    const said = alerts.lines.filter(({ message }) => message.includes('due at no time'));
    assert.deepEqual(
      said.map(({ level, fields }) => [level, fields]),
      [['error', { woken: [{ organization: shop.organization, seatType: 'seat' }] }]],
    );
  });

  test('a held account is read again', async () => {
    await using shop = await product({ engine: quiet });
    changedElsewhere(shop, 12);
    await shop.seatbelt.mark(shop.organization);
    await shop.seatbelt.tick();
    assert.equal((await shop.seatbelt.seats(shop.organization)).status, 'held');
    await shop.pool.query(`update seatbelt.accounts set due_at = null, next_look_at = now() - interval '1 hour'`);
    changedElsewhere(shop, 10);
    await forgotten(shop);
    await shop.seatbelt.tick();
    assert.equal((await shop.seatbelt.seats(shop.organization)).status, 'active');
  });

  test('a decrease that waits for the period to end is woken as well', async () => {
    await using shop = await product({ engine: quiet, link: { terms: { decrease: { when: 'period_end' } } } });
    await shop.seatbelt.set(shop.organization, 8, { waitMs: 0 });
    const due = await dueAt(shop);
    assert.notEqual(due, null);
    await forget(shop);
    await forgotten(shop);
    await shop.seatbelt.tick();
    assert.deepEqual(await dueAt(shop), due);
  });

  for (const [why, sql] of [
    ['paused by itself', `update seatbelt.accounts set paused_reason = 'migration'`],
    ['paused with all', `update seatbelt.installation set paused_reason = 'migration'`],
    [
      'held',
      `update seatbelt.accounts set status = 'held', hold = '{"code":"drift","message":"Stripe shows another quantity.","cause":null,"observedQuantity":5,"since":0}'`,
    ],
  ] as const) {
    test(`is left alone where it is ${why}`, async () => {
      await using shop = await product({ engine: quiet });
      await purchaseThatWaits(shop);
      await forget(shop);
      await shop.pool.query(sql);
      await forgotten(shop);
      assert.equal(await dueAt(shop), null);
    });
  }

  test('nothing at rest is touched', async () => {
    await using shop = await product({ engine: quiet });
    await shop.seatbelt.add(shop.organization, 1);
    await forget(shop);
    const { rows } = await shop.pool.query('select version from seatbelt.accounts');
    await forgotten(shop);
    assert.deepEqual((await shop.pool.query('select version from seatbelt.accounts')).rows, rows);
    assert.equal(await dueAt(shop), null);
  });
});
