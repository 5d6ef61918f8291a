import type { OpenPush } from '../../packages/engine/src/core/types.ts';
import type { BenchServer } from './lib/bench-server.ts';
import { changeInTwoTransactions, rowBytes } from './lib/change-in-two-transactions.ts';
import { median, round } from './lib/figures.ts';
import { changeOnce, engineWithoutStripe, ground } from './lib/ground.ts';
import { pgbench, pgbenchVersion } from './lib/pgbench.ts';
import { serverCpuMs } from './lib/server-cpu.ts';

const clients = 16;

/**
 * Changes per second over many organizations, in turn with pgbench writing the same rows as two explicit transactions on
 * the same server. Each round begins with the other one first, because the second finds fuller tables and a warmer cache.
 */
export async function throughput(
  size: {
    readonly server: BenchServer;
    readonly rounds: number;
    readonly seconds: number;
    readonly organizations: number;
  },
  tell: (sentence: string) => void,
) {
  const version = pgbenchVersion();
  const engine: number[] = [];
  const loading: number[] = [];
  const floor: number[] = [];
  const cpu = { node: [] as number[], server: [] as (number | null)[], pgbenchServer: [] as (number | null)[] };
  let bytes: { engine: Record<string, number>; pgbench: Record<string, number> } | null = null;
  for (let index = 0; index < size.rounds; index += 1) {
    tell(`throughput: round ${index + 1} of ${size.rounds}`);
    await using place = await ground(size.organizations, size.server);
    const push = await onePush(place);
    const script = await changeInTwoTransactions(place.pool, push, size.organizations, clients);
    const runs = [
      async () => {
        const node = process.cpuUsage();
        const server = await serverCpuMs(place.pool);
        const { perSecond, changes } = await engineRate(place, size.seconds);
        const { user, system } = process.cpuUsage(node);
        engine.push(perSecond);
        cpu.node.push((user + system) / 1_000 / changes);
        cpu.server.push(difference(server, await serverCpuMs(place.pool), changes));
      },
      async () => {
        loading.push((await engineRate(place, size.seconds, { forgets: true })).perSecond);
      },
      async () => {
        if (version === null) return;
        const server = await serverCpuMs(place.pool);
        const { perSecond } = await pgbench(place.url, script, { clients, seconds: size.seconds });
        floor.push(perSecond);
        cpu.pgbenchServer.push(difference(server, await serverCpuMs(place.pool), perSecond * size.seconds));
      },
    ];
    const engineBytes = await rowBytes(place.pool);
    for (const run of index % 2 === 0 ? runs : runs.reverse()) await run();
    if (index === 0 && version !== null) {
      // What the engine wrote before is forgotten, so that the mean is over pgbench's own rows.
      await place.pool.query(`alter table seatbelt.audit disable trigger user;
        truncate seatbelt.seat_changes, seatbelt.pushes, seatbelt.audit, seatbelt.host_events`);
      await place.pool.query(`update seatbelt.accounts set audit_length = 0, change_count = 0`);
      await pgbench(place.url, script, { clients: 1, seconds: 1 });
      bytes = { engine: engineBytes, pgbench: await rowBytes(place.pool) };
    }
  }
  const loadingRatios = floor.map((rate, index) => (loading[index] ?? Number.NaN) / rate);
  const ratios = floor.map((rate, index) => (engine[index] ?? Number.NaN) / rate);
  return {
    clients,
    ...size,
    enginePerSecond: round(median(engine), 0),
    pgbenchPerSecond: floor.length > 0 ? round(median(floor), 0) : null,
    ratio: ratios.length > 0 ? round(median(ratios)) : null,
    ratios: ratios.map((ratio) => round(ratio)),
    goalRatio: 0.8,
    /** The same where no process remembers the organization: every change begins with a load. */
    withLoad: {
      enginePerSecond: round(median(loading), 0),
      ratio: loadingRatios.length > 0 ? round(median(loadingRatios)) : null,
    },
    /** CPU time of one change. It says more than the rate where other programs want the same cores. */
    cpuMsPerChange: {
      node: round(median(cpu.node)),
      server: medianOrNull(cpu.server),
      pgbenchServer: medianOrNull(cpu.pgbenchServer),
    },
    pgbench: version === null ? 'not installed here, so there is no floor to compare with' : `${version}, -M prepared`,
    rowBytes: bytes,
  };
}

/** One change of the engine, and its push as it was stored. */
export async function onePush(place: Awaited<ReturnType<typeof ground>>): Promise<OpenPush> {
  let seen: OpenPush | null = null;
  const advancer = engineWithoutStripe(place.database, (push) => {
    seen = push;
  });
  const [key] = place.keys;
  if (!key) throw new Error('no organization');
  await changeOnce(advancer, key, 19);
  if (!seen) throw new Error('The engine sent no push.');
  return seen;
}

function difference(before: number | null, after: number | null, changes: number): number | null {
  return before === null || after === null ? null : (after - before) / changes;
}

function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? round(median(known)) : null;
}

async function engineRate(
  place: Awaited<ReturnType<typeof ground>>,
  seconds: number,
  options: { readonly forgets: boolean } = { forgets: false },
): Promise<{ perSecond: number; changes: number }> {
  let advancer = engineWithoutStripe(place.database);
  const began = performance.now();
  const until = began + seconds * 1_000;
  let done = 0;
  let next = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < until) {
        next += 1;
        // After each round over the organizations it is as if another process went on.
        if (options.forgets && next % place.keys.length === 0) advancer = engineWithoutStripe(place.database);
        const key = place.keys[next % place.keys.length];
        if (!key) throw new Error('no organization');
        await changeOnce(advancer, key, 20 + (Math.floor(next / place.keys.length) % 2));
        done += 1;
      }
    }),
  );
  const perSecond = done / ((performance.now() - began) / 1_000);
  await place.nothingIsOpen();
  return { perSecond, changes: done };
}
