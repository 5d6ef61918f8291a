/** The sweeping process by itself, so that its memory is its own: `node sweep-child.ts <database> <port of Stripe>`. */
import { readFileSync } from 'node:fs';
import Stripe from 'stripe';
import { keepMemorySmall } from '../../../packages/cli/src/sweep/small-memory.ts';
import { createSeatbelt } from '../../../packages/engine/src/index.ts';

const [database = '', port = ''] = process.argv.slice(2);
if (process.env.LAZY !== '1') keepMemorySmall();
const inner = Stripe.createNodeHttpClient();
const requests = { lists: 0, single: 0, writes: 0 };
const counting = {
  getClientName: () => inner.getClientName(),
  makeRequest: (...request: Parameters<typeof inner.makeRequest>) => {
    const [, , path, method] = request;
    if (method !== 'GET') requests.writes += 1;
    else if (path.startsWith('/v1/subscriptions?')) requests.lists += 1;
    else if (path.startsWith('/v1/subscriptions/')) requests.single += 1;
    return inner.makeRequest(...request);
  },
};
const stripe = new Stripe('sk_test_bench', {
  host: '127.0.0.1',
  port: Number(port),
  protocol: 'http',
  telemetry: false,
  httpClient: counting as unknown as typeof inner,
});
const seatbelt = createSeatbelt({ db: database, stripe, environment: 'bench', prepare: true });
const began = performance.now();
const report = await seatbelt.sweep({ dryRun: false, callsPerSecond: 10_000, repairLimit: 1_000_000 });
const seconds = (performance.now() - began) / 1_000;
await seatbelt.close();
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
const cpu = process.cpuUsage();
process.stdout.write(
  `${JSON.stringify({ ...report, seconds, requests, peakMiB: Math.round(Number(peak) / 1_024), cpuSeconds: (cpu.user + cpu.system) / 1e6 })}\n`,
);
