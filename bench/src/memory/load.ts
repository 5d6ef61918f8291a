/** A server process under steady load, which says how much memory it holds after each collection of garbage. */
import { setTimeout as pause } from 'node:timers/promises';
import Stripe from 'stripe';
import { createSeatbelt } from '../../../packages/engine/src/index.ts';

export interface MemoryLoad {
  readonly databaseUrl: string;
  readonly stripePort: number;
  readonly organizations: number;
  readonly clients: number;
  readonly seconds: number;
  readonly samples: number;
}

export interface MemorySample {
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly changes: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as MemoryLoad;
const collect = globalThis.gc;
if (!collect) throw new Error('This process has to be started with --expose-gc.');

const stripe = new Stripe('sk_test_bench', { host: '127.0.0.1', port: settings.stripePort, protocol: 'http' });
const seatbelt = createSeatbelt({ db: settings.databaseUrl, stripe, environment: 'bench', prepare: true });
seatbelt.startWorker();
const until = performance.now() + settings.seconds * 1_000;
// Stripe takes 200 changes of a subscription in an hour; Seatbelt waits before that, and a load that waits for hours is none.
const betweenChangesMs = 3_600_000 / 150;
const nextAt = new Map<string, number>();
let changes = 0;

async function client(number: number): Promise<void> {
  for (let turn = number; performance.now() < until; turn += settings.clients) {
    const organization = `org_${turn % settings.organizations}`;
    const wait = Math.min(nextAt.get(organization) ?? 0, until) - performance.now();
    if (wait > 0) await pause(wait);
    if (performance.now() >= until) return;
    nextAt.set(organization, performance.now() + betweenChangesMs);
    const { status } = await seatbelt.set(organization, 20 + (Math.floor(turn / settings.organizations) % 2));
    // On a crowded machine an outcome may come later than its caller waits. It comes all the same.
    if (status === 'rolled_back') throw new Error(`${organization}: ${status}`);
    // A screen reads what it has changed.
    await seatbelt.seats(organization);
    if (turn % 10 === 0) await seatbelt.changes(organization, { limit: 20 });
    changes += 1;
  }
}

async function sample(): Promise<void> {
  for (let taken = 0; taken < settings.samples; taken += 1) {
    await pause((settings.seconds * 1_000) / settings.samples);
    collect?.();
    const { heapUsed, rss } = process.memoryUsage();
    process.send?.({ heapBytes: heapUsed, rssBytes: rss, changes } satisfies MemorySample);
  }
}

process.on('disconnect', () => process.exit(1));
await Promise.all([...Array.from({ length: settings.clients }, (_, number) => client(number)), sample()]);
await seatbelt.close();
process.exit(0);
