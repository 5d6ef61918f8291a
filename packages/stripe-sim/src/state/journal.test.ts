import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Stripe from 'stripe';
import { createStripeSim, stripeSimClient } from '../index.ts';
import { sdkFor } from '../testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'stripe-sim-'));
after(() => rmSync(folder, { recursive: true }));
const bin = fileURLToPath(new URL('../bin.ts', import.meta.url));

async function startProcess(state: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [bin, '--port', '0', '--state', state], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(child.stdout);
  const [line] = await once(createInterface(child.stdout), 'line');
  const url = /http:\S+/.exec(String(line))?.[0] ?? '';
  return { child, url };
}

function sdkAt(url: string): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe('sk_test_x', {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

test('kill -9 loses nothing that was answered, and a key still replays the same answer', async () => {
  const state = join(folder, 'killed.jsonl');
  const first = await startProcess(state);
  const demo = await stripeSimClient(first.url).admin.createDemoSubscription({ quantity: 5 });
  const change = (url: string) =>
    sdkAt(url).subscriptions.update(
      demo.subscription.id,
      { items: [{ id: demo.item.id, quantity: 9 }], proration_behavior: 'always_invoice' },
      { idempotencyKey: 'op' },
    );
  const answered = await change(first.url);
  const before = await stripeSimClient(first.url).truth();
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await startProcess(state);
  try {
    const truth = await stripeSimClient(second.url).truth();
    assert.deepEqual(truth.subscriptions, before.subscriptions);
    assert.deepEqual(truth.events, before.events);
    assert.deepEqual(truth.ledger, before.ledger);
    assert.deepEqual(truth.quantityHistory, before.quantityHistory);
    const replayed = await change(second.url);
    assert.equal(replayed.lastResponse.headers['idempotent-replayed'], 'true');
    assert.equal(JSON.stringify(replayed), JSON.stringify(answered));
    const created = await sdkAt(second.url).customers.create({});
    assert.notEqual(created.id, demo.customer.id);
  } finally {
    second.child.kill('SIGKILL');
    await once(second.child, 'exit');
  }
});

test('a commit that was cut short on disk is dropped, and what was before it is there', async () => {
  const path = join(folder, 'torn.jsonl');
  const first = createStripeSim({ stateFile: path });
  const demo = first.admin.createDemoSubscription({ quantity: 5 });
  await first.close();
  appendFileSync(path, '{"now":1,"ids":1,"put":{"subscriptions":[{"id":"sub_half');
  const second = createStripeSim({ stateFile: path });
  assert.equal((await sdkFor(second).subscriptions.retrieve(demo.subscription.id)).items.data[0]?.quantity, 5);
  assert.equal(second.truth().subscriptions.length, 1);
  await second.close();
});

test('a loaded state goes on renewing', async () => {
  const path = join(folder, 'renewing.jsonl');
  const first = createStripeSim({ stateFile: path });
  const demo = first.admin.createDemoSubscription({ quantity: 5 });
  await first.close();
  const second = createStripeSim({ stateFile: path });
  await second.clock.advance({ days: 32 });
  assert.equal((await sdkFor(second).invoices.list({ subscription: demo.subscription.id })).data.length, 2);
  await second.close();
});

test('two simulators cannot keep the same file', async () => {
  const path = join(folder, 'shared.jsonl');
  const { child } = await startProcess(path);
  try {
    assert.throws(() => createStripeSim({ stateFile: path }), /is kept by process/);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

test('the file is its owner’s alone, because it holds the secrets of webhook endpoints', async () => {
  const path = join(folder, 'secret.jsonl');
  const mode = () => statSync(path).mode & 0o777;
  const first = createStripeSim({ stateFile: path });
  first.events.addEndpoint({ url: 'http://127.0.0.1:9/', secret: 'whsec_of_a_test' });
  assert.equal(mode(), 0o600);
  await first.close();

  // An older version left it open, and one that was killed while it wrote left an open unfinished one.
  chmodSync(path, 0o644);
  writeFileSync(`${path}.new`, '', { mode: 0o644 });
  const second = createStripeSim({ stateFile: path });
  assert.equal(mode(), 0o600);
  assert.equal(second.events.endpoints().length, 1);
  await second.close();
});
