import type { Story } from '../story.ts';

export const stripeDown: Story = {
  number: 3,
  title: 'Stripe is down: in doubt, never guessed, heals when it is back',
  broken: 'every connection to Stripe is dropped.',
  seats: 10,
  used: 7,
  endsWith: 12,
  async tell(stage) {
    const { faults } = stage.product.simulator;
    await stage.both('before');
    await faults.outage(true);
    const answer = await stage.caller('PUT seats 12, willing to wait 1 s', stage.doors.put({ seats: 12 }, 1));
    stage.expectAnswer(answer, { http: 202, status: 'in_doubt', success: null });
    await stage.both('while Stripe is down');
    stage.note('explain', await stage.explain('whatIsOpen'));
    const since = performance.now();
    await faults.outage(false);
    await stage.heals('Stripe is back, the stored request is sent again', { since, withinMs: 20_000 });
    const writes = await stage.writes();
    const keys = new Set(writes.map(({ key }) => key)).size;
    stage.note('Stripe', `${writes.length} sends under ${keys} idempotency key, ${executed(writes)} written`);
    stage.expect('all sends carry one key', keys === 1);
    stage.expect('Stripe has written once', executed(writes) === 1);
  },
};

function executed(writes: readonly { executed: boolean }[]): number {
  return writes.filter((write) => write.executed).length;
}
