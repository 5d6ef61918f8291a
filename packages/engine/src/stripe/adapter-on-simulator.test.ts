import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultKind, type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import Stripe from 'stripe';
import { idempotencyKey, quantityRequest } from '../core/stripe-request.ts';
import type { Answer, BillingBehavior, OpenPush } from '../core/types.ts';
import { type StripeAdapter, stripeAdapter } from './adapter.ts';
import { aPush } from './testing/a-push.ts';

const patient = { timeoutMs: 10_000 };
const prorated: BillingBehavior = { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete' };

interface Stage {
  readonly sim: StripeSim;
  readonly adapter: StripeAdapter;
  readonly push: OpenPush;
  /** Writes that arrived at the simulator. */
  writes(): readonly { readonly replayed: boolean; readonly key: string | null; readonly executed: boolean }[];
  /** What the simulated Stripe really holds. */
  quantity(): number;
}

/** A simulated subscription of 10 seats, and a push to 12. */
async function onSimulator(work: (stage: Stage) => Promise<void>, behavior: BillingBehavior = prorated): Promise<void> {
  const sim = await startStripeSim();
  try {
    const demo = sim.admin.createDemoSubscription({ quantity: 10 });
    const link = { customer: demo.customer.id, subscription: demo.subscription.id, item: demo.item.id };
    const stripe = new Stripe('sk_test_seatbelt', { host: '127.0.0.1', port: sim.port, protocol: 'http' });
    await work({
      sim,
      adapter: stripeAdapter(stripe),
      push: { ...aPush(), link, request: quantityRequest(link, 12, behavior, null) },
      writes: () => sim.truth().requests.filter((request) => request.method === 'POST'),
      quantity: () =>
        sim.truth().subscriptions.find(({ id }) => id === link.subscription)?.items.data[0]?.quantity ?? Number.NaN,
    });
  } finally {
    await sim.close();
  }
}

test('a push sets the quantity, and a look sees it', () =>
  onSimulator(async ({ adapter, push, writes, quantity }) => {
    const answer = await adapter.send(push, patient);
    assert.equal(answer.kind, 'success');
    if (answer.kind !== 'success') return;
    const { observation, ...rest } = answer;
    assert.deepEqual(
      { ...rest, requestId: null },
      { kind: 'success', expectedObject: true, quantity: 12, pendingUpdate: null, replayed: false, requestId: null },
    );
    assert.equal(quantity(), 12);
    assert.deepEqual(
      writes().map(({ key }) => key),
      [idempotencyKey(push)],
    );
    const look = await adapter.look(push.link, patient);
    assert.equal(look.kind === 'seen' && look.observation.item?.quantity, 12);
    // The look has the invoice's state besides; else both show one subscription.
    const invoice = { id: observation?.latestInvoice?.id, status: null, url: null };
    assert.deepEqual(look.kind === 'seen' && { ...look.observation, latestInvoice: invoice }, observation);
    assert.match(String(look.kind === 'seen' && look.observation.latestInvoice?.status), /^(paid|open)$/);
  }));

test('the same push again is answered from what is stored, and says so', () =>
  onSimulator(async ({ adapter, push, writes, quantity }) => {
    await adapter.send(push, patient);
    const again = await adapter.send(push, patient);
    assert.equal(again.kind === 'success' && again.replayed, true);
    assert.equal(quantity(), 12);
    assert.deepEqual(
      writes().map(({ replayed }) => replayed),
      [false, true],
    );
  }));

test('the same key with another request is told apart from a refusal', () =>
  onSimulator(async ({ adapter, push }) => {
    await adapter.send(push, patient);
    const other = await adapter.send({ ...push, request: quantityRequest(push.link, 13, prorated, null) }, patient);
    assert.equal(other.kind === 'error' && other.type, 'idempotency_error');
  }));

test('a subscription that is not there is a 404 to a push and gone to a look', () =>
  onSimulator(async ({ adapter, push }) => {
    const link = { ...push.link, subscription: 'sub_nowhere' };
    const sent = await adapter.send({ ...push, link, request: quantityRequest(link, 12, prorated, null) }, patient);
    assert.deepEqual(sent.kind === 'error' && [sent.status, sent.code], [404, 'resource_missing']);
    assert.equal((await adapter.look(link, patient)).kind, 'gone');
    assert.equal((await adapter.retrieveSubscription('sub_nowhere', patient)).kind, 'missing');
  }));

test('linking reads customer, items, currency and mode', () =>
  onSimulator(async ({ adapter, push }) => {
    const found = await adapter.retrieveSubscription(push.link.subscription, patient);
    assert.equal(found.kind, 'found');
    if (found.kind !== 'found') return;
    const { customer, status, currency, livemode, items } = found.subscription;
    assert.deepEqual(
      {
        customer,
        status,
        currency,
        livemode,
        item: items[0]?.id,
        quantity: items[0]?.quantity,
        unit: items[0]?.unitAmount,
      },
      {
        customer: push.link.customer,
        status: 'active',
        currency: 'usd',
        livemode: false,
        item: push.link.item,
        quantity: 10,
        unit: 1_000,
      },
    );
    assert.equal(await adapter.ping(), 'ok');
    assert.deepEqual(await adapter.identity(), { livemode: false });
  }));

/** Every fault: what the caller hears, and what became of the write. In all of them exactly one request arrived. */
const faults: readonly {
  readonly kind: FaultKind;
  readonly hears: Partial<Answer> | object;
  readonly quantity: number;
}[] = [
  { kind: 'drop_before', hears: { kind: 'no_answer', reason: 'connection' }, quantity: 10 },
  { kind: 'drop_after', hears: { kind: 'no_answer', reason: 'connection' }, quantity: 12 },
  { kind: 'cut_body_after', hears: { kind: 'no_answer', reason: 'cut_body' }, quantity: 12 },
  { kind: 'error_500_before', hears: { kind: 'error', status: 500 }, quantity: 10 },
  { kind: 'error_500_after', hears: { kind: 'error', status: 500 }, quantity: 12 },
  { kind: 'rate_limit_429', hears: { kind: 'error', status: 429, code: 'rate_limit' }, quantity: 10 },
  { kind: 'lock_timeout_429', hears: { kind: 'error', status: 429, code: 'lock_timeout' }, quantity: 10 },
  { kind: 'conflict_409', hears: { kind: 'error', status: 409, code: 'idempotency_key_in_use' }, quantity: 10 },
  { kind: 'card_decline_402', hears: { kind: 'error', status: 402, type: 'card_error' }, quantity: 10 },
  { kind: 'requires_action_402', hears: { kind: 'error', status: 402 }, quantity: 10 },
  { kind: 'invalid_request_400', hears: { kind: 'error', status: 400 }, quantity: 10 },
  { kind: 'not_found_404', hears: { kind: 'error', status: 404 }, quantity: 10 },
  { kind: 'unauthorized_401', hears: { kind: 'error', status: 401 }, quantity: 10 },
  { kind: 'forbidden_403', hears: { kind: 'error', status: 403 }, quantity: 10 },
];

for (const { kind, hears, quantity: expected } of faults) {
  test(`one request arrives under ${kind}, and what is heard is what happened`, () =>
    onSimulator(async ({ sim, adapter, push, writes, quantity }) => {
      sim.faults.add({ kind, match: { method: 'POST' } });
      const answer: Record<string, unknown> = { ...(await adapter.send(push, patient)) };
      for (const [field, value] of Object.entries(hears)) assert.equal(answer[field], value, field);
      assert.equal(writes().length, 1);
      assert.equal(quantity(), expected);
    }));
}

test('a lost answer is settled by the same request again', () =>
  onSimulator(async ({ sim, adapter, push, quantity }) => {
    sim.faults.add({ kind: 'drop_after', match: { method: 'POST' } });
    assert.equal((await adapter.send(push, patient)).kind, 'no_answer');
    const again = await adapter.send(push, patient);
    assert.deepEqual(again.kind === 'success' && [again.quantity, again.replayed], [12, true]);
    assert.equal(quantity(), 12);
  }));

test('a request that hangs is given up at the deadline, and may still run: that is why it is in doubt', () =>
  onSimulator(async ({ sim, adapter, push, quantity }) => {
    const fault = sim.faults.add({ kind: 'hang', match: { method: 'POST' } });
    const answer = await adapter.send(push, { timeoutMs: 200 });
    assert.equal(answer.kind === 'no_answer' && answer.reason, 'timeout');
    assert.equal(quantity(), 10);
    sim.faults.release(fault);
    await sim.waitFor((request) => request.method === 'POST' && request.executed);
    assert.equal(quantity(), 12);
  }));

const invoiced = (paymentBehavior: BillingBehavior['paymentBehavior']): BillingBehavior => ({
  prorationBehavior: 'always_invoice',
  paymentBehavior,
});

test('a declined card under pending_if_incomplete leaves the quantity and brings the invoice to pay', () =>
  onSimulator(async ({ sim, adapter, push, quantity }) => {
    sim.admin.breakCard(push.link.customer);
    const answer = await adapter.send(push, patient);
    assert.equal(answer.kind, 'success');
    if (answer.kind !== 'success') return;
    assert.equal(answer.quantity, 10);
    assert.match(answer.pendingUpdate?.invoice ?? '', /^in_/);
    assert.match(answer.pendingUpdate?.url ?? '', /^https?:/);
    assert.ok((answer.pendingUpdate?.expiresAt ?? 0) > Date.now());
    assert.equal(quantity(), 10);
    const look = await adapter.look(push.link, patient);
    assert.deepEqual(
      look.kind === 'seen' && look.observation.pendingUpdate?.items.map(({ id, quantity }) => [id, quantity]),
      [[push.link.item, 12]],
    );
  }, invoiced('pending_if_incomplete')));

test('a declined card under error_if_incomplete is a refusal that changed nothing', () =>
  onSimulator(async ({ sim, adapter, push, quantity }) => {
    sim.admin.breakCard(push.link.customer, 'insufficient_funds');
    const answer = await adapter.send(push, patient);
    assert.deepEqual(answer.kind === 'error' && [answer.status, answer.declineCode], [402, 'insufficient_funds']);
    assert.equal(quantity(), 10);
  }, invoiced('error_if_incomplete')));

test('the price of a change is previewed, and nothing is stored', () =>
  onSimulator(async ({ sim, adapter, push, writes, quantity }) => {
    const prorationDate = sim.clock.now();
    const terms = { prorationBehavior: 'always_invoice', prorationDate, ...patient } as const;
    const result = await adapter.previewQuantity(push.link, 12, terms);
    assert.equal(result.kind, 'previewed', JSON.stringify(result));
    if (result.kind !== 'previewed') return;
    assert.equal(result.preview.currency, 'usd');
    assert.equal(result.preview.total, result.preview.prorationAmount);
    assert.ok(result.preview.lines.some((line) => line.proration && line.amount > 0));
    assert.equal(quantity(), 10);
    assert.ok(writes().every((write) => write.key !== idempotencyKey(push)));
  }));
