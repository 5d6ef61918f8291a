import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';
import { eventNames } from './event-names.ts';

const url = 'http://127.0.0.1:1/hook';

test('an endpoint asks for events that exist', async () => {
  const stripe = sdkFor(createStripeSim());
  const misspelt = 'customer.subscription.update' as Stripe.WebhookEndpointCreateParams.EnabledEvent;
  const made = await stripe.webhookEndpoints.create({ url, enabled_events: ['checkout.session.completed'] });
  const refusal = {
    statusCode: 400,
    param: 'enabled_events[1]',
    message: /^Invalid enabled_events\[1\]: must be one of /,
  };
  await assert.rejects(stripe.webhookEndpoints.create({ url, enabled_events: ['*', misspelt] }), refusal);
  await assert.rejects(stripe.webhookEndpoints.update(made.id, { enabled_events: ['*', misspelt] }), refusal);
});

test('the events are those of the SDK', () => {
  const types = readFileSync(new URL('resources/WebhookEndpoints.d.ts', import.meta.resolve('stripe')), 'utf8');
  const listed = /type EnabledEvent = ([^;]+);/
    .exec(types)?.[1]
    ?.split('|')
    .map((name) => name.trim().slice(1, -1));
  assert.deepEqual(eventNames, listed);
});

test('an endpoint needs a whole URL', async () => {
  const stripe = sdkFor(createStripeSim());
  const { id } = await stripe.webhookEndpoints.create({ url, enabled_events: ['*'] });
  for (const nonsense of ['nonsense', 'localhost:3000/hook', 'ftp://example.com/hook']) {
    const refusal = { statusCode: 400, code: 'url_invalid', param: 'url' };
    await assert.rejects(stripe.webhookEndpoints.create({ url: nonsense, enabled_events: ['*'] }), refusal);
    await assert.rejects(stripe.webhookEndpoints.update(id, { url: nonsense }), refusal);
  }
});
