import { SetupError } from 'seatbelt/environment';
import { PostgresProblem } from '../embedded-postgres/index.ts';
import { BuildFailed } from './dashboard-build.ts';
import { StartProblem } from './start-problem.ts';

/** What the world can do wrong is said in a sentence. Anything else is a bug of ours and shows its stack. */
export function isToldInASentence(error: unknown): error is Error {
  return [SetupError, StartProblem, PostgresProblem, BuildFailed].some((kind) => error instanceof kind);
}
