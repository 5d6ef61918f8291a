import type { Story } from '../story.ts';

export const foreignHand: Story = {
  number: 8,
  title: 'A foreign hand changes the quantity: held, explained, resolved',
  broken: "somebody sets the quantity to 14 in Stripe's own dashboard.",
  seats: 10,
  used: 7,
  endsWith: 14,
  async tell(stage) {
    const { product, linked } = stage;
    await stage.both('before');
    const since = performance.now();
    await product.simulator.admin.foreignQuantityChange({
      subscription: linked.subscription,
      item: linked.item,
      quantity: 14,
      by: 'dashboard',
    });
    await stage.waitFor('The webhook makes Seatbelt look', 20_000, async () => {
      const { body } = await stage.doors.get();
      return body.status === 'held';
    });
    const during = await stage.both('held');
    stage.expect('the foreign quantity is not overwritten', during.stripe === 14 && during.database?.seatCount === 10);
    const grow = await stage.caller('PUT seats 20, meanwhile', stage.doors.put({ seats: 20 }));
    stage.expectAnswer(grow, { http: 409, code: 'drift_unresolved' });
    stage.note('explain', await stage.explain());

    const words = ['resolve', linked.organization, '--in-favour-of', 'stripe', '--reason', 'bought in the dashboard'];
    const { code, said, complained } = await stage.operator(...words);
    stage.expect(`the operator's resolve succeeds${code === 0 ? '' : ` (${said}${complained})`}`, code === 0);
    stage.note('Operator', `seatbelt ${words.slice(0, 4).join(' ')}\n  -> ${said.trim()}`);
    await stage.heals('a person said which side counts', { since, withinMs: 20_000 });
    const writes = await stage.writes();
    stage.expect(`Stripe is not written to (${writes.length} writes)`, writes.length === 0);
  },
};
