import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type Stripe from 'stripe';
import type { Route } from '../../src/http/route.ts';
import { createStripeSim } from '../../src/index.ts';
import { allRoutes } from '../../src/routes/all.ts';
import { sdkFor } from '../../src/testing.ts';

/** What the SDK calls the objects behind a path. */
const objects: Record<string, string> = {
  products: 'Product',
  prices: 'Price',
  customers: 'Customer',
  payment_methods: 'PaymentMethod',
  subscriptions: 'Subscription',
  subscription_items: 'SubscriptionItem',
  subscription_schedules: 'SubscriptionSchedule',
  invoices: 'Invoice',
  invoiceitems: 'InvoiceItem',
  payment_intents: 'PaymentIntent',
  charges: 'Charge',
  invoice_payments: 'InvoicePayment',
  test_clocks: 'TestClock',
  webhook_endpoints: 'WebhookEndpoint',
  events: 'Event',
};

/** Where the SDK's name for a verb is not the path's. */
const verbs: Record<string, string> = {
  'DELETE /v1/subscriptions/:id': 'Cancel',
  'POST /v1/invoices/create_preview': 'CreatePreview',
  'POST /v1/invoices/:id/finalize': 'FinalizeInvoice',
  'POST /v1/invoices/:id/void': 'VoidInvoice',
  'GET /v1/invoices/:id/lines': 'ListLineItems',
  'GET /v1/customers/:customer/payment_methods': 'ListPaymentMethods',
  'GET /v1/customers/:customer/balance_transactions': 'ListBalanceTransactions',
};

const resources = new URL('resources/', import.meta.resolve('stripe'));

/** The names in the SDK's parameter type for a route. */
function parametersInSdk({ method, pattern }: Route): string[] {
  const [collection = '', id, action] = pattern.replace(/^\/v1\/(test_helpers\/)?/, '').split('/');
  const object = objects[collection] ?? assert.fail(`an unknown collection: ${pattern}`);
  const byMethod =
    id === undefined
      ? { POST: 'Create', GET: 'List', DELETE: '' }[method]
      : { POST: 'Update', GET: 'Retrieve', DELETE: 'Delete' }[method];
  const verb = verbs[`${method} ${pattern}`] ?? (action === undefined ? byMethod : capital(action));
  const file = new URL(`${pattern.includes('test_helpers') ? 'TestHelpers/' : ''}${object}s.d.ts`, resources);
  const name = `${object}${verb}Params`;
  const found = new RegExp(
    `^( *)(?:export )?interface ${name}( extends PaginationParams)? \\{\\n([\\s\\S]*?)^\\1\\}`,
    'm',
  ).exec(readFileSync(file, 'utf8'));
  assert.ok(found, `the SDK has no ${name}`);
  const [, indentation = '', paged, body = ''] = found;
  const fields = [...body.matchAll(new RegExp(`^${indentation} {4}(\\w+)\\??:`, 'gm'))].map(([, field = '']) => field);
  return [...fields, ...(paged === undefined ? [] : ['limit', 'starting_after', 'ending_before'])];
}

function capital(action: string): string {
  return action.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

test('every parameter that the SDK has is taken or refused by name, never as if it were mistyped', () => {
  for (const route of allRoutes) {
    const missing = parametersInSdk(route).filter((name) => !Object.hasOwn(route.params, name));
    assert.deepEqual(missing, [], `${route.method} ${route.pattern}`);
  }
});

test('no route takes a parameter that the SDK does not have', () => {
  const extra = allRoutes.flatMap((route) => {
    const known = parametersInSdk(route);
    const names = Object.keys(route.params).filter((name) => !known.includes(name));
    return names.map((name) => `${route.method} ${route.pattern} ${name}`);
  });
  assert.deepEqual(extra, [
    // The same filter as of the path that names no customer; here the path's counts.
    'GET /v1/customers/:customer/payment_methods customer',
    // Sent by browsers, with a publishable key, and so not by the SDK.
    'POST /v1/payment_intents/:id/confirm client_secret',
  ]);
});

test('parameters, values and searches that are not simulated say so', async () => {
  const sim = createStripeSim();
  const stripe = sdkFor(sim);
  const { customer, subscription } = sim.admin.createDemoSubscription({ quantity: 2 });
  const asked: [string, () => Promise<unknown>][] = [
    ['days_until_due', () => stripe.invoices.create({ customer: customer.id, days_until_due: 30 })],
    [
      'invoice',
      () => stripe.invoiceItems.create({ customer: customer.id, invoice: 'in_1', amount: 1, currency: 'usd' }),
    ],
    ['cancel_at', () => stripe.subscriptions.update(subscription.id, { cancel_at: 'max_period_end' })],
    [
      'end_behavior',
      () => stripe.subscriptionSchedules.create({ from_subscription: subscription.id, end_behavior: 'none' }),
    ],
    ['search', () => stripe.subscriptions.search({ query: "status:'active'" })],
    ['search', () => stripe.customers.search({ query: "email:'a@example.com'" })],
  ];
  for (const [what, ask] of asked) {
    await assert.rejects(ask(), (error: Stripe.errors.StripeError) => {
      assert.equal(error.code, 'not_simulated', `${what}: ${error.message}`);
      assert.match(error.message, new RegExp(what));
      return true;
    });
  }
});
