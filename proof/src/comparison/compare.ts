import { versionsOf } from './described.ts';
import { type ProgramName, programNames } from './programs.ts';
import { type ComparisonSize, type ProgramFigures, runProgram } from './run-program.ts';

export interface Comparison {
  readonly seed: number;
  readonly size: ComparisonSize;
  readonly programs: readonly (ProgramFigures & { readonly versions: string })[];
}

/** The five programs, one after another, under the same load and the same seeded faults. */
export async function compare(
  size: ComparisonSize,
  seed: number,
  hooks: {
    readonly signal: AbortSignal;
    readonly tell: (now: { program: ProgramName; done: number; faults: number }) => void;
  },
  only: readonly ProgramName[] = programNames,
): Promise<Comparison> {
  const programs: (ProgramFigures & { versions: string })[] = [];
  let faultsBefore = 0;
  for (const [index, program] of programNames.filter((name) => only.includes(name)).entries()) {
    const figures = await runProgram(program, size, seed, {
      signal: hooks.signal,
      tell: ({ begun, faults }) =>
        hooks.tell({
          program,
          done: index * size.organizations * size.together + begun,
          faults: faultsBefore + faults,
        }),
    });
    faultsBefore += faultsOf(figures);
    programs.push({ ...figures, versions: await versionsOf(program) });
  }
  return { seed, size, programs };
}

/** Faults that struck a program. */
export function faultsOf({ struck, kills, connectionCuts }: ProgramFigures): number {
  return Object.values(struck).reduce((sum, times) => sum + times, 0) + kills + connectionCuts;
}
