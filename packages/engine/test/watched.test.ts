import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert, HealthBody } from '../src/index.ts';
import { verifyInstallationChain } from '../src/store/installation-audit.ts';
import { readOpenIncidents } from '../src/store/installation-incidents.ts';
import { judge } from '../src/watch/judge.ts';
import { type Product, product } from './product.ts';

/** As if everything that duties have told had been told that much earlier. */
async function moveDuties(shop: Product, ms: number): Promise<void> {
  await shop.pool.query(
    `update seatbelt.duties set last_success_at = last_success_at - $1 * interval '1 millisecond',
            expected_since = expected_since - $1 * interval '1 millisecond', expected_at = expected_at - $1 * interval '1 millisecond'`,
    [ms],
  );
}

/** A process that has not looked yet, with the alerts that it tells. */
function somebody(shop: Product, told: Alert[]) {
  return shop.another({ onAlert: (alert) => void told.push(alert) });
}

function wordsOf({ status, database }: HealthBody): string[] {
  return [status, database];
}

const executor = ({ pool }: Product) => ({
  executeSql: async (text: string, values: readonly unknown[]) => {
    const { rows, rowCount } = await pool.query(text, [...values]);
    return { rows, rowCount: rowCount ?? 0 };
  },
});

describe('the healer is watched', { concurrency: 2 }, () => {
  test('a worker that has died is found by a request of another process, told once, in the trail, and closed by the next round', async () => {
    await using shop = await product();
    await shop.seatbelt.tick();
    await moveDuties(shop, 10 * 60_000);

    const told: Alert[] = [];
    const others = [somebody(shop, told), somebody(shop, told), somebody(shop, told)];
    await Promise.all(others.map((other) => other.seats(shop.organization)));
    await Promise.all(others.map((other) => other.close()));
    const [incident, ...more] = await readOpenIncidents(executor(shop));
    assert.equal(incident?.duty, 'tick');
    assert.equal(more.length, 0);
    assert.equal(new Set(told.map(({ eventId }) => eventId)).size, 1, 'one event, whoever tells it');
    assert.match(told[0]?.message ?? '', /No worker has finished a round since/);

    const later: Alert[] = [];
    await somebody(shop, later).tick();
    assert.deepEqual(await readOpenIncidents(executor(shop)), []);
    assert.deepEqual(
      later.map(({ level, fingerprint }) => [level, fingerprint]),
      [
        ['error', `seatbelt:${incident?.id}`],
        ['info', `seatbelt:${incident?.id}`],
      ],
    );
    await somebody(shop, later).tick();
    assert.equal(later.length, 2, 'what was told is not told again');

    const { rows } = await shop.pool.query('select entry from seatbelt.installation_audit order by sequence');
    assert.deepEqual(
      rows.map(({ entry }) => JSON.parse(entry).kind),
      ['incident_opened', 'incident_closed'],
    );
    assert.deepEqual(await verifyInstallationChain(executor(shop)), { entries: 2, broken: null });
    await assert.rejects(shop.pool.query('delete from seatbelt.installation_audit'), /append-only/);
  });

  test('an altered entry of the trail shows', async () => {
    await using shop = await product();
    await shop.seatbelt.tick();
    await moveDuties(shop, 10 * 60_000);
    await somebody(shop, []).health();
    await shop.pool.query(
      `set session_replication_role = replica; update seatbelt.installation_audit set entry = replace(entry, 'No worker', 'A worker'); set session_replication_role = origin`,
    );
    assert.deepEqual(await verifyInstallationChain(executor(shop)), {
      entries: 0,
      broken: { sequence: 1, why: 'the hash does not fit the text' },
    });
  });

  test('health says when each duty last succeeded, and a question for health alone finds the silent ones', async () => {
    await using shop = await product();
    await shop.seatbelt.tick();
    const well = await shop.seatbelt.health();
    assert.equal(well.worker, 'ok');
    assert.deepEqual(
      well.duties?.map(({ name, silent }) => [name, silent]),
      [
        ['events', false],
        ['sweep', false],
        ['worker', false],
      ],
    );
    assert.ok(Date.parse(well.duties?.find(({ name }) => name === 'worker')?.lastSuccessAt ?? '') > 0);

    await moveDuties(shop, 10 * 60_000);
    const told: Alert[] = [];
    const ill = await somebody(shop, told).health();
    assert.deepEqual([ill.status, ill.worker], ['degraded', 'silent']);
    assert.deepEqual(
      ill.duties?.filter(({ silent }) => silent).map(({ name }) => name),
      ['events', 'worker'],
    );
    // The events are late because the rounds are: one cause is told once.
    assert.equal(told.length, 1);
  });

  for (const [what, code] of [
    ['for want of room', 'disk_full'],
    ['because the server takes none', 'read_only_sql_transaction'],
  ] as const) {
    test(`health says that writes were refused ${what}, until one goes through`, async () => {
      await using shop = await product();
      await shop.seatbelt.tick();
      assert.deepEqual(wordsOf(await shop.seatbelt.health()), ['ok', 'ok']);
      // Stands in for the server's own refusal: where a commit needs a new page there is none, and reading goes on.
      await shop.pool.query(`create function refuse() returns trigger language plpgsql as $$
        begin raise exception 'refused' using errcode = '${code}'; end $$`);
      await shop.pool.query(
        `create trigger refuse before insert on seatbelt.audit for each row execute function refuse()`,
      );
      await assert.rejects(shop.seatbelt.set(shop.organization, 12));
      assert.deepEqual(wordsOf(await shop.seatbelt.health()), ['degraded', 'refuses_writes']);
      // What needs no room is written all the same, and proves nothing.
      await shop.seatbelt.tick();
      assert.deepEqual(wordsOf(await shop.seatbelt.health()), ['degraded', 'refuses_writes']);

      await shop.pool.query('drop trigger refuse on seatbelt.audit');
      await shop.seatbelt.set(shop.organization, 12);
      assert.deepEqual(wordsOf(await shop.seatbelt.health()), ['ok', 'ok']);
    });
  }

  test('a Sentry that does not answer keeps nobody who asks for health waiting', async () => {
    await using shop = await product();
    await shop.seatbelt.tick();
    await moveDuties(shop, 10 * 60_000);
    const sentry = { captureEvent: () => '', flush: () => new Promise<boolean>(() => undefined) };
    const began = performance.now();
    assert.equal((await shop.another({ sentry }).health()).worker, 'silent');
    assert.ok(performance.now() - began < 4_000, 'one try at Sentry takes five seconds');
  });

  test('a cursor that Stripe does not let through is silent while rounds go on', async () => {
    await using shop = await product();
    await shop.seatbelt.tick();
    await shop.pool.query(
      `update seatbelt.duties set last_success_at = last_success_at - interval '1 hour', expected_since = expected_since - interval '1 hour'
        where name = 'events'`,
    );
    await shop.pool.query(`update seatbelt.cursors set next_at = now() + interval '1 hour'`);
    const told: Alert[] = [];
    await somebody(shop, told).tick();
    assert.match(told[0]?.message ?? '', /list of events at Stripe has not been read since/);
    // Whoever turns it off does not hear of it for ever.
    await shop.pool.query(`update seatbelt.duties set expected_at = now() - interval '1 hour' where name = 'events'`);
    await somebody(shop, told).tick();
    const off: Alert[] = [];
    await shop.pool.query(`update seatbelt.duties set expected_at = now() - interval '1 hour' where name = 'events'`);
    await shop.another({ eventsEveryMs: 0, onAlert: (alert) => void off.push(alert) }).tick();
    assert.deepEqual(await readOpenIncidents(executor(shop)), []);
  });

  test('where nobody has ever begun a round, a change of seats makes it expected, and its silence is told', async () => {
    await using shop = await product();
    await shop.seatbelt.add(shop.organization, 1);
    await shop.seatbelt.health();
    assert.equal((await shop.seatbelt.health()).worker, 'unknown', 'it has ten minutes to begin');
    await moveDuties(shop, 11 * 60_000);
    const told: Alert[] = [];
    assert.equal((await somebody(shop, told).health()).worker, 'silent');
    assert.match(told[0]?.message ?? '', /and never before/);
  });

  test('who finds it may die before telling it: the next one tells', async () => {
    await using shop = await product();
    await shop.seatbelt.tick();
    await moveDuties(shop, 10 * 60_000);
    await somebody(shop, []).health();
    await shop.pool.query('update seatbelt.installation_incidents set alerted_at = null');
    const told: Alert[] = [];
    await somebody(shop, told).health();
    assert.equal(told.length, 1);
  });
});

test('what is late is judged by the round that would do it', () => {
  const duty = (name: string, quietForMs: number, expectedAgoMs = 0) => ({
    name,
    ageMs: quietForMs,
    lastSuccessAt: '2026-01-01T00:00:00.000Z',
    quietSince: '2026-01-01T00:00:00.000Z',
    quietForMs,
    expectedAgoMs,
    silentAfterMs: 60_000,
    incident: null,
  });
  const states = (...duties: ReturnType<typeof duty>[]) => judge(duties).map(({ state }) => state);
  assert.deepEqual(states(duty('sweep', 1), duty('tick', 60_000)), ['ok', 'ok']);
  assert.deepEqual(states(duty('sweep', 60_001), duty('tick', 60_001)), ['unjudged', 'silent']);
  assert.deepEqual(states(duty('sweep', 60_001), duty('tick', 1)), ['silent', 'ok']);
  assert.deepEqual(states(duty('sweep', 60_001, 120_001), duty('tick', 1)), ['not_expected', 'ok']);
  assert.deepEqual(states(duty('sweep', 60_001)), ['unjudged']);
});
