import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/** A process of the run. */
export interface RunningChild {
  readonly pid: number;
  readonly process: ChildProcess;
  /** The first line it printed: mostly how it can be reached. */
  readonly said: string;
  /** Resolves when the kernel has taken it. */
  readonly gone: Promise<void>;
}

// A server of the product starts within half a second on an idle machine; this one may be very busy.
const startWithinMs = 60_000;

/** Every process that a run starts goes through here, so that none can be left behind, however the run ends. */
export class Children {
  readonly #guard: ChildProcess;
  readonly #living = new Map<number, ChildProcess>();
  readonly #logFile: string;
  #closed = false;

  /** @param logFile takes what the processes write to standard error. */
  constructor(logFile: string) {
    this.#logFile = logFile;
    this.#guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts')], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    // The guard is no reason for this process to stay alive; the end of its pipe is what it waits for.
    this.#guard.unref();
    // A guard that is gone breaks the pipe; that the run goes on unguarded is worth less than its result.
    this.#guard.stdin?.on('error', () => undefined);
    if (this.#guard.stdin instanceof Socket) this.#guard.stdin.unref();
  }

  /** Starts a Node program and resolves when it has printed its first line. */
  async start(program: readonly string[], environment: NodeJS.ProcessEnv): Promise<RunningChild> {
    if (this.#closed) throw new Error('The run is over; nothing is started any more.');
    const log = openSync(this.#logFile, 'a');
    const child = spawn(process.execPath, [...program], { env: environment, stdio: ['ignore', 'pipe', log] });
    closeSync(log);
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => {
        if (child.pid !== undefined) this.#forget(child.pid);
        resolve();
      });
    });
    const { pid } = child;
    if (pid === undefined) throw new Error(`${program[0]} could not be started.`);
    this.guard(pid);
    this.#living.set(pid, child);
    const said = await firstLine(child, program[0] ?? 'a program');
    return { pid, process: child, said, gone };
  }

  /** Has the guard kill this process too, should the run itself be killed: for servers that somebody else started. */
  guard(pid: number): void {
    this.#guard.stdin?.write(`+${pid}\n`);
  }

  #forget(pid: number): void {
    this.#living.delete(pid);
    this.#guard.stdin?.write(`-${pid}\n`);
  }

  /** Kills what is left, and resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const ends = [...this.#living.values()].map(
      (child) =>
        new Promise<void>((resolve) => {
          child.once('exit', () => resolve());
          child.kill('SIGKILL');
        }),
    );
    await Promise.all(ends);
    this.#guard.stdin?.end();
  }
}

function firstLine(child: ChildProcess, name: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  const timer = setTimeout(() => reject(new Error(`${name} did not start within ${startWithinMs} ms.`)), startWithinMs);
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const end = text.indexOf('\n');
    if (end >= 0) resolve(text.slice(0, end));
  });
  child.once('error', reject);
  child.once('exit', (code, signal) =>
    reject(new Error(`${name} ended with ${signal ?? `code ${code}`} at its start.`)),
  );
  return promise.finally(() => clearTimeout(timer));
}
