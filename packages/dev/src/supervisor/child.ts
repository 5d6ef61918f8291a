import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { environmentWithOurTools, repositoryRoot } from '../repository.ts';
import type { SupervisorLog } from './log.ts';

export type ChildOptions = {
  /** As it is called in the log. */
  name: string;
  /** The Node program and its arguments. */
  command: string[];
  environment: NodeJS.ProcessEnv;
  /** How long it may take to finish after SIGTERM, in milliseconds. */
  graceMs: number;
  log: SupervisorLog;
  /** Called when it has ended too often to be started again; the sentence says what is known. */
  onGivenUp(sentence: string): void;
  onStarted(): void;
};

// Who lives this long has shown that it can; what ends it later (a database that is away) may well be over soon.
const stoodAfterMs = 10_000;
// One that never stood is started this often: what is wrong with it does not pass, and a person has to look.
const triesAllowed = 6;
const firstPauseMs = 200;
const longestPauseMs = 10_000;

/** A Node program that is kept running: started again when it ends by itself, stopped in order when asked. */
export class Child {
  readonly #options: ChildOptions;
  #everStood = false;
  #failuresInARow = 0;
  #startedAtMs = 0;
  #process: ChildProcess | undefined;
  #stopping = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get processId(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const { command, environment, log, name } = this.#options;
    const leash = pathToFileURL(join(import.meta.dirname, 'leash.ts')).href;
    const child = spawn(process.execPath, ['--import', leash, ...command], {
      cwd: repositoryRoot,
      env: environmentWithOurTools(environment),
      // Ctrl-C in a terminal reaches the whole process group; in a group of their own the children end in our order.
      detached: true,
      // The fourth is the leash.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#startedAtMs = performance.now();
    if (child.stdout !== null) log.follow(name, child.stdout);
    if (child.stderr !== null) log.follow(name, child.stderr);
    child.once('error', (error) => log.logger.error({ err: error }, `The ${name} could not be started.`));
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `code ${code}`));
    this.#options.onStarted();
  }

  /** SIGTERM, then SIGKILL when the grace is over. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#pause);
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#options.graceMs);
    await promise;
    clearTimeout(timer);
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    if (this.#stopping) return;
    const { log, name, onGivenUp } = this.#options;
    const stood = performance.now() - this.#startedAtMs >= stoodAfterMs;
    this.#everStood ||= stood;
    this.#failuresInARow = stood ? 1 : this.#failuresInARow + 1;
    if (!this.#everStood && this.#failuresInARow >= triesAllowed) {
      onGivenUp(
        `The ${name} ended ${triesAllowed} times soon after its start, the last time with ${how}. The lines above say why.`,
      );
      return;
    }
    const pauseMs = Math.min(firstPauseMs * 2 ** (this.#failuresInARow - 1), longestPauseMs);
    log.logger.warn({ how, pauseMs }, `The ${name} ended by itself; it is started again.`);
    this.#pause = setTimeout(() => this.start(), pauseMs);
  }
}
