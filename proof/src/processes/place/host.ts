/**
 * One server process of the product, as a host would write it: the public library behind Node's own HTTP server, with a
 * worker. It takes its settings as JSON in argv and prints one line of JSON when it can be asked.
 */
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createSeatbelt } from 'seatbelt';
import Stripe from 'stripe';
import { policy } from '../../../../packages/engine/src/core/policy.ts';

export interface HostSettings {
  readonly databaseUrl: string;
  readonly stripePort: number;
  readonly stripeKey: string;
  readonly webhookSecret: string;
  readonly apiKey: string;
  readonly environment: string;
  /** Every alert, one line of JSON each: written before the process goes on, so that a kill does not lose it. */
  readonly alertFile: string;
  /**
   * null: the policy of production. A number shortens the lease, and the time limit of a request to Stripe with it, for
   * the slice that has no time to wait for a lease. Only this program can do that; the product has no such option.
   */
  readonly leaseMs: number | null;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as HostSettings;
if (settings.leaseMs !== null) {
  const shortened = { leaseMs: settings.leaseMs, stripeTimeoutMs: Math.round(settings.leaseMs * 0.6) };
  Object.assign(policy, shortened);
}

const seatbelt = createSeatbelt({
  db: settings.databaseUrl,
  stripe: new Stripe(settings.stripeKey, {
    host: '127.0.0.1',
    port: settings.stripePort,
    protocol: 'http',
    telemetry: false,
  }),
  environment: settings.environment,
  webhookSecrets: [settings.webhookSecret],
  onAlert: (alert) => appendFileSync(settings.alertFile, `${JSON.stringify({ ...alert, pid: process.pid })}\n`),
});

const handlers = seatbelt.handlers({
  authorize: (request) => {
    const organization = request.headers.get('seatbelt-organization');
    if (organization === null || request.headers.get('authorization') !== `Bearer ${settings.apiKey}`) return null;
    return { organization, actor: 'proof', may: 'change' };
  },
});

const server = createServer(async (incoming, outgoing) => {
  const request = await requestOf(incoming);
  if (request === null) return;
  const response = await handlers.fetch(request);
  if (outgoing.destroyed) return;
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
});

/** null: the client was cut off before it had said everything. */
async function requestOf(incoming: IncomingMessage): Promise<Request | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch (error) {
    if (incoming.complete) throw error;
    return null;
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const { method = 'GET' } = incoming;
  return new Request(`http://127.0.0.1${incoming.url ?? '/'}`, {
    method,
    headers,
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: Buffer.concat(chunks) }),
  });
}

seatbelt.startWorker();
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
  // Most of these processes are killed and would never write what they compiled.
  flushCompileCache();
});
