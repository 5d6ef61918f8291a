import type { Story } from '../story.ts';

export const answerLost: Story = {
  number: 4,
  title: "Stripe writes, and its answer is lost: the replay says 'applied'",
  broken: 'Stripe does what it is asked and the answers to the first three sends are lost.',
  seats: 10,
  used: 7,
  endsWith: 12,
  async tell(stage) {
    await stage.both('before');
    await stage.breakWrites({ kind: 'drop_after', times: 3 });
    const since = performance.now();
    const answer = await stage.caller('PUT seats 12, willing to wait 1 s', stage.doors.put({ seats: 12 }, 1));
    stage.expectAnswer(answer, { http: 202, status: 'in_doubt', success: null });
    const during = await stage.both('in doubt');
    stage.expect('Stripe has written already', during.stripe === 12);
    stage.expect('seats that nobody has confirmed are not settled', during.database?.settledSeats === 10);
    await stage.heals('the same request under the same key was answered', { since, withinMs: 20_000 });
    const writes = await stage.writes();
    const written = writes.filter(({ executed }) => executed).length;
    const replays = writes.filter(({ replayed }) => replayed).length;
    stage.note(
      'Stripe',
      `${writes.length} sends: ${written} written, ${replays} answered from what it kept under the key`,
    );
    stage.expect('Stripe has written once', written === 1);
    stage.expect('every other send was a replay', replays === writes.length - 1 && replays > 0);
    stage.expect('all sends carry one key', new Set(writes.map(({ key }) => key)).size === 1);
  },
};
