/**
 * A million subscriptions: created in bulk, listed in full at 100 a page over HTTP, and how much memory the simulator
 * takes for them. Run: node bench/src/sim/million.ts [count]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripeSimClient } from '../../../packages/stripe-sim/src/index.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const bin = fileURLToPath(new URL('../../../packages/stripe-sim/src/bin.ts', import.meta.url));
const startedMs = performance.now();
const child = spawn(process.execPath, [bin, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
const [line] = await once(createInterface(child.stdout), 'line');
const url = /http:\S+/.exec(String(line))?.[0] ?? '';
console.log(`ready after ${Math.round(performance.now() - startedMs)} ms, process start included`);

/** Processor seconds the simulator has used: comparable between runs on a machine that others use too. */
function processorSeconds(): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const agent = new Agent({ keepAlive: true });

function getJson<T>(path: string): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  request(`${url}${path}`, { agent, headers: { authorization: 'Bearer sk_test_x' } }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as T));
  })
    .on('error', reject)
    .end();
  return promise;
}

try {
  const createdMs = performance.now();
  await stripeSimClient(url).admin.createSubscriptionsInBulk({ count, quantity: 5 });
  console.log(`${count} created in ${((performance.now() - createdMs) / 1000).toFixed(1)} s`);

  const listedMs = performance.now();
  const [clientBefore, serverBefore] = [process.cpuUsage(), processorSeconds()];
  const seen = new Set<string>();
  let after = '';
  for (;;) {
    const page = await getJson<{ data: { id: string }[]; has_more: boolean }>(
      `/v1/subscriptions?limit=100${after === '' ? '' : `&starting_after=${after}`}`,
    );
    for (const { id } of page.data) seen.add(id);
    after = page.data.at(-1)?.id ?? '';
    if (!page.has_more) break;
  }
  console.log(`${seen.size} listed in ${((performance.now() - listedMs) / 1000).toFixed(1)} s`);
  const client = process.cpuUsage(clientBefore);
  const clientSeconds = ((client.user + client.system) / 1e6).toFixed(1);
  console.log(
    `  processor: simulator ${(processorSeconds() - serverBefore).toFixed(1)} s, this client ${clientSeconds} s`,
  );
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  console.log(`peak memory of the simulator ${Math.round(Number(peak) / 1024)} MB`);
  if (seen.size !== count) throw new Error(`listed ${seen.size} of ${count}`);
} finally {
  child.kill('SIGKILL');
  agent.destroy();
}
