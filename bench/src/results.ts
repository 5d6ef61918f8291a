import type { burst } from './burst.ts';
import type { dbos } from './dbos.ts';
import type { history } from './history.ts';
import type { Machine } from './lib/machine.ts';
import type { memory } from './memory.ts';
import type { overhead } from './overhead.ts';
import type { recovery } from './recovery.ts';
import type { throughput } from './throughput.ts';
import type { usual } from './usual.ts';

/** In the order in which they are measured; the one that takes an hour comes last. */
export const benchNames = [
  'overhead',
  'throughput',
  'burst',
  'usual',
  'recovery',
  'history',
  'dbos',
  'memory',
] as const;
export type BenchName = (typeof benchNames)[number];

/** One run, as it is kept in `results/`. A measurement that was not asked for is absent. */
export interface Results {
  readonly measuredAt: string;
  /** Figures of a quick run only show that the measurements work. */
  readonly quick: boolean;
  readonly machine: Machine;
  /** Load average of the last minute, before and after each measurement. */
  readonly load: Partial<Record<BenchName, { readonly before: number; readonly after: number }>>;
  readonly overhead?: Awaited<ReturnType<typeof overhead>>;
  readonly throughput?: Awaited<ReturnType<typeof throughput>>;
  readonly burst?: Awaited<ReturnType<typeof burst>>;
  readonly usual?: Awaited<ReturnType<typeof usual>>;
  readonly recovery?: Awaited<ReturnType<typeof recovery>>;
  readonly history?: Awaited<ReturnType<typeof history>>;
  readonly memory?: Awaited<ReturnType<typeof memory>>;
  readonly dbos?: Awaited<ReturnType<typeof dbos>>;
}
