/**
 * How many webhooks one process takes, each signed, stored and its account marked by a commit that waits for the disk, and
 * how long a delivery waits. Run: node bench/src/foreign/webhooks.ts [seconds] [at once]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Stripe from 'stripe';
import { ground } from '../lib/ground.ts';

const seconds = Number(process.argv[2] ?? 10);
const atOnce = Number(process.argv[3] ?? 24);
const organizations = 1_000;
await using made = await ground(organizations, 'own');
const file = fileURLToPath(new URL('webhook-child.ts', import.meta.url));
const child = spawn(process.execPath, [file, made.url], { stdio: ['ignore', 'pipe', 'inherit'] });
const lines = createInterface(child.stdout);
const [port] = await once(lines, 'line');
const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
const stripe = new Stripe('sk_test_bench');
let sent = 0;

/** One delivery of an event of its own; resolves with how long its 200 took. */
function deliver(): Promise<number> {
  const index = sent;
  sent += 1;
  const subscription = `sub_org_${index % organizations}`;
  const item = { id: `si_org_${index % organizations}`, object: 'subscription_item', quantity: 11 };
  const payload = JSON.stringify({
    id: `evt_${index}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: Math.floor(Date.now() / 1_000),
    type: 'customer.subscription.updated',
    data: {
      // About as long as a real one.
      object: { id: subscription, object: 'subscription', items: { data: [item] }, padding: 'x'.repeat(3_000) },
      previous_attributes: { quantity: 10 },
    },
    request: { id: null, idempotency_key: null },
  });
  const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: 'whsec_bench' });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const began = performance.now();
  const posted = request(
    {
      host: '127.0.0.1',
      port: Number(port),
      path: '/api/webhooks/stripe',
      method: 'POST',
      agent,
      headers: { 'stripe-signature': signature, 'content-length': Buffer.byteLength(payload) },
    },
    (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - began);
        else reject(new Error(`answered ${response.statusCode}`));
      });
    },
  );
  posted.once('error', reject);
  posted.end(payload);
  return promise;
}

async function deliverFor(ms: number): Promise<number[]> {
  const until = performance.now() + ms;
  const times: number[] = [];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() < until) times.push(await deliver());
    }),
  );
  return times.sort((a, b) => a - b);
}

/** Processor microseconds that the process which takes them has used. */
async function processor(): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${port}/`)).text());
}

try {
  await deliverFor(2_000);
  const before = await processor();
  const began = performance.now();
  const times = await deliverFor(seconds * 1_000);
  const took = (performance.now() - began) / 1_000;
  const each = ((await processor()) - before) / times.length;
  const at = (part: number) => (times[Math.floor(times.length * part)] ?? Number.NaN).toFixed(1);
  console.log(
    `${times.length} webhooks in ${took.toFixed(1)} s: ${Math.round(times.length / took)}/s, ` +
      `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, slowest ${at(0.9999)} ms, ${atOnce} at once`,
  );
  console.log(
    `processor time of the process that takes them: ${each.toFixed(0)} µs each, so ${Math.round(1e6 / each)}/s on one core`,
  );
} finally {
  child.kill('SIGKILL');
  agent.destroy();
}
