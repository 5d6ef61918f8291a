import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim } from '../index.ts';
import { first, sdkFor } from '../testing.ts';

/** What the assertions look at; an answer has one or the other. */
interface AnyBody {
  error: { message: string; code?: string; param?: string };
  data: { id: string }[];
}

function start() {
  const sim = createStripeSim();
  const ask = async (method: string, target: string, body = '') => {
    const response = await sim.fetch(
      new Request(`http://stripe.test${target}`, {
        method,
        headers: { authorization: 'Bearer sk_test_x', 'content-type': 'application/x-www-form-urlencoded' },
        ...(body === '' ? {} : { body }),
      }),
    );
    return { status: response.status, body: (await response.json()) as AnyBody };
  };
  return { sim, ask, stripe: sdkFor(sim) };
}

test('unknown routes, parameters and methods answer in Stripe’s words', async () => {
  const { ask } = start();
  const unknown = await ask('GET', '/v1/nonsense');
  assert.equal(unknown.status, 404);
  assert.match(unknown.body.error.message, /^Unrecognized request URL \(GET: \/v1\/nonsense\)/);
  assert.equal((await ask('POST', '/v1/customers', 'a[b]=1')).body.error.message, 'Received unknown parameter: a[b]');
  assert.equal((await ask('POST', '/v1/customers', 'x=1&y=2')).body.error.message, 'Received unknown parameters: x, y');
  const integer = await ask('GET', '/v1/customers?limit=abc');
  assert.deepEqual(
    [integer.status, integer.body.error.code, integer.body.error.message],
    [400, 'parameter_invalid_integer', 'Invalid integer: abc'],
  );
  const missing = await ask('POST', '/v1/subscriptions', 'items[0][price]=p');
  assert.deepEqual([missing.body.error.code, missing.body.error.param], ['parameter_missing', 'customer']);
});

test('the balance of a customer who does not exist is not an empty list', async () => {
  const { ask } = start();
  const answer = await ask('GET', '/v1/customers/cus_nope/balance_transactions');
  assert.deepEqual([answer.status, answer.body.error.code], [404, 'resource_missing']);
});

test('what Stripe has and the simulator has not is refused by name and never ignored', async () => {
  const { ask } = start();
  const answer = await ask('POST', '/v1/customers', 'shipping[name]=A');
  assert.deepEqual(
    [answer.status, answer.body.error.code, answer.body.error.param],
    [400, 'not_simulated', 'shipping'],
  );
});

test('a list clamps its limit, refuses two cursors, and goes newest first', async () => {
  const { stripe, ask } = start();
  const made: string[] = [];
  for (let count = 0; count < 12; count += 1) made.push((await stripe.customers.create({ name: `${count}` })).id);
  assert.equal((await ask('GET', '/v1/customers?limit=0')).body.data.length, 1);
  assert.equal((await ask('GET', '/v1/customers?limit=101')).body.data.length, 12);
  const page = await stripe.customers.list();
  assert.deepEqual([page.data.length, page.has_more, page.data[0]?.id], [10, true, made.at(-1)]);
  const rest = await stripe.customers.list({ starting_after: page.data.at(-1)?.id ?? '' });
  assert.deepEqual([rest.data.length, rest.has_more], [2, false]);
  const both = await ask('GET', `/v1/customers?starting_after=${made[0]}&ending_before=${made[1]}`);
  assert.deepEqual([both.status, both.body.error.code, both.body.error.param], [400, undefined, undefined]);
  assert.equal((await ask('GET', '/v1/customers?starting_after=cus_gone')).body.error.code, 'resource_missing');
});

test('expand reaches four levels, works in lists, and refuses what cannot be expanded', async () => {
  const { sim, stripe, ask } = start();
  const demo = sim.admin.createDemoSubscription({ quantity: 2, priceModel: 'graduated' });
  const path = `/v1/subscriptions/${demo.subscription.id}`;
  const deep = await stripe.subscriptions.retrieve(demo.subscription.id, {
    expand: ['items.data.price.tiers', 'latest_invoice.payments', 'customer'],
  });
  assert.equal(deep.items.data[0]?.price.tiers?.length, 2);
  assert.equal((deep.latest_invoice as Stripe.Invoice).payments?.data[0]?.status, 'paid');
  assert.equal((deep.customer as Stripe.Customer).id, demo.customer.id);
  const list = await stripe.subscriptions.list({ expand: ['data.customer'] });
  assert.equal(typeof first(list.data).customer, 'object');
  const plain = await stripe.subscriptions.retrieve(demo.subscription.id);
  assert.equal(plain.items.data[0]?.price.tiers, undefined);
  const refused = await ask('GET', `${path}?expand[]=status`);
  assert.equal(refused.body.error.message, 'This property cannot be expanded (status).');
  // `data` is a level like any other.
  for (const five of [
    'latest_invoice.payments.data.payment.payment_intent',
    'items.data.price.product.default_price',
  ]) {
    const { status, body } = await ask('GET', `${path}?expand[]=${five}`);
    assert.deepEqual(
      [status, body.error.code, body.error.message],
      [400, 'property_expansion_max_depth', `You cannot expand more than 4 levels of a property. Property: ${five}`],
    );
  }
  assert.equal((await ask('GET', '/v1/subscriptions?expand[]=customer')).status, 400);
});

test('a filter with a value that does not exist is refused, not answered with an empty list', async () => {
  const { ask } = start();
  const status = (await ask('GET', '/v1/subscriptions?status=cancelled')).body.error;
  assert.equal(
    status.message,
    'Invalid status: must be one of active, past_due, unpaid, canceled, incomplete, incomplete_expired, trialing, paused, all, or ended',
  );
  const method = await ask('GET', '/v1/subscriptions?collection_method=sendinvoice');
  assert.deepEqual([method.status, method.body.error.param], [400, 'collection_method']);
});

test('an object has fifty metadata keys at most, however they came to it', async () => {
  const { stripe } = start();
  const keys = (prefix: string) =>
    Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${prefix}${index}`, 'x']));
  const { id } = await stripe.customers.create({ metadata: keys('a') });
  await assert.rejects(stripe.customers.update(id, { metadata: keys('b') }), {
    statusCode: 400,
    param: 'metadata',
    message: "Metadata can have up to 50 keys, but you've set 80.",
  });
  const cleared = Object.fromEntries(Object.keys(keys('a')).map((key) => [key, '']));
  const after = await stripe.customers.update(id, { metadata: { ...cleared, ...keys('b') } });
  assert.equal(Object.keys(after.metadata).length, 40);
});

test('a refused expand undoes the change it came with', async () => {
  const { sim, ask, stripe } = start();
  const demo = sim.admin.createDemoSubscription({ quantity: 2 });
  const answer = await ask('POST', `/v1/subscription_items/${demo.item.id}`, 'quantity=9&expand[]=nothing');
  assert.equal(answer.status, 400);
  assert.equal((await stripe.subscriptionItems.retrieve(demo.item.id)).quantity, 2);
});

test('an empty string unsets, metadata is merged key by key', async () => {
  const { stripe } = start();
  const { id } = await stripe.customers.create({ description: 'd', metadata: { a: '1', b: '2' } });
  const changed = await stripe.customers.update(id, { description: '', metadata: { a: '', c: '3' } });
  assert.equal(changed.description, null);
  assert.deepEqual(changed.metadata, { b: '2', c: '3' });
  assert.deepEqual((await stripe.customers.update(id, { metadata: '' })).metadata, {});
});
