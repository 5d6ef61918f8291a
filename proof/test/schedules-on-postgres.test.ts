/** A few of the seeded schedules on a real PostgreSQL, and that the way there drops what it is told to drop. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Cluster, startCluster, withSlot } from '../src/real-database/cluster.ts';
import { type Outcome, runSchedule } from '../src/schedule.ts';

let cluster: Cluster;
before(async () => {
  cluster = await startCluster(2);
});
after(async () => {
  await cluster[Symbol.asyncDispose]();
});

function play(seed: number, told = false, database = 0): Promise<Outcome> {
  return withSlot(cluster.urls[database] ?? '', (slot) => runSchedule(seed, told, slot));
}

test('schedules whose connections are dropped at every kind of statement come to rest, equal', async () => {
  const struck = new Map<string, number>();
  await Promise.all(
    [0, 1].map(async (database) => {
      for (let seed = 1 + database; seed <= 14; seed += 2) {
        const { violations, faults } = await play(seed, false, database);
        const [first] = violations;
        assert.ok(!first, `${first?.guarantee}: ${first?.what}\n  node proof/src/replay.ts ${seed} --postgres`);
        for (const [name, times] of faults) struck.set(name, (struck.get(name) ?? 0) + times);
      }
    }),
  );
  for (const name of ['never_sent', 'unknown_undone', 'unknown_done', 'unknown_late', 'conflict']) {
    assert.ok((struck.get(name) ?? 0) > 0, `${name} did not strike in any of them`);
  }
});

// A process of it dies in the middle of a transaction, and nothing may wait for the connection that it had.
test('seed 1391 comes to its end', { timeout: 60_000 }, async () => {
  const { violations } = await play(1391);
  assert.deepEqual(violations, []);
});

test('a seed tells the same story twice, on one database and on another', async () => {
  const [once, twice] = await Promise.all([play(7, true, 0), play(7, true, 1)]);
  assert.deepEqual(once.lines, twice.lines);
});
