import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStripeSim } from '../index.ts';
import { first, sdkFor } from '../testing.ts';

function start() {
  const sim = createStripeSim();
  return { sim, stripe: sdkFor(sim), demo: sim.admin.createDemoSubscription({ quantity: 5 }) };
}

/** An invoice of fifteen lines, and the ids of the lines in their order. */
async function longInvoice() {
  const { stripe, demo } = start();
  for (let count = 0; count < 14; count += 1) {
    const { customer, subscription } = { customer: demo.customer.id, subscription: demo.subscription.id };
    await stripe.invoiceItems.create({ customer, subscription, amount: 100 + count, currency: 'usd' });
  }
  const changed = await stripe.subscriptions.update(demo.subscription.id, { billing_cycle_anchor: { type: 'now' } });
  const invoice = String(changed.latest_invoice);
  const lines: string[] = [];
  for await (const line of stripe.invoices.listLineItems(invoice, { limit: 4 })) lines.push(line.id);
  return { stripe, invoice, lines };
}

test('the lines of an invoice are listed in pages, forwards and backwards', async () => {
  const { stripe, invoice, lines } = await longInvoice();
  assert.ok(lines.length >= 15);
  const page = await stripe.invoices.listLineItems(invoice, { limit: 4, ending_before: lines[10] ?? '' });
  assert.deepEqual([page.data.map(({ id }) => id), page.has_more], [lines.slice(6, 10), true]);
  const start = await stripe.invoices.listLineItems(invoice, { limit: 4, ending_before: lines[2] ?? '' });
  assert.deepEqual([start.data.map(({ id }) => id), start.has_more], [lines.slice(0, 2), false]);
  const backwards: string[] = [];
  for await (const line of stripe.invoices.listLineItems(invoice, { limit: 4, ending_before: lines.at(-1) ?? '' })) {
    backwards.push(line.id);
    assert.ok(backwards.length < lines.length, 'the backward pages never end');
  }
  assert.deepEqual(backwards, lines.slice(0, -1).reverse());
});

test('a cursor that is no line of the invoice is refused, and so are two', async () => {
  const { stripe, invoice, lines } = await longInvoice();
  for (const cursor of ['starting_after', 'ending_before'] as const) {
    await assert.rejects(stripe.invoices.listLineItems(invoice, { [cursor]: 'il_nope' }), {
      statusCode: 400,
      code: 'resource_missing',
      param: cursor,
    });
  }
  const both = { starting_after: first(lines), ending_before: lines.at(-1) ?? '' };
  await assert.rejects(stripe.invoices.listLineItems(invoice, both), { statusCode: 400 });
});
