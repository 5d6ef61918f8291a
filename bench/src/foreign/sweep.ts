/**
 * A million linked subscriptions swept: once where nothing drifted, once where some did. The simulator, PostgreSQL and the
 * sweeping process are three processes; memory is that of the last. Run: node bench/src/foreign/sweep.ts [count] [drifted]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { defaultTerms } from '../../../packages/engine/src/core/terms.ts';
import { stripeSimClient } from '../../../packages/stripe-sim/src/index.ts';
import { benchServer } from '../lib/bench-server.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const drifted = Number(process.argv[3] ?? 100);
const bin = fileURLToPath(new URL('../../../packages/stripe-sim/src/bin.ts', import.meta.url));
const child = spawn(process.execPath, [bin, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
const server = await benchServer('own');
const pool = new pg.Pool({ connectionString: server.url, max: 2 });
pool.on('error', () => undefined);

interface Listed {
  id: string;
  customer: string;
  items: { data: { id: string }[] };
}

/** Links what Stripe lists, without a look at each: the figure is that of the sweep. */
async function linkAll(url: string): Promise<Listed[]> {
  const some: Listed[] = [];
  for (let after = '', more = true; more; ) {
    const response = await fetch(`${url}/v1/subscriptions?limit=100${after === '' ? '' : `&starting_after=${after}`}`, {
      headers: { authorization: 'Bearer sk_test_x' },
    });
    const page = (await response.json()) as { data: Listed[]; has_more: boolean };
    const rows = page.data.map(({ id, customer, items }) => ({ id, customer, item: items.data[0]?.id }));
    await pool.query(
      `insert into seatbelt.accounts (organization_id, customer_id, subscription_id, subscription_item_id, terms, settled_seats, seat_count)
       select 'org_' || r.id, r.customer, r.id, r.item, $2, 5, 5 from jsonb_to_recordset($1::jsonb) as r (id text, customer text, item text)`,
      [
        JSON.stringify(rows),
        JSON.stringify({ ...defaultTerms, onForeignChange: { dashboard: 'adopt', unknown: 'adopt' } }),
      ],
    );
    if (some.length < drifted) some.push(...page.data.slice(0, drifted - some.length));
    after = page.data.at(-1)?.id ?? '';
    more = page.has_more;
  }
  return some;
}

async function sweep(port: string): Promise<Record<string, unknown>> {
  const file = fileURLToPath(new URL('sweep-child.ts', import.meta.url));
  const sweeping = spawn(process.execPath, [file, server.url, port], { stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(await text(sweeping.stdout)) as Record<string, unknown>;
}

function say(what: string, result: Record<string, unknown>): void {
  const { subscriptions, seconds, requests, peakMiB, cpuSeconds, rereads, repairs, state } = result;
  const rate = Math.round(Number(subscriptions) / Number(seconds));
  console.log(
    `${what}: ${subscriptions} in ${Number(seconds).toFixed(1)} s, ${rate}/s, ${JSON.stringify(requests)}, ` +
      `peak memory ${peakMiB} MiB, processor ${Number(cpuSeconds).toFixed(1)} s, ${rereads} read again, ${repairs} changed, ${state}`,
  );
}

try {
  const [line] = await once(createInterface(child.stdout), 'line');
  const url = /http:\S+/.exec(String(line))?.[0] ?? '';
  const { port } = new URL(url);
  const client = stripeSimClient(url);
  await client.admin.createSubscriptionsInBulk({ count, quantity: 5 });
  const { createSeatbelt } = await import('../../../packages/engine/src/index.ts');
  const { default: Stripe } = await import('stripe');
  const stripe = new Stripe('sk_test_bench', {
    host: '127.0.0.1',
    port: Number(port),
    protocol: 'http',
    telemetry: false,
  });
  const seatbelt = createSeatbelt({ db: server.url, stripe, environment: 'bench' });
  await seatbelt.migrate();
  await seatbelt.close();
  const some = await linkAll(url);
  await pool.query('analyze seatbelt.accounts');
  console.log(`${count} created and linked`);

  const clean = await sweep(port);
  say('nothing drifted', clean);
  for (const { id, items } of some) {
    await client.admin.foreignQuantityChange({
      subscription: id,
      item: items.data[0]?.id ?? '',
      quantity: 9,
      by: 'dashboard',
    });
  }
  const dirty = await sweep(port);
  say(`${some.length} drifted`, dirty);
  const lists = Math.ceil(count / 100);
  const expected = [
    { lists, single: 0, writes: 0 },
    { lists, single: some.length, writes: 0 },
  ];
  for (const [index, result] of [clean, dirty].entries()) {
    if (JSON.stringify(result.requests) !== JSON.stringify(expected[index]))
      throw new Error(`expected ${JSON.stringify(expected[index])}, made ${JSON.stringify(result.requests)}`);
  }
} finally {
  child.kill('SIGKILL');
  await pool.end();
  await server.remove();
}
