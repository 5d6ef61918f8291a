import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SimAdmin } from './admin/admin.ts';
import { Clockwork } from './clock/clockwork.ts';
import { type ClockOptions, SimClock } from './clock/sim-clock.ts';
import { ControlApi } from './control/control-api.ts';
import { EventControl } from './events/event-control.ts';
import { Faults } from './faults/faults.ts';
import { ApiKeys } from './http/auth.ts';
import type { Outcome, RawRequest } from './http/exchange.ts';
import { answerFetch } from './http/fetch-front.ts';
import { Pipeline } from './http/pipeline.ts';
import { Router } from './http/router.ts';
import { Ids } from './ids.ts';
import { seededRandom } from './random.ts';
import { allRoutes } from './routes/all.ts';
import { searchRoutes } from './routes/left-out.ts';
import { createHttpServer } from './server.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { Journal } from './state/journal.ts';
import { Store } from './state/store.ts';
import { type RequestEntry, RequestLog } from './truth/request-log.ts';
import { type Truth, truthOf } from './truth/truth.ts';
import type { World } from './world.ts';

export interface StripeSimOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1. The control API answers loopback peers only, whatever the host. */
  host?: string;
  /** For ids and fault dice; default 1. The same seed and calls give the same ids. */
  seed?: number;
  /** Keeps all state in this file, across kill -9. */
  stateFile?: string;
  /** The only good keys; default: every `sk_test_…`. */
  apiKeys?: string[];
  clock?: ClockOptions;
  /** Gets a line for what should not happen; default: standard error. */
  log?: (line: string) => void;
  settings?: Partial<Settings>;
}

/** A simulated Stripe account. */
export interface StripeSim {
  /** Where it listens, without a slash at the end. Throws when it does not listen. */
  readonly url: string;
  readonly port: number;
  /** The whole simulator as a fetch-style function; no port is needed. A lost answer rejects, as a real fetch does. */
  fetch(request: Request): Promise<Response>;
  readonly faults: Faults;
  readonly events: EventControl;
  readonly clock: SimClock;
  readonly admin: SimAdmin;
  truth(): Truth;
  /** The first request, past or future, for which the predicate holds. Rejects after `timeoutMs`, 10 s by default, and on closing. */
  waitFor(predicate: (entry: RequestEntry) => boolean, options?: { timeoutMs?: number }): Promise<RequestEntry>;
  /** Stops listening, lets go of everything held or waited for and closes the state file. */
  close(): Promise<void>;
}

class Simulator implements StripeSim {
  readonly faults: Faults;
  readonly events: EventControl;
  readonly clock: SimClock;
  readonly admin: SimAdmin;
  readonly #world: World;
  readonly #pipeline: Pipeline;
  readonly #control: ControlApi;
  readonly #clockwork: Clockwork;
  readonly #journal: Journal | null;
  #server: Server | null = null;

  constructor(options: StripeSimOptions) {
    const random = seededRandom(options.seed ?? 1);
    const ids = new Ids(random);
    const store = new Store();
    const settings: Settings = { ...defaultSettings, ...options.settings };
    this.clock = new SimClock(options.clock);
    this.events = new EventControl({
      store,
      ids,
      clock: this.clock,
      random: seededRandom((options.seed ?? 1) ^ 0xe7e7),
      settings,
    });
    const log = options.log ?? ((line) => console.error(line));
    const requests = new RequestLog(settings.logLimit);
    this.#world = { settings, store, ids, clock: this.clock, events: this.events, requests, log };
    this.#journal = options.stateFile === undefined ? null : this.#openJournal(options.stateFile);
    this.#clockwork = new Clockwork(this.#world);
    if (this.#journal !== null) this.#clockwork.resume();
    const routes = [...allRoutes, ...searchRoutes];
    // The dice have their own generator: arming a fault must not change the ids of a run.
    this.faults = new Faults(seededRandom((options.seed ?? 1) ^ 0x5eed), routes);
    const apiKeys = new ApiKeys(options.apiKeys);
    this.#pipeline = new Pipeline({ world: this.#world, router: new Router(routes), faults: this.faults, apiKeys });
    this.admin = new SimAdmin({ world: this.#world, apiKeys, locks: this.#pipeline.locks });
    this.#control = new ControlApi(this);
  }

  /** Loads the saved state; clock and ids go on behind everything that was handed out before. */
  #openJournal(path: string): Journal {
    const { store, ids, clock } = this.#world;
    const journal = new Journal({ path, store, position: () => ({ now: clock.now(), ids: ids.counter }) });
    const position = journal.open();
    if (position !== null) {
      ids.continueFrom(position.ids);
      clock.moveTo(position.now * 1000);
    }
    return journal;
  }

  get url(): string {
    const address = this.#address();
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  }

  get port(): number {
    return this.#address().port;
  }

  #address(): AddressInfo {
    const address = this.#server?.address();
    if (address === null || address === undefined || typeof address === 'string') {
      throw new Error('This simulator does not listen; use startStripeSim, or its fetch().');
    }
    return address;
  }

  fetch(request: Request): Promise<Response> {
    return answerFetch(request, (raw) => this.#handle(raw, '127.0.0.1'));
  }

  truth(): Truth {
    this.#clockwork.tick();
    return truthOf(this.#world);
  }

  waitFor(predicate: (entry: RequestEntry) => boolean, options?: { timeoutMs?: number }): Promise<RequestEntry> {
    return this.#world.requests.waitFor(predicate, options);
  }

  async listen(port: number, host: string): Promise<void> {
    const server = createHttpServer((raw, peer) => this.#handle(raw, peer), this.#world.log);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(port, host, resolve);
    await promise;
    server.off('error', reject);
    this.#server = server;
  }

  async close(): Promise<void> {
    this.#pipeline.stop();
    this.faults.clear();
    this.#clockwork.stop();
    this.events.stop();
    this.#world.requests.close();
    const server = this.#server;
    if (server === null) {
      this.#journal?.close();
      return;
    }
    this.#server = null;
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    server.closeAllConnections();
    await promise;
    this.#journal?.close();
  }

  #handle(raw: RawRequest, peer: string): Promise<Outcome> {
    if (raw.target === '/_sim' || raw.target.startsWith('/_sim/') || raw.target.startsWith('/_sim?')) {
      return this.#control.handle(raw, peer);
    }
    this.#clockwork.tick();
    return this.#pipeline.handle(raw);
  }
}

/** A simulator that does not listen: use its `fetch`. */
export function createStripeSim(options: StripeSimOptions = {}): StripeSim {
  return new Simulator(options);
}

/** A simulator that listens on loopback. Resolves when it can be called. */
export async function startStripeSim(options: StripeSimOptions = {}): Promise<StripeSim> {
  const simulator = new Simulator(options);
  try {
    await simulator.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  } catch (error) {
    // Its state file is free for the next one, which may have another port.
    await simulator.close();
    throw error;
  }
  return simulator;
}
