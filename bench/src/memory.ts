import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchServer } from './lib/bench-server.ts';
import { median, round } from './lib/figures.ts';
import { linkAll } from './lib/link-all.ts';
import { twoSides } from './lib/two-sides.ts';
import type { MemoryLoad, MemorySample } from './memory/load.ts';

const mib = 2 ** 20;

/**
 * Memory of a server process under steady load, measured after a full collection each time. The first third of the
 * samples is the warm-up; what counts is the last third beside the second, because a leak shows there however small it is
 * beside what the libraries hold.
 */
export async function memory(
  size: {
    readonly server: BenchServer;
    readonly organizations: number;
    readonly clients: number;
    readonly seconds: number;
    readonly samples: number;
  },
  tell: (sentence: string) => void,
) {
  await using place = await twoSides({
    server: size.server,
    organizations: size.organizations,
    seats: 20,
    stripeMs: 0,
  });
  await linkAll(place, 10);
  const { organizations, clients, seconds, samples: count } = size;
  const settings: MemoryLoad = {
    databaseUrl: place.url,
    stripePort: place.sim.port,
    organizations,
    clients,
    seconds,
    samples: count,
  };
  tell(`memory: ${Math.round(seconds / 60)} minutes of load`);
  const child = fork(fileURLToPath(new URL('./memory/load.ts', import.meta.url)), [JSON.stringify(settings)], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  const samples: MemorySample[] = [];
  child.on('message', (sample: MemorySample) => {
    samples.push(sample);
    const [heap, rss] = [sample.heapBytes, sample.rssBytes].map((bytes) => round(bytes / mib, 1));
    tell(
      `memory: sample ${samples.length} of ${count}: heap ${heap} MiB, in all ${rss} MiB, ${sample.changes} changes`,
    );
  });
  const [code] = await once(child, 'exit');
  if (code !== 0 || samples.length !== count) throw new Error(`The process under load ended with ${code}.`);
  const third = Math.floor(count / 3);
  const heapOf = (part: readonly MemorySample[]) => median(part.map(({ heapBytes }) => heapBytes));
  const second = heapOf(samples.slice(third, 2 * third));
  const last = heapOf(samples.slice(2 * third));
  return {
    ...size,
    changes: samples.at(-1)?.changes ?? 0,
    heapMiB: samples.map(({ heapBytes }) => round(heapBytes / mib, 1)),
    rssMiB: samples.map(({ rssBytes }) => round(rssBytes / mib, 0)),
    heapSecondThirdMiB: round(second / mib, 1),
    heapLastThirdMiB: round(last / mib, 1),
    growth: round(last / second, 3),
    goalGrowth: 1.05,
  };
}
