import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { environmentWithOurTools, repositoryRoot } from '../repository.ts';

/** A Node program that ends when we end, a kill -9 of us included. */
export type Leashed = {
  child: ChildProcess;
  /** What it has said lately, for when it ends without having been asked to. */
  lines: string[];
  /** SIGINT, then SIGKILL when the grace is over. Resolves when it is gone. */
  stop(): Promise<void>;
};

// The supervisor gives its own children up to 15 s.
const graceMs = 30_000;
const linesKept = 400;

export function startLeashed(command: string[], environment: NodeJS.ProcessEnv): Leashed {
  const leash = pathToFileURL(join(import.meta.dirname, '..', 'supervisor', 'leash.ts')).href;
  const child = spawn(process.execPath, ['--import', leash, ...command], {
    cwd: repositoryRoot,
    env: environmentWithOurTools(environment),
    // Ctrl-C is for us first; we stop the rest in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > linesKept) lines.shift();
    });
  }
  return {
    child,
    lines,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
