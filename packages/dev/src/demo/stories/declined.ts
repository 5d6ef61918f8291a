import type { Story } from '../story.ts';

export const declined: Story = {
  number: 2,
  title: 'The card is declined: rolled back, nothing charged',
  broken: 'Stripe refuses the next write with 402: the card is declined.',
  seats: 10,
  used: 10,
  endsWith: 10,
  async tell(stage) {
    const charges = async () =>
      (await stage.product.simulator.truth()).ledger.filter(
        ({ customer, kind }) => customer === stage.linked.customer && kind === 'charge',
      ).length;
    const chargesBefore = await charges();
    await stage.both('before');
    const fault = await stage.breakWrites({ kind: 'card_decline_402' });

    // The answer is held for a moment, so that both sides can be read while Stripe has not answered.
    const hold = await stage.breakWrites({ kind: 'delay_before' });
    const asked = stage.doors.post({ action: 'add', quantity: 2, holders: ['user_ada', 'user_grace'], reserve: true });
    const told = stage.caller('POST add 2, reserved for two invites', asked);
    await stage.isHeld(hold);
    await stage.both('while Stripe is asked');
    await stage.product.simulator.faults.remove(hold);
    const answer = await told;
    await stage.product.simulator.faults.remove(fault);

    stage.expectAnswer(answer, { http: 402, status: 'rolled_back', success: false, code: 'generic_decline' });
    const { database } = await stage.sides();
    stage.expect(`both reservations are gone (${database?.usedSeats} in use)`, database?.usedSeats === 10);
    stage.expect('nothing was charged', (await charges()) === chargesBefore);
    stage.note('Healed', 'nothing had to: the answer came after the commit that restored the count');
  },
};
