import { identify, isRunning, type KernelProcess, parentOf } from './kernel-process.ts';

const lookEveryMs = 500;

/**
 * Calls back when the npm that started us is gone. npm stands before us with a shell in between, and when somebody ends
 * npm by a signal, neither of them passes it on: we would run on as nobody's child, holding the ports. Only where npm
 * started us; who starts the program itself decides alone when it ends.
 */
export function whenNpmIsGone(callback: () => void): () => void {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const ancestors = [process.ppid, parentOf(process.ppid)]
    .filter((processId) => processId !== undefined && processId > 1)
    .map((processId) => identify(processId as number))
    .filter((found): found is KernelProcess => found !== undefined);
  const timer = setInterval(() => {
    if (ancestors.every(isRunning)) return;
    clearInterval(timer);
    callback();
  }, lookEveryMs);
  return () => clearInterval(timer);
}
