import type { Io } from '../io.ts';

/** The one answer of a command in --json mode. */
export function printJson(io: Io, value: unknown): Promise<void> {
  return io.out(`${JSON.stringify(value, null, 2)}\n`);
}
