import type { Random } from '../../random.ts';
import { type FaultyTcp, startFaultyTcp } from '../proxy/tcp.ts';
import type { Children, RunningChild } from './children.ts';
import type { HostSettings } from './host.ts';

/** A server process: `serving` behind a door, a `spare` that only works as a worker, or `frozen`. */
export interface Server {
  readonly pid: number;
  /** Where it listens itself, past every proxy. */
  readonly port: number;
  readonly child: RunningChild;
  state: 'spare' | 'serving' | 'frozen' | 'gone';
}

/** A place in front of which clients stand. Which process is behind it changes; its port does not. */
export interface Door {
  readonly index: number;
  readonly proxy: FaultyTcp;
  server: Server | null;
}

export interface FleetOptions {
  readonly children: Children;
  /** The program of a server, as `host.ts` is once it is bundled. */
  readonly program: string;
  readonly settings: HostSettings;
  readonly environment: NodeJS.ProcessEnv;
  readonly random: Random;
  readonly doors: number;
  /** Started ahead, so that a door is not empty for the time that a process takes to start. */
  readonly spares: number;
}

/** A database that comes up again after a crash is there within that many starts, or something else is wrong. */
const startsInVain = 4;

/** The server processes of the product, behind doors that are kept filled whatever is done to those behind them. */
export class Fleet {
  readonly doors: Door[] = [];
  readonly #options: FleetOptions;
  readonly #spares: Server[] = [];
  readonly #frozen = new Set<Server>();
  readonly #starting = new Set<Promise<void>>();
  readonly #filled = new Set<() => void>();
  #failure: Error | null = null;
  /** In a row. */
  #failedStarts = 0;
  #closing = false;

  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    for (let index = 0; index < options.doors; index += 1) {
      const proxy = await startFaultyTcp({
        target: () => fleet.doors[index]?.server?.port ?? null,
        random: options.random,
      });
      fleet.doors.push({ index, proxy, server: null });
    }
    // The first one compiles for all of them.
    await fleet.#startOne();
    fleet.#keepFilled();
    await fleet.whenFilled();
    return fleet;
  }

  private constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Living processes that are not frozen, those behind doors first. */
  get servers(): readonly Server[] {
    return [...this.doors.flatMap(({ server }) => server ?? []), ...this.#spares];
  }

  /** The doors as clients see them. */
  get open(): { readonly port: number; readonly pid: number | null }[] {
    return this.doors.map(({ proxy, server }) => ({ port: proxy.port, pid: server?.pid ?? null }));
  }

  /** Some process that answers, for whoever has to ask without a fault in between. */
  get anyPort(): number {
    const [server] = this.servers;
    if (server === undefined) throw new Error('No server process is up.');
    return server.port;
  }

  get frozen(): number {
    return this.#frozen.size;
  }

  /** SIGKILL. Resolves when it is gone; somebody else is behind its door as soon as there is a spare. */
  async kill(server: Server): Promise<void> {
    if (server.state === 'gone') return;
    this.#leave(server);
    server.state = 'gone';
    server.child.process.kill('SIGKILL');
    await server.child.gone;
  }

  /** SIGSTOP: connections to it stay open, and it is in the middle of whatever it does. */
  freeze(server: Server): void {
    this.#leave(server);
    server.state = 'frozen';
    this.#frozen.add(server);
    server.child.process.kill('SIGSTOP');
  }

  /** It goes on with what it was at, hours behind for all it knows, and as a worker from then on. */
  thaw(server: Server): void {
    if (server.state !== 'frozen') return;
    this.#frozen.delete(server);
    server.child.process.kill('SIGCONT');
    server.state = 'spare';
    this.#spares.push(server);
    this.#keepFilled();
  }

  /** Resolves when every door has a process behind it and all spares are there. @throws what a process could not start for */
  whenFilled(): Promise<void> {
    return this.#when(() => this.#isFull());
  }

  /** Resolves when at least so many doors have a process behind them. */
  whenServing(least: number): Promise<void> {
    return this.#when(() => this.doors.filter(({ server }) => server !== null).length >= least);
  }

  async #when(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => this.#filled.add(resolve));
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#starting);
    for (const door of this.doors) await door.proxy.close();
  }

  #isFull(): boolean {
    return this.doors.every(({ server }) => server !== null) && this.#spares.length >= this.#options.spares;
  }

  #leave(server: Server): void {
    for (const door of this.doors) if (door.server === server) door.server = null;
    const place = this.#spares.indexOf(server);
    if (place >= 0) this.#spares.splice(place, 1);
    this.#frozen.delete(server);
    this.#keepFilled();
  }

  /** Spares take the empty doors, and as many are started as are then missing. */
  #keepFilled(): void {
    for (const door of this.doors) {
      if (door.server !== null) continue;
      const spare = this.#spares.shift();
      if (spare === undefined) break;
      spare.state = 'serving';
      door.server = spare;
    }
    for (const wake of this.#filled) wake();
    this.#filled.clear();
    if (this.#closing || this.#failure !== null) return;
    const empty = this.doors.filter(({ server }) => server === null).length;
    let missing = empty + this.#options.spares - this.#spares.length - this.#starting.size;
    for (; missing > 0; missing -= 1) {
      const starting = this.#startOne()
        .catch((error: unknown) => {
          this.#failedStarts += 1;
          // Who starts programs starts one again that found no database. Whoever waits for the doors hears of one that
          // never comes up; the load goes on with those that are there.
          if (this.#closing || this.#failedStarts < startsInVain) return;
          this.#failure = error instanceof Error ? error : new Error(String(error));
        })
        .finally(() => {
          this.#starting.delete(starting);
          this.#keepFilled();
        });
      this.#starting.add(starting);
    }
  }

  async #startOne(): Promise<void> {
    const { children, program, settings, environment } = this.#options;
    const child = await children.start([program, JSON.stringify(settings)], environment);
    const { port } = JSON.parse(child.said) as { port: number };
    const server: Server = { pid: child.pid, port, child, state: 'spare' };
    this.#failedStarts = 0;
    void child.gone.then(() => {
      if (server.state === 'gone') return;
      // Nobody killed it: it ended by itself, which no server of ours may do, whatever is done to its surroundings.
      this.#failure ??= new Error(`The server process ${server.pid} ended by itself; its last words are in the log.`);
      server.state = 'gone';
      this.#leave(server);
    });
    this.#spares.push(server);
  }
}
