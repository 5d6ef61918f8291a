import pg from 'pg';
import { moveStoredTimes } from '../../move-stored-times.ts';
import type { Story } from '../story.ts';

const dayMs = 24 * 3_600_000;

export const pausedProcess: Story = {
  number: 9,
  title: "A paused process's request arrives a day late: found and reversed",
  broken:
    'the server process is frozen (SIGSTOP) and its request is stuck on its way; a day later the request arrives after all.',
  seats: 10,
  used: 7,
  endsWith: 10,
  async tell(stage) {
    const { product, linked } = stage;
    await stage.both('before');
    const hang = await stage.breakWrites({ kind: 'hang' });
    const told = stage.caller('PUT seats 12', stage.doors.put({ seats: 12 }));
    // It is awaited after the story's day; should the story fail before that, this is not the failure to report.
    told.catch(() => undefined);
    await stage.isHeld(hang);
    const frozen = product.serverProcess();
    process.kill(frozen, 'SIGSTOP');
    try {
      await stage.both('server is frozen');
      const database = new pg.Client({ connectionString: product.databaseUrl });
      await database.connect();
      try {
        await moveStoredTimes(database, linked.organization, dayMs);
      } finally {
        await database.end();
      }
      stage.note('Time', 'nobody waits a day here: the times stored for this organization were moved back by 24 h');
      await stage.waitFor('The worker gives up on a day-old purchase', 30_000, async () => {
        const { database } = await stage.sides();
        return database?.pushState === null && database.seatCount === 10;
      });
      await stage.both('a day later');
      await product.simulator.faults.remove(hang);
      await stage.waitFor('The late request is written', 10_000, async () => (await stage.sides()).stripe === 12);
      const late = await stage.both('it arrives, late');
      stage.expect('the late request is a real charge for two seats', late.stripe === 12);
    } finally {
      process.kill(frozen, 'SIGCONT');
    }
    const since = performance.now();
    const answer = await told;
    stage.expect('the thawed server does not tell its caller a success', answer.success !== true);

    await stage.waitFor(
      'A look finds the late write and reverses it',
      40_000,
      async () => (await stage.sides()).stripe === 10,
    );
    await stage.heals('a look found our own late write and reversed it', { since, withinMs: 30_000 });
    stage.note(
      'Look',
      'the thawed server hears Stripe say yes to a change that is over, which is a reason to look; without that the worker looks 1 min, 10 min, 1 h and 25 h after such an end',
    );
    const detail = await stage.operator('audit', 'export', linked.organization);
    stage.expect('the audit trail names the late write', detail.said.includes('late_write'));
  },
};
