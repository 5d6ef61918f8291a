import type { Story } from '../story.ts';

export const happyPath: Story = {
  number: 1,
  title: 'The happy path',
  broken: 'nothing. Seats are taken within what is bought, then beyond it, then freed.',
  seats: 10,
  used: 7,
  endsWith: 12,
  async tell(stage) {
    await stage.both('before');
    const within = await stage.caller(
      'POST add 2 (9 of 10 in use then)',
      stage.doors.post({ action: 'add', quantity: 2 }),
    );
    stage.expectAnswer(within, { http: 200, status: 'applied', success: true });
    stage.expect('no seat is bought while there is room', within.body.billingExpanded === false);
    await stage.both('after add 2');

    const beyond = await stage.caller(
      'POST add 3 (12 in use, so 2 are bought)',
      stage.doors.post({ action: 'add', quantity: 3 }),
    );
    stage.expectAnswer(beyond, { http: 200, status: 'applied', success: true });
    stage.expect('billing expands by what is missing', beyond.body.billingExpanded === true);
    await stage.both('after add 3');

    const freed = await stage.caller('POST remove 1', stage.doors.post({ action: 'remove', quantity: 1 }));
    stage.expectAnswer(freed, { http: 200, status: 'applied', success: true });
    stage.expect(
      'freeing a seat leaves what is bought',
      freed.body.purchasedSeats === 12 && freed.body.usedSeats === 11,
    );

    const writes = await stage.writes();
    stage.expect(`Stripe is written to once (${writes.length} writes)`, writes.length === 1);
    stage.note('Stripe', 'was written to once: only the one change that costs money asked it');
  },
};
