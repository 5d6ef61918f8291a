import assert from 'node:assert/strict';
import { test } from 'node:test';
import { product } from '../../engine/test/product.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';

test('an owner`s yes, no, and second thoughts from the command line', async () => {
  await using shop = await product({ seats: 10, used: 4, link: { terms: { guard: { seatsPerDay: 1 } } } });
  const env = environmentOf(shop);
  const asked = async (seats: number) => (await shop.seatbelt.set(shop.organization, seats)).change?.id ?? '';
  const [first, second, third] = [await asked(15), await asked(20), await asked(25)];
  const said = ['--reason', 'talked to olga', '--json'];

  const approved = await seatbelt(env, 'approve', shop.organization, first, ...said);
  assert.deepEqual([approved.code, jsonOf(approved).status], [0, 'applied']);
  assert.equal(shop.stripeQuantity(), 15);
  const declined = await seatbelt(env, 'approve', shop.organization, second, '--decline', ...said);
  assert.deepEqual([declined.code, jsonOf(declined).code], [0, 'approval_declined']);
  const canceled = await seatbelt(env, 'cancel', shop.organization, third, ...said);
  assert.deepEqual([canceled.code, jsonOf(canceled).code], [0, 'canceled']);
  const unknown = await seatbelt(env, 'cancel', shop.organization, 'nothing', ...said);
  assert.deepEqual([unknown.code, errorOf(unknown).code], [2, 'unknown_change']);
  const unread = await seatbelt(env, 'changes', shop.organization, 'nothing', '--json');
  assert.deepEqual([unread.code, errorOf(unread).code], [2, 'unknown_change']);
});

test('a purchase that is paid while it is being taken back counts, and whoever takes it back is told', async () => {
  const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;
  await using shop = await product({ seats: 10, used: 4, link: { terms: { increase } } });
  const { customer } = await shop.stripe.subscriptions.retrieve(shop.subscription);
  shop.sim.admin.breakCard(String(customer));
  const { status, change } = await shop.seatbelt.set(shop.organization, 15);
  assert.equal(status, 'awaiting_payment');
  shop.sim.admin.mendCard(String(customer));
  const { latest_invoice: invoice } = await shop.stripe.subscriptions.retrieve(shop.subscription);

  // The voiding of its invoice is on its way when the payment arrives.
  const held = shop.sim.faults.add({ kind: 'delay_before', match: { route: 'POST /v1/invoices/:id/void' } });
  const said = ['--reason', 'too many', '--actor', 'olga'];
  const canceling = seatbelt(environmentOf(shop), 'cancel', shop.organization, change?.id ?? '', ...said);
  await shop.sim.waitFor(({ path }) => path.endsWith('/void'));
  await shop.stripe.invoices.pay(String(invoice));
  shop.sim.faults.release(held);

  const canceled = await canceling;
  assert.equal(canceled.out, 'It was paid before it could be taken back, so it counts: 15 seats.\n');
  assert.equal(canceled.code, 1);
  assert.equal(shop.stripeQuantity(), 15);
});
