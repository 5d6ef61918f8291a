import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProgramSettings } from './programs.ts';
import type { Work } from './server.ts';

/** What a server said, or `died`: the process ended before it answered. */
export type Said<Result> = { readonly result: Result } | 'died';

/** `Work` without its number, which is given here. */
type Unnumbered = Work extends infer One ? (One extends Work ? Omit<One, 'id'> : never) : never;

interface Server {
  child: ChildProcess;
  /** False from its death until another process has taken its place. */
  up: boolean;
  readonly open: Map<number, (said: Said<unknown>) => void>;
}

/** Several processes of one program behind a load balancer that takes turns and leaves out what is down. */
export class Servers {
  readonly #settings: ProgramSettings;
  readonly #servers: readonly Server[];
  /** Resolves when a process that was started anew is ready. */
  #somethingUp = Promise.withResolvers<void>();
  #turn = 0;
  #works = 0;
  #endedByItself: Error | null = null;

  static async start(settings: ProgramSettings, count: number): Promise<Servers> {
    const children = await Promise.all(Array.from({ length: count }, () => startChild(settings)));
    return new Servers(settings, children);
  }

  private constructor(settings: ProgramSettings, children: readonly ChildProcess[]) {
    this.#settings = settings;
    this.#servers = children.map((child): Server => ({ child, up: true, open: new Map() }));
    for (const server of this.#servers) this.#listen(server);
  }

  /**
   * Hands work to the server whose turn it is, and waits for one while all are down.
   *
   * @throws Error when a server ended by itself, which none may.
   */
  async ask<Result>(work: Unnumbered): Promise<Said<Result>> {
    const server = await this.#next();
    this.#works += 1;
    const id = this.#works;
    const said = await new Promise<Said<unknown>>((resolve) => {
      server.open.set(id, resolve);
      server.child.send({ ...work, id });
    });
    if (this.#endedByItself) throw this.#endedByItself;
    return said as Said<Result>;
  }

  async #next(): Promise<Server> {
    for (;;) {
      if (this.#endedByItself) throw this.#endedByItself;
      const up = this.#servers.filter((server) => server.up);
      const server = up[this.#turn % up.length];
      this.#turn += 1;
      if (server) return server;
      await this.#somethingUp.promise;
    }
  }

  /** SIGKILL, whatever it is at; another process takes its place. Gives the number of works that died with it. */
  async kill(index: number): Promise<number> {
    const server = this.#servers[index % this.#servers.length];
    if (!server?.up) return 0;
    server.up = false;
    const { child } = server;
    child.removeAllListeners();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lost = dropOpen(server);
    server.child = await startChild(this.#settings);
    this.#listen(server);
    server.up = true;
    this.#somethingUp.resolve();
    this.#somethingUp = Promise.withResolvers<void>();
    return lost;
  }

  /** Lets each finish what it does. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(async ({ child }) => {
        child.removeAllListeners('exit');
        if (!child.connected) return;
        const exited = once(child, 'exit');
        child.send('close');
        await exited;
      }),
    );
  }

  #listen(server: Server): void {
    const { child, open } = server;
    child.removeAllListeners('exit');
    child.on('message', ({ id, result }: { id: number; result: unknown }) => {
      open.get(id)?.({ result });
      open.delete(id);
    });
    child.on('exit', (code) => {
      this.#endedByItself = new Error(`A server process of ${this.#settings.name} ended by itself with ${code}.`);
      server.up = false;
      dropOpen(server);
      this.#somethingUp.resolve();
    });
  }
}

function dropOpen(server: Server): number {
  const lost = [...server.open.values()];
  server.open.clear();
  for (const resolve of lost) resolve('died');
  return lost.length;
}

async function startChild(settings: ProgramSettings): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), [JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`A server process ended at its start with ${code}.`)));
  });
  return child;
}
