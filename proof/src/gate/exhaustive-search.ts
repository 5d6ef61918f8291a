/** Small worlds, searched through completely, over the production decisions. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Found } from '../search/search.ts';
import type { Beginning } from '../search/world.ts';
import { gateWorlds, sliceWorlds, soakWorlds } from '../search/worlds.ts';
import type { Goal, Part, PartContext, PartResult, Size, Violation } from './part.ts';
import type { SearchOrder, SearchReport } from './search-worker.ts';

const worldsOf: Readonly<Record<Size, readonly Beginning[]>> = {
  slice: sliceWorlds,
  gate: gateWorlds,
  soak: soakWorlds,
};
/** What fits into memory: a world that is waiting takes a few kilobytes, one that was seen some fifty bytes. */
const mostWorlds = 12_000_000;

export const exhaustiveSearch: Part = {
  name: 'exhaustive-search',
  title: 'exhaustive search',
  async run(context: PartContext): Promise<PartResult> {
    const found = await searchAll(worldsOf[context.size], context);
    const violations = found.flatMap((one) => violationOf(one));
    return {
      goals: goalsOf(found, context),
      violations,
      faults: found.reduce((sum, { faults }) => sum + faults, 0),
      data: {
        searched: {
          kind: 'table',
          title: 'Small worlds that were searched through',
          columns: [
            'world',
            'processes',
            'changes',
            'may go wrong',
            'states',
            'steps',
            'longest way',
            'complete',
            'seconds',
          ],
          rows: found.map((one) => rowOf(one, worldsOf[context.size])),
          note: 'A state is everything that any later step can tell apart; every step from every state was taken.',
        },
      },
    };
  },
};

async function searchAll(beginnings: readonly Beginning[], context: PartContext): Promise<Found[]> {
  const left = [...beginnings];
  const found: Found[] = [];
  const underWay = new Map<string, { worlds: number; faults: number }>();
  const tell = (note: string): void => {
    const sum = { worlds: 0, faults: 0 };
    for (const { worlds, faults } of [...underWay.values(), ...found]) {
      sum.worlds += worlds;
      sum.faults += faults;
    }
    context.progress({ done: sum.worlds, total: null, faults: sum.faults, note });
  };
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined && !context.signal.aborted; next = left.shift()) {
      const beginning = next;
      const worker = new Worker(new URL('./search-worker.ts', import.meta.url));
      const stop = () => void worker.terminate();
      context.signal.addEventListener('abort', stop, { once: true });
      const one = await new Promise<Found | null>((resolve, reject) => {
        worker.once('error', reject);
        worker.once('exit', () => resolve(null));
        worker.on('message', (report: SearchReport) => {
          if (report.type === 'found') return resolve(report.found);
          underWay.set(beginning.name, report);
          tell(beginning.name);
        });
        worker.postMessage({ beginning, worlds: mostWorlds, until: context.until } satisfies SearchOrder);
      });
      context.signal.removeEventListener('abort', stop);
      await worker.terminate();
      underWay.delete(beginning.name);
      if (one !== null) found.push(one);
      if (one?.counterexample) left.length = 0;
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), beginnings.length) }, lane));
  return found;
}

function violationOf({ name, counterexample }: Found): Violation[] {
  if (counterexample === null) return [];
  const { guarantee, message, story } = counterexample;
  return [
    {
      guarantee,
      message: `${name}: ${message}`,
      replay: `node proof/src/search/main.ts --world "${name}"`,
      timeline: story,
    },
  ];
}

function goalsOf(found: readonly Found[], { size }: PartContext): Goal[] {
  const wanted = worldsOf[size].length;
  const complete = found.filter((one) => one.complete).length;
  const states = found.reduce((sum, { worlds }) => sum + worlds, 0);
  // In a soak the time ends a search as well; what was seen until then still counts.
  const met = size === 'soak' ? found.length > 0 : complete === wanted;
  return [
    {
      title: 'small worlds searched through',
      wanted: size === 'soak' ? 'as time allows' : `all ${wanted}`,
      got: `${complete}`,
      met,
    },
    {
      title: 'states that break a promise or never rest',
      wanted: '0',
      got: found.some(({ counterexample }) => counterexample !== null) ? 'one was found' : `0 of ${states}`,
      met: found.every(({ counterexample }) => counterexample === null) && states > 0,
    },
  ];
}

function rowOf(found: Found, beginnings: readonly Beginning[]): (string | number | boolean)[] {
  const beginning = beginnings.find(({ name }) => name === found.name);
  const wrong = Object.entries(beginning?.budget ?? {}).filter(([, times]) => times > 0);
  return [
    found.name,
    beginning?.processes ?? 0,
    beginning?.script.length ?? 0,
    wrong.map(([what, times]) => `${times} ${what}`).join(', '),
    found.worlds,
    found.steps,
    found.depth,
    found.complete,
    Number(found.seconds.toFixed(1)),
  ];
}
