import { burst } from './burst.ts';
import { dbos } from './dbos.ts';
import { history } from './history.ts';
import { load, machine } from './lib/machine.ts';
import { memory } from './memory.ts';
import { overhead } from './overhead.ts';
import { recovery } from './recovery.ts';
import { type BenchName, benchNames, type Results } from './results.ts';
import { sizes } from './sizes.ts';
import { throughput } from './throughput.ts';
import { usual } from './usual.ts';

/** Runs what was asked for, one after another: two at once would measure each other. */
export async function run(options: {
  readonly only: readonly BenchName[];
  readonly quick: boolean;
  /** How long the memory measurement takes; null: as long as the size says. */
  readonly minutes?: number | null;
  readonly tell: (sentence: string) => void;
}): Promise<Results> {
  const { only, quick, minutes = null, tell } = options;
  const size = quick ? sizes.quick : sizes.full;
  const measured: Pick<Results, 'load' | BenchName> = { load: {} };
  const measurements: Record<BenchName, () => Promise<object>> = {
    overhead: async () => ({ overhead: await overhead(size.overhead, tell) }),
    throughput: async () => ({ throughput: await throughput(size.throughput, tell) }),
    burst: async () => ({ burst: await burst(size.burst, tell) }),
    usual: async () => ({ usual: await usual(size.usual, tell) }),
    recovery: async () => ({ recovery: await recovery(size.recovery, tell) }),
    history: async () => ({ history: await history(size.history, tell) }),
    memory: async () => ({
      memory: await memory(minutes === null ? size.memory : { ...size.memory, seconds: minutes * 60 }, tell),
    }),
    dbos: async () => ({ dbos: await dbos(size.dbos, tell) }),
  };
  for (const name of benchNames.filter((candidate) => only.includes(candidate))) {
    const before = load();
    Object.assign(measured, await measurements[name]());
    measured.load[name] = { before, after: load() };
  }
  return { measuredAt: new Date().toISOString(), quick, machine: await machine(), ...measured };
}
