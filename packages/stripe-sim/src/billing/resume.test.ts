import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim } from '../index.ts';
import { first, sdkFor } from '../testing.ts';

const june = Date.UTC(2026, 5, 1) / 1000;
const day = 86_400;

/** A subscription of five seats at $10 that was paused on the fifth day of its month. */
async function paused() {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const { customer, subscription, item } = sim.admin.createDemoSubscription({ quantity: 5 });
  const stripe = sdkFor(sim);
  await sim.clock.advance({ days: 5 });
  await stripe.subscriptions.pause(subscription.id);
  await sim.clock.advance({ days: 10 });
  const resume = async (params: Stripe.SubscriptionResumeParams = {}) => {
    const answer = await stripe.subscriptions.resume(subscription.id, { ...params, expand: ['latest_invoice'] });
    return { status: answer.status, invoice: answer.latest_invoice as Stripe.Invoice };
  };
  const events = async () => (await stripe.events.list({ type: 'customer.subscription.resumed' })).data.length;
  const look = () => stripe.subscriptions.retrieve(subscription.id);
  return { sim, stripe, customer, subscription, item, resume, events, look };
}

test('resuming bills a whole new period without prorations, and the subscription is paused until that is paid', async () => {
  for (const params of [
    {},
    { billing_cycle_anchor: { type: 'now' }, proration_behavior: 'create_prorations' },
  ] as const) {
    const { sim, stripe, resume, events, look } = await paused();
    const { status, invoice } = await resume({ ...params, payment_behavior: 'resume_on_payment_attempt' });
    assert.deepEqual([status, invoice.status, await events()], ['paused', 'open', 0]);
    assert.deepEqual(
      invoice.lines.data.map(({ amount }) => amount),
      [5000],
    );
    await sim.clock.advance({ hours: 3 });
    await stripe.invoices.pay(String(invoice.id));
    const after = await look();
    assert.deepEqual(
      [after.status, after.pending_update, after.billing_cycle_anchor, await events()],
      ['active', null, june + 15 * day, 1],
    );
    assert.equal(first(after.items.data).current_period_start, june + 15 * day);
    assert.deepEqual(sim.truth().violations, []);
  }
});

test('the invoice of a resumption that nobody tries to pay is void after 23 hours, and the pause goes on', async () => {
  const { sim, stripe, resume, events, look } = await paused();
  const { invoice } = await resume();
  await sim.clock.advance({ hours: 24 });
  assert.equal((await stripe.invoices.retrieve(String(invoice.id))).status, 'void');
  const after = await look();
  assert.deepEqual([after.status, after.pending_update, await events()], ['paused', null, 0]);
  const again = await resume();
  await stripe.invoices.voidInvoice(String(again.invoice.id));
  assert.equal((await look()).status, 'paused');
  assert.deepEqual(sim.truth().violations, []);
});

test('a resumption whose invoice is given up is active, and one whose payment fails is past due', async () => {
  const given = await paused();
  await given.stripe.invoices.markUncollectible(String((await given.resume()).invoice.id));
  assert.deepEqual([(await given.look()).status, await given.events()], ['active', 1]);

  const failed = await paused();
  failed.sim.admin.breakCard(failed.customer.id);
  const { invoice } = await failed.resume();
  await assert.rejects(failed.stripe.invoices.pay(String(invoice.id)), { statusCode: 402 });
  assert.equal((await failed.look()).status, 'past_due');
  failed.sim.admin.mendCard(failed.customer.id);
  await failed.stripe.invoices.pay(String(invoice.id));
  assert.equal((await failed.look()).status, 'active');
  assert.deepEqual([...given.sim.truth().violations, ...failed.sim.truth().violations], []);
});

test('on the old anchor a subscription resumes at once and without an invoice, also after a missed period', async () => {
  for (const [days, end] of [
    [0, Date.UTC(2026, 6, 1) / 1000],
    [30, Date.UTC(2026, 7, 1) / 1000],
  ] as const) {
    const { sim, stripe, subscription, resume, look } = await paused();
    await sim.clock.advance({ days });
    const { status } = await resume({ billing_cycle_anchor: { type: 'unchanged' }, proration_behavior: 'none' });
    assert.deepEqual([status, first((await look()).items.data).current_period_end], ['active', end]);
    assert.equal((await stripe.invoices.list({ subscription: subscription.id })).data.length, 1);
    // The event of it tells all that moved.
    const { data } = await stripe.events.list({ type: 'customer.subscription.updated', limit: 1 });
    const before = Object.keys(data[0]?.data.previous_attributes ?? {});
    assert.deepEqual([before.includes('status'), before.includes('items')], [true, days > 0]);
    assert.deepEqual(sim.truth().violations, []);
  }
});

test('what is not simulated of a resumption is refused by name', async () => {
  const { resume, look } = await paused();
  const refused: [string, Stripe.SubscriptionResumeParams][] = [
    ['proration_behavior', { billing_cycle_anchor: { type: 'unchanged' } }],
    ['payment_behavior', { payment_behavior: 'resume_on_payment_success' }],
    ['proration_date', { proration_date: june + 6 * day }],
  ];
  for (const [param, params] of refused) {
    await assert.rejects(resume(params), { statusCode: 400, code: 'not_simulated', param });
  }
  await assert.rejects(resume({ payment_behavior: 'error_if_incomplete' }), { statusCode: 400 });
  assert.equal((await look()).status, 'paused');
});
