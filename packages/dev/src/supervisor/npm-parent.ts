import { identify, isRunning, parentOf } from './kernel-process.ts';

const lookEveryMs = 500;

/**
 * Calls back when the npm that started us is gone. npm stands before us with a shell in between, and when somebody ends
 * npm by a signal, neither of them passes it on: we would run on as nobody's child, holding the ports. Only where npm
 * started us; who starts the program itself decides alone when it ends.
 */
export function whenNpmIsGone(callback: () => void): () => void {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  // Whose parent ends gets another one, so only the process behind it has to be asked for.
  const parent = process.ppid;
  const behind = parentOf(parent);
  const npm = behind !== undefined && behind > 1 ? identify(behind) : undefined;
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || isRunning(npm))) return;
    clearInterval(timer);
    callback();
  }, lookEveryMs);
  return () => clearInterval(timer);
}
