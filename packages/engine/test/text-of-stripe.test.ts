/** What Stripe says is kept: text that JSON can hold and PostgreSQL cannot must not keep an outcome from being written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { product } from './product.ts';

/** A client of the simulator whose answers to writes of subscriptions are changed on their way. */
function stripeThatSays(
  port: number,
  change: (body: Record<string, unknown>) => [status: number, body: object],
): Stripe {
  const httpClient = Stripe.createNodeHttpClient();
  const makeRequest = httpClient.makeRequest.bind(httpClient);
  httpClient.makeRequest = async (...request) => {
    const response = await makeRequest(...request);
    const [, , path, method] = request;
    if (method !== 'POST' || !path.startsWith('/v1/subscriptions/')) return response;
    const [status, body] = change((await response.toJSON()) as Record<string, unknown>);
    response.getStatusCode = () => status;
    response.toJSON = async () => body;
    return response;
  };
  return new Stripe('sk_test_engine', { host: '127.0.0.1', port, protocol: 'http', telemetry: false, httpClient });
}

test('a refusal with text that no column takes is rolled back, and told as far as it can be', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  const said = {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'do\u0000not',
    message: 'Your card\u0000 \ud83d',
  };
  const stripe = stripeThatSays(shop.sim.port, () => [402, { error: said }]);
  const outcome = await shop.another({ stripe }).set(shop.organization, 12);
  assert.equal(outcome.status, 'rolled_back');
  const { rows } = await shop.pool.query('select code, message from seatbelt.seat_changes');
  assert.deepEqual(rows, [{ code: 'do\uFFFDnot', message: 'Your card\uFFFD \uFFFD' }]);
});

test('a success with text that no column takes is written', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  const stripe = stripeThatSays(shop.sim.port, (body) => [
    200,
    {
      ...body,
      status: 'act\u0000ive',
      collection_method: 'charge\ud83d',
      metadata: { organization: 'acme\u0000' },
      schedule: 'sub_sched_\udc00',
      pause_collection: { behavior: 'void\u0000' },
      latest_invoice: { id: 'in_\u0000', status: 'paid\u0000', hosted_invoice_url: 'https://stripe.test/\ud83d' },
      pending_update: null,
    },
  ]);
  const outcome = await shop.another({ stripe }).set(shop.organization, 12);
  assert.deepEqual([outcome.status, shop.stripeQuantity()], ['applied', 12]);
});
