import { seconds } from '../stage.ts';
import type { Story } from '../story.ts';

const leaseMs = 15_000;

export const serverKilled: Story = {
  number: 6,
  title: 'kill -9 of the server while Stripe holds its request',
  broken:
    'the server process (the one that serves the HTTP doors) is killed with SIGKILL; Stripe has its request and has not answered. This takes real time.',
  seats: 10,
  used: 7,
  endsWith: 12,
  async tell(stage) {
    const { product } = stage;
    await stage.both('before');
    const hang = await stage.breakWrites({ kind: 'hang' });
    const began = performance.now();
    const lost = stage.callerLosesConnection('PUT seats 12', stage.doors.put({ seats: 12 }));
    await stage.isHeld(hang);
    const killed = product.serverProcess();
    process.kill(killed, 'SIGKILL');
    const since = performance.now();
    await lost;
    await stage.both('server is dead');
    stage.note('Killed', `process ${killed} with kill -9, ${seconds(since - began)} after the request`);
    stage.note('explain', await stage.explain('whatHappensNext'));
    await stage.heals('the lease of 15 s ran out, and the worker sent the stored request under the same key', {
      since,
      withinMs: 40_000,
      hint: (_) => leaseHint(began),
    });
    await stage.both('the worker has done it');

    // The dead server's request still hangs at Stripe's door. It is let in now.
    await product.simulator.faults.remove(hang);
    const writes = await stage.waitFor('Stripe answers the late request', 10_000, async () => {
      const all = await stage.writes();
      return all.every(({ phase }) => phase === 'finished') && all;
    });
    const written = writes.filter(({ executed }) => executed).length;
    stage.note(
      'Stripe',
      `lets the dead server's own request in at last: same key, so it changes nothing; ${writes.length} sends, ${written} written`,
    );
    stage.expect(`Stripe has written once (${written})`, written === 1);
    await stage.waitFor('The supervisor starts another server', 30_000, product.answers);
    const again = product.serverProcess();
    stage.expect('another server process runs', again !== killed);
    stage.note('Server', `the supervisor has started another one (process ${again})`);
  },
};

function leaseHint(began: number): string {
  const leftMs = leaseMs - (performance.now() - began);
  return leftMs > 0
    ? `the lease of the dead server ends in ${Math.ceil(leftMs / 1000)} s`
    : 'the lease is over; the worker looks every 2 s';
}
