import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startTcpProxy } from '@seatbelt/dev/tcp-proxy';
import { privatePostgres } from '@seatbelt/dev/test-database';
import { DatabaseUnavailable, OutcomeUnknown, type SeatChangeBody, SeatRefused } from '../src/index.ts';
import { eventually, type Product, product } from './product.ts';
import { recordingAlerts } from './recording-alerts.ts';

/** The counts and what hangs on them, read from the tables and not from the engine. */
async function rowsOf({ pool, organization }: Product) {
  const { rows } = await pool.query(
    `select seat_count, settled_seats, assigned_seats, reserved_seats, anonymous_assigned, waiting_changes, push_state,
            (select count(*)::int from seatbelt.seats s where s.organization_id = a.organization_id) as named,
            (select count(*)::int from seatbelt.seat_changes c where c.organization_id = a.organization_id and ended_at is null) as open_changes
       from seatbelt.accounts a where organization_id = $1`,
    [organization],
  );
  return rows[0];
}

async function auditKinds({ pool, organization }: Product): Promise<string[]> {
  const { rows } = await pool.query(
    `select entry::json->>'kind' as kind from seatbelt.audit where organization_id = $1 order by sequence`,
    [organization],
  );
  return rows.map((row: { kind: string }) => row.kind);
}

describe('DB failure prevents Stripe call', () => {
  test('when the database refuses connections', async () => {
    await using shop = await product();
    const proxy = await startTcpProxy({ port: portOf(shop.databaseUrl) });
    const engine = shop.another({ db: through(shop.databaseUrl, proxy.port) });
    await engine.seats(shop.organization);
    proxy.set({ type: 'down' });
    await assert.rejects(engine.set(shop.organization, 12), (error: Error) => {
      assert.ok(error instanceof DatabaseUnavailable, String(error));
      assert.match(error.message, /Stripe was not called/);
      return true;
    });
    assert.deepEqual(shop.stripeWrites(), []);
    assert.equal((await rowsOf(shop)).seat_count, 10);
    await proxy.close();
  });

  test('when the database is read-only', async () => {
    await using shop = await product();
    await shop.pool.query(`alter database ${databaseName(shop.databaseUrl)} set default_transaction_read_only = on`);
    const engine = shop.another();
    await assert.rejects(engine.set(shop.organization, 12), (error: Error) => error instanceof DatabaseUnavailable);
    assert.deepEqual(shop.stripeWrites(), []);
    assert.equal((await rowsOf(shop)).seat_count, 10);
  });

  test('when it is out of connections', async () => {
    await using shop = await product();
    const name = databaseName(shop.databaseUrl);
    // Only a superuser still gets in, as when every slot is taken; the engine's own role is an ordinary one here.
    await shop.pool.query(`create role ordinary_${name} login password 'x'`);
    await shop.pool.query(`alter role ordinary_${name} connection limit 0`);
    const url = new URL(shop.databaseUrl);
    url.username = `ordinary_${name}`;
    url.password = 'x';
    const engine = shop.another({ db: url.href });
    await assert.rejects(engine.set(shop.organization, 12), (error: Error) => error instanceof DatabaseUnavailable);
    assert.deepEqual(shop.stripeWrites(), []);
    await engine.close();
    await shop.pool.query(`drop role ordinary_${name}`);
  });

  test('when the connection is cut before the intent arrives, it is written by a second try and only then sent', async () => {
    await using shop = await product();
    const proxy = await startTcpProxy({ port: portOf(shop.databaseUrl) });
    const engine = shop.another({ db: through(shop.databaseUrl, proxy.port) });
    await engine.seats(shop.organization);
    proxy.set({ type: 'lose_request', before: 'update seatbelt.accounts' });
    const answer = await engine.set(shop.organization, 12);
    assert.equal(proxy.struck, 1);
    assert.equal(answer.status, 'applied');
    assert.equal(shop.stripeQuantity(), 12);
    assert.equal(shop.stripeWrites().length, 1);
    await proxy.close();
  });

  test('a commit that succeeded unacknowledged is found and carried on', async () => {
    await using shop = await product();
    const proxy = await startTcpProxy({ port: portOf(shop.databaseUrl) });
    const engine = shop.another({ db: through(shop.databaseUrl, proxy.port) });
    await engine.seats(shop.organization);
    proxy.set({ type: 'lose_reply', after: 'update seatbelt.accounts' });
    const answer = await engine.set(shop.organization, 12, { idempotencyKey: 'once' });
    assert.equal(proxy.struck, 1);
    assert.equal(answer.status, 'applied');
    const { rows } = await shop.pool.query('select count(*)::int as n from seatbelt.seat_changes');
    assert.equal(rows[0].n, 1, 'one change, although its commit was never acknowledged');
    assert.equal(shop.stripeWrites().length, 1);
    await proxy.close();
  });

  test('a commit nobody hears of while the database stays away is told as outcome_unknown, and carried on later', async () => {
    await using shop = await product();
    const proxy = await startTcpProxy({ port: portOf(shop.databaseUrl) });
    const engine = shop.another({ db: through(shop.databaseUrl, proxy.port) });
    await engine.seats(shop.organization);
    proxy.set({ type: 'lose_reply', after: 'update seatbelt.accounts' });
    const struck = proxy.whenStruck(1).then(() => proxy.set({ type: 'down' }));
    const asked = engine.set(shop.organization, 12, { idempotencyKey: 'once' });
    await assert.rejects(asked, (error: Error) => {
      assert.ok(error instanceof OutcomeUnknown, String(error));
      return true;
    });
    await struck;
    assert.deepEqual(shop.stripeWrites(), [], 'nobody has sent it yet');

    // The intent is on disk; its lease runs out and whoever comes next carries it on.
    await expireLease(shop);
    await eventually('the change', shop.seatbelt, async () => (await rowsOf(shop)).settled_seats === 12);
    assert.equal(shop.stripeQuantity(), 12);
    const repeated = await shop.seatbelt.set(shop.organization, 12, { idempotencyKey: 'once' });
    assert.equal(repeated.status, 'applied');
    assert.equal(shop.stripeWrites().filter((write) => write.executed).length, 1);
    await proxy.close();
  });

  test('when the server is killed during the intent, nothing is sent without a committed intent', async () => {
    await using server = await privatePostgres();
    await using shop = await product({ engine: { db: server.url }, databaseUrl: () => server.url });
    await server.crash('immediate');
    await assert.rejects(shop.seatbelt.set(shop.organization, 12), (error: Error) => {
      assert.ok(error instanceof DatabaseUnavailable || error instanceof OutcomeUnknown, String(error));
      return true;
    });
    assert.deepEqual(shop.stripeWrites(), []);
    await server.restart();
    const seats = await shop.seatbelt.seats(shop.organization);
    assert.equal(seats.settledSeats, shop.stripeQuantity());
  });
});

describe('Stripe failure triggers DB rollback', () => {
  const refusals = [
    { kind: 'card_decline_402', code: /decline/ },
    { kind: 'requires_action_402', code: /./ },
    { kind: 'invalid_request_400', code: /./ },
    { kind: 'not_found_404', code: /./ },
    { kind: 'unauthorized_401', code: /./ },
    { kind: 'forbidden_403', code: /./ },
  ] as const;
  for (const { kind, code } of refusals) {
    test(`${kind}: count, reservations and history are as before, plus the audit of what happened`, async () => {
      await using shop = await product({ seats: 10, used: 10 });
      const before = await rowsOf(shop);
      shop.sim.faults.add({ kind, match: { method: 'POST', route: 'POST /v1/subscriptions/:id' } });

      const answer = await shop.seatbelt.add(shop.organization, 2, { holders: ['ada', 'grace'], reserve: true });
      assert.equal(answer.status, 'rolled_back');
      assert.equal(answer.success, false);
      assert.match(answer.code ?? '', code);
      assert.equal(answer.purchasedSeats, 10);
      assert.equal(answer.usedSeats, 10);

      assert.deepEqual(await rowsOf(shop), before);
      assert.equal(shop.stripeQuantity(), 10);
      const kinds = await auditKinds(shop);
      for (const kind of ['change_requested', 'push_intended', 'push_refused', 'change_rolled_back']) {
        assert.ok(kinds.includes(kind), `${kind} is in the trail: ${kinds.join()}`);
      }
      assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
      const { changes } = await shop.seatbelt.changes(shop.organization);
      assert.deepEqual(
        changes.map(({ status }) => status),
        ['rolled_back'],
      );
    });
  }

  test('`rolled_back` is said only after the commit of the rollback', async () => {
    await using shop = await product();
    shop.sim.faults.add({ kind: 'card_decline_402' });
    const answer = await shop.seatbelt.set(shop.organization, 12);
    assert.equal(answer.status, 'rolled_back');
    const { rows } = await shop.pool.query(`select status, ended_at from seatbelt.seat_changes where id = $1`, [
      answer.change?.id,
    ]);
    assert.equal(rows[0].status, 'rolled_back');
    assert.notEqual(rows[0].ended_at, null);
  });
});

describe('Rollback failures are logged and alerted', () => {
  test('Stripe refuses and the database is away: one fatal alert, and the rollback completes by itself', async () => {
    await using shop = await product();
    await using receiver = await recordingAlerts();
    const proxy = await startTcpProxy({ port: portOf(shop.databaseUrl) });
    const engine = shop.another({
      db: through(shop.databaseUrl, proxy.port),
      sentry: receiver.sentry,
      logger: receiver.logger,
    });
    await engine.seats(shop.organization);
    const held = shop.sim.faults.add({ kind: 'card_decline_402' });
    assert.ok(held);
    // The database goes away at the very moment Stripe has refused.
    const refused = shop.sim.waitFor((request) => request.status === 402, { timeoutMs: 10_000 });
    void refused.then(() => proxy.set({ type: 'down' }));
    const asked = engine.set(shop.organization, 12, { waitMs: 1_500 });

    const fatal = await receiver.event((event) => event.level === 'fatal');
    const answer = await asked;
    assert.equal(answer.status, 'rollback_pending');
    assert.equal(answer.success, null, 'nobody is told an end that is not written');
    const context = JSON.stringify(fatal);
    assert.match(context, /org_test/);
    assert.match(context, /"seatCountBefore":12/);
    assert.match(context, /"seatCountAfter":10/);
    assert.match(context, /req_/);
    assert.ok(receiver.lines.some((line) => /rollback could not be written/i.test(line.message)));
    assert.equal((await rowsOf(shop)).push_state, 'intended', 'the rollback is not written yet');

    proxy.set({ type: 'pass' });
    const resolved = await receiver.event((event) => event.level === 'info');
    assert.deepEqual(resolved.fingerprint, fatal.fingerprint);
    const after = await rowsOf(shop);
    assert.equal(after.seat_count, 10);
    assert.equal(after.push_state, null);
    assert.equal(shop.stripeQuantity(), 10);
    const { rows } = await shop.pool.query(
      `select kind, closed_at from seatbelt.incidents where kind = 'rollback_failed'`,
    );
    assert.equal(rows.length, 1);
    assert.notEqual(rows[0].closed_at, null, 'the incident closed itself');
    const fatals = receiver.events.filter((event) => event.level === 'fatal');
    assert.equal(new Set(fatals.map((event) => event.event_id)).size, 1, 'one incident is one alert');
    await engine.close();
    await proxy.close();
  });
});

describe('Successful flow unchanged', () => {
  test('add within capacity, past capacity, and remove answer with the same five facts', async () => {
    await using shop = await product({ seats: 10, used: 7 });
    const facts = ({ success, usedSeats, purchasedSeats, availableSeats, billingExpanded }: SeatChangeBody) => ({
      success,
      usedSeats,
      purchasedSeats,
      availableSeats,
      billingExpanded,
    });
    assert.deepEqual(facts(await shop.seatbelt.add(shop.organization, 2)), {
      success: true,
      usedSeats: 9,
      purchasedSeats: 10,
      availableSeats: 1,
      billingExpanded: false,
    });
    assert.deepEqual(facts(await shop.seatbelt.add(shop.organization, 3)), {
      success: true,
      usedSeats: 12,
      purchasedSeats: 12,
      availableSeats: 0,
      billingExpanded: true,
    });
    assert.deepEqual(facts(await shop.seatbelt.release(shop.organization, 4)), {
      success: true,
      usedSeats: 8,
      purchasedSeats: 12,
      availableSeats: 4,
      billingExpanded: false,
    });
    assert.equal(shop.stripeQuantity(), 12);
    assert.equal(shop.stripeWrites().length, 1);
  });

  test('the happy path costs one Stripe call and two commits', async () => {
    await using shop = await product();
    await shop.seatbelt.seats(shop.organization);
    const commits = async () => {
      const { rows } = await shop.pool.query(`select version from seatbelt.accounts where organization_id = $1`, [
        shop.organization,
      ]);
      return Number(rows[0].version);
    };
    const requestsBefore = shop.sim.truth().requests.length;
    const before = await commits();
    assert.equal((await shop.seatbelt.set(shop.organization, 12)).status, 'applied');
    assert.equal((await commits()) - before, 2);
    assert.equal(shop.sim.truth().requests.length - requestsBefore, 1);
  });

  test('a request turned down consumes no key and writes nothing', async () => {
    await using shop = await product({ seats: 10, used: 7 });
    const before = await rowsOf(shop);
    await assert.rejects(
      shop.seatbelt.set(shop.organization, 6, { idempotencyKey: 'k' }),
      (error: Error) => error instanceof SeatRefused && error.code === 'below_used',
    );
    assert.deepEqual(await rowsOf(shop), before);
    assert.equal((await shop.seatbelt.set(shop.organization, 8, { idempotencyKey: 'k' })).status, 'applied');
  });
});

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function databaseName(url: string): string {
  return new URL(url).pathname.slice(1);
}

function through(url: string, port: number): string {
  const proxied = new URL(url);
  proxied.port = String(port);
  return proxied.href;
}

/** As if fifteen seconds had passed since the claim: a test does not wait for what it can say. */
async function expireLease({ pool }: Product): Promise<void> {
  await pool.query(`
    update seatbelt.accounts
       set lease_until = now() - interval '1 second', due_at = now(),
           push = case when push is null then null else jsonb_set(push, '{nextAt}', to_jsonb((extract(epoch from now()) * 1000)::bigint)) end`);
}
