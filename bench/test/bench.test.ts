import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { pgbenchVersion } from '../src/lib/pgbench.ts';
import { page } from '../src/page.ts';
import { benchNames, type Results } from '../src/results.ts';
import { run } from '../src/run.ts';
import { table } from '../src/table.ts';

// One quick run of everything. No time is asserted here: how fast it was is what the full run is for.
let results: Results;
before(async () => {
  results = await run({ only: benchNames, quick: true, tell: () => {} });
});

function present<T>(value: T | null | undefined): T {
  assert.ok(value !== null && value !== undefined);
  return value;
}

test('overhead gives figures of changes that were really made', () => {
  const { changes, p50Ms, p99Ms, bareP50Ms, pgbenchMeanMs } = present(results.overhead);
  assert.equal(changes, 40);
  assert.ok(p50Ms > 0 && p99Ms >= p50Ms && bareP50Ms > 0);
  assert.equal(pgbenchMeanMs !== null, pgbenchVersion() !== null);
});

test('throughput compares programs that write rows of the same size', { skip: pgbenchVersion() === null }, () => {
  const { enginePerSecond, pgbenchPerSecond, rowBytes } = present(results.throughput);
  assert.ok(enginePerSecond > 0 && present(pgbenchPerSecond) > 0);
  const { engine, pgbench } = present(rowBytes);
  for (const [name, bytes] of Object.entries(engine)) {
    const other = present(pgbench[name]);
    assert.ok(Math.abs(other - bytes) <= 0.05 * bytes, `${name}: ${bytes} bytes against ${other}`);
  }
});

test('a burst: a handful of Stripe calls, and every caller hears of a change of its own', () => {
  const { stripeCalls, toldOwnOutcome, bothSidesAgree } = present(results.burst);
  assert.ok(stripeCalls >= 1 && stripeCalls <= 5, `${stripeCalls} calls`);
  assert.equal(toldOwnOutcome, true);
  assert.equal(bothSidesAgree, true);
});

test('under the same seeded faults Seatbelt leaves nobody disagreeing and tells nobody a wrong outcome', () => {
  const { programs } = present(results.usual).faults;
  const seatbelt = present(programs.find(({ program }) => program === 'Seatbelt'));
  assert.ok(Object.values(seatbelt.struck).reduce((sum, count) => sum + count, 0) > 0, 'no fault struck');
  assert.equal(seatbelt.invites, 48);
  assert.equal(seatbelt.disagreeing, 0);
  assert.equal(seatbelt.uncountedPeople, 0);
  assert.equal(seatbelt.toldWrong, 0);
});

test('the count of disagreements finds some: the usual version leaves them under these faults', () => {
  const { programs } = present(results.usual).faults;
  const usual = present(programs.find(({ program }) => program === 'usual, row locked'));
  assert.ok(usual.disagreeing > 0, JSON.stringify(usual));
});

test('without faults Seatbelt agrees with Stripe after every shape of load', () => {
  const rows = present(results.usual).load.programs.filter(({ program }) => program === 'Seatbelt');
  assert.deepEqual(
    rows.map(({ disagreeing }) => disagreeing),
    [0, 0],
  );
});

test('every interrupted change is settled, and both sides agree', () => {
  const { changes, carriedOut, requestsAccepted, bothSidesAgree } = present(results.recovery);
  assert.equal(carriedOut, changes / 2);
  assert.ok(requestsAccepted >= changes, `${requestsAccepted} requests`);
  assert.equal(bothSidesAgree, true);
});

test('history is measured on rows that are there: pages of the long one are full', () => {
  const { calls, databaseMiB } = present(results.history);
  assert.equal(calls.length, 8);
  assert.ok(databaseMiB > 0);
  for (const { name, emptyMs, fullMs } of calls) assert.ok(emptyMs > 0 && fullMs > 0, name);
});

test('memory is sampled under load', () => {
  const { heapMiB, changes } = present(results.memory);
  assert.equal(heapMiB.length, 6);
  assert.ok(changes > 0);
});

test('the DBOS workflow does its changes', () => {
  const { seatbeltPerSecond, dbosPerSecond } = present(results.dbos);
  assert.ok(seatbeltPerSecond > 0 && dbosPerSecond > 0);
});

test('table and page show every measurement', () => {
  const shown = table(results);
  const drawn = page(results);
  for (const text of ['usual, row locked', 'Seatbelt']) {
    assert.ok(shown.includes(text) && drawn.includes(text), text);
  }
  assert.match(shown, /quick run/);
  assert.equal(drawn.match(/<section>/g)?.length, 9);
  assert.doesNotMatch(drawn, /undefined|NaN|https?:/);
});
