/** Everything a command touches of the process it runs in, so that nothing else does. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Resolves when the reader has taken it, so that a long export never piles up in memory. */
  out(text: string): Promise<void>;
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Resolves at the first SIGTERM or SIGINT. A second one ends the process at once. */
  stopSignal(): Promise<NodeJS.Signals>;
}

/** How a command ends. They are documented in docs/cli.md and scripts rely on them. */
export const exitCodes = {
  ok: 0,
  /** Something is wrong that a person has to deal with. */
  wrong: 1,
  /** The command line, the environment or the set-up is not right; nothing was done. */
  setup: 2,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export function processIo(): Io {
  // `seatbelt changes … | head` closes the pipe. That is the reader's right and no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    throw error;
  });
  return {
    env: process.env,
    async out(text) {
      if (process.stdout.write(text)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      process.stdout.once('drain', resolve);
      await promise;
    },
    err(text) {
      process.stderr.write(text);
    },
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    stopSignal() {
      const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
      return promise;
    },
  };
}
