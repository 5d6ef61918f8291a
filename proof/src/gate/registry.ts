/** Which parts there are, in the order in which they begin. One whose file is gone fails the gate; none is skipped. */
import type { Part } from './part.ts';

export interface Registered {
  readonly name: string;
  readonly title: string;
  /** The module that exports the part, relative to this folder. */
  readonly file: string;
  /** Its work is mostly waiting for other processes, so it runs beside one that computes. */
  readonly waits: boolean;
}

export const registered: readonly Registered[] = [
  { name: 'processes', title: 'real processes, killed and frozen', file: './processes.ts', waits: true },
  { name: 'schedules', title: 'seeded schedules', file: './schedules.ts', waits: false },
  { name: 'postgres-crashes', title: 'crashes of PostgreSQL', file: './postgres-crashes.ts', waits: true },
  { name: 'exhaustive-search', title: 'exhaustive search', file: './exhaustive-search.ts', waits: false },
  { name: 'planted-bugs', title: 'planted bugs are caught', file: './planted-bugs.ts', waits: false },
  { name: 'schedules-on-postgres', title: 'schedules on PostgreSQL', file: './schedules-on-postgres.ts', waits: false },
  { name: 'store-conformance', title: 'both stores are one machine', file: './store-conformance.ts', waits: true },
  { name: 'comparison', title: 'beside other ways to do it', file: './comparison.ts', waits: true },
  { name: 'core-coverage', title: 'every branch of the core', file: './core-coverage.ts', waits: false },
];

/** Parts that only the soak has: they take too long for every run. */
export const registeredForSoak: readonly Registered[] = [
  { name: 'mutation', title: 'mutants of the core', file: './mutation.ts', waits: false },
];

/** @throws when the file is missing or exports no part of this name: what was to be proven is not there. */
export async function loadPart({ name, file }: Pick<Registered, 'name' | 'file'>): Promise<Part> {
  const exported: unknown = await import(new URL(file, import.meta.url).href);
  const part = Object.values(exported as Readonly<Record<string, unknown>>).find(
    (value) => isPart(value) && value.name === name,
  );
  if (!isPart(part)) throw new Error(`${file} exports no part called ${name}.`);
  return part;
}

function isPart(value: unknown): value is Part {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'title' in value &&
    'run' in value &&
    typeof value.run === 'function'
  );
}
