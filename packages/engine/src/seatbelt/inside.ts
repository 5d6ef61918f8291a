import { randomUUID } from 'node:crypto';
import { Advancer } from '../advance.ts';
import { type Alerts, createAlerts, type Logger, unbreakable } from '../alerts/alerts.ts';
import type { InternalCommand } from '../core/decide-together.ts';
import { defaultTerms } from '../core/terms.ts';
import type { State, Terms } from '../core/types.ts';
import { type Database, databaseOf } from '../db/executor.ts';
import { deliverHostEvents } from '../duties/deliver-host-events.ts';
import { UnknownOrganization } from '../failures.ts';
import { plainText, termsOver } from '../input.ts';
import type { Settled } from '../lane.ts';
import { Listeners } from '../listeners.ts';
import { Counters } from '../metrics/counters.ts';
import { inTurn } from '../rate/in-turn.ts';
import { requestsPerSecond } from '../rate/requests-per-second.ts';
import { StripeTurns } from '../rate/stripe-turns.ts';
import { oweAlerts } from '../store/incidents.ts';
import { postgresStore } from '../store/postgres-store.ts';
import type { AccountKey, Store } from '../store/store.ts';
import { type StripeAdapter, stripeAdapter } from '../stripe/adapter.ts';
import { Watch } from '../watch/watch.ts';
import { within } from '../within.ts';
import { Closing } from './closing.ts';
import { Installation } from './installation.ts';
import { OneByOne } from './one-by-one.ts';
import type { SeatbeltOptions } from './options.ts';
import { Outcomes } from './outcomes.ts';

/** Reads outside the request path of a push: shorter than a person's patience. */
export const lookTimeoutMs = 8_000;
/** How long a read waits for what it found due. */
const readPatienceMs = 1_000;

const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };

/** What is behind one `Seatbelt`: its parts, and the few things that every verb does with them. */
export class Inside {
  readonly options: SeatbeltOptions;
  readonly logger: Logger;
  readonly database: Database;
  readonly store: Store;
  readonly stripe: StripeAdapter;
  /** The same, whose looks go last: a sweep that only reports reads what differs by itself. */
  readonly stripeOfSweep: StripeAdapter;
  /** Takes its turns; the advancer takes those of its own requests itself, because it knows who waits for them. */
  readonly turns: StripeTurns;
  readonly counters = new Counters();
  readonly advancer: Advancer;
  readonly alerts: Alerts;
  readonly listeners: Listeners;
  readonly installation: Installation;
  readonly watch: Watch;
  /** Purchases whose price is asked of Stripe. */
  readonly priced = new OneByOne();
  readonly outcomes = new Outcomes();
  readonly closing = new Closing();
  /** Incidents of another installation that are being left to it. */
  readonly #leaving = new Set<Promise<void>>();
  readonly seatType: string;
  /** Of accounts that are linked without terms of their own. */
  readonly terms: Terms;

  constructor(options: SeatbeltOptions) {
    this.options = options;
    this.logger = unbreakable(options.logger ?? silentLogger);
    this.terms = termsOver(defaultTerms, options.terms);
    this.seatType = plainText('seatType', options.seatType ?? 'seat');
    this.database = databaseOf(options.db, {
      prepare: options.prepare ?? false,
      onIdleError: (error) =>
        this.logger.warn({ err: error }, 'An idle database connection broke; the next statement gets a new one.'),
    });
    this.listeners = new Listeners(this.logger);
    this.listeners.deliverWith(async () =>
      // Those who are to hear of it listen in the installation that the database belongs to.
      this.installation.foreign === null
        ? deliverHostEvents(this.database, this.listeners)
        : { delivered: 0, failed: 0 },
    );
    this.alerts = createAlerts({
      logger: this.logger,
      ...(options.sentry ? { sentry: options.sentry } : {}),
      ...(options.onAlert ? { onAlert: options.onAlert } : {}),
    });
    const own = stripeAdapter(options.stripe);
    this.turns = new StripeTurns({
      database: this.database,
      requestsPerSecond: requestsPerSecond(options, own),
      logger: this.logger,
      pause: (ms) => this.closing.pause(ms),
      monotonicNow: () => performance.now(),
      closing: () => this.closing.begun,
    });
    this.stripe = inTurn(own, this.turns);
    this.stripeOfSweep = inTurn(own, this.turns, 'sweep');
    this.installation = new Installation({
      environment: options.environment ?? process.env.SEATBELT_ENVIRONMENT ?? 'production',
      stripe: this.stripe,
      alerts: this.alerts,
    });
    this.store = this.installation.guarded(postgresStore(this.database));
    this.advancer = new Advancer({
      store: this.store,
      stripe: own,
      alerts: this.alerts,
      logger: this.logger,
      newId: randomUUID,
      monotonicNow: () => performance.now(),
      pause: (ms) => this.closing.pause(ms),
      closing: () => this.closing.begun,
      later,
      turn: (kind, withinMs) => this.turns.turn(kind, withinMs),
      answered: (push, answer) => this.counters.answered(push, answer),
      leavesTelling: (incidents) => this.#leavesTelling(incidents.map(({ id }) => id)),
      tooManyRequests: () => void this.turns.slowDown(),
      committed: (_key, decision) => {
        this.outcomes.committed(decision);
        this.counters.committed(decision);
        if (decision.records.events.length > 0) this.listeners.somethingHappened();
      },
    });
    this.watch = new Watch({
      database: this.database,
      alerts: this.alerts,
      logger: this.logger,
      owner: this.advancer.owner,
      monotonicNow: () => performance.now(),
    });
  }

  /** The alerts of an installation go where its own processes send them, so that one who hears of a trouble hears of its end. */
  #leavesTelling(incidents: readonly string[]): boolean {
    if (this.installation.foreign === null) return false;
    const leaving = oweAlerts(this.database, incidents)
      .catch((error: unknown) => {
        this.logger.warn({ err: error, incidents }, 'Whose database this is may not hear of these incidents.');
      })
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    return true;
  }

  /** Resolves when everything that others are to tell is left to them. */
  async left(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** Looks after the duties of all beside what was asked for, which does not wait for it. */
  watchBeside(): void {
    void this.watchNow();
  }

  /** Not in a process of another installation: it would tell somebody else of a silence, and nobody after that. */
  async watchNow(): Promise<void> {
    // While nobody can say whose the database is, a silence is told by whoever finds it.
    await this.claimInstallation().catch(() => undefined);
    if (this.installation.foreign === null) await this.watch.now();
  }

  /** @throws InvalidInput */
  key(organization: string): AccountKey {
    return { organization: plainText('organization', organization), seatType: this.seatType };
  }

  /** Before anything that writes: this database is this installation's, or nothing is pushed from here. */
  claimInstallation(): Promise<void> {
    return this.installation.claim(this.database);
  }

  /** @throws UnknownOrganization */
  async state(key: AccountKey): Promise<State> {
    const state = await this.store.load(key, { keys: [], holders: [] });
    if (state === null) throw unknownOrganization(key);
    return state;
  }

  /** Reading advances first what is due, so that a product without a worker heals as well; it waits for that only briefly. */
  async freshState(key: AccountKey): Promise<State> {
    await this.claimInstallation();
    this.watchBeside();
    const state = await this.state(key);
    if (state.account.dueAt === null || state.account.dueAt > state.now) return state;
    const advanced = this.advancer.advance(key).catch((error: unknown) => {
      this.logger.warn({ ...key, err: error }, 'What is due could not be done while reading.');
    });
    await Promise.race([advanced, this.closing.pause(readPatienceMs)]);
    return this.state(key);
  }

  /** A command of ours or of an operator's, decided, committed and carried out. */
  async internal(key: AccountKey, command: InternalCommand): Promise<State> {
    await this.claimInstallation();
    const settled = await this.advancer.lane(key).internal(command);
    await within(this.carryOut(key, settled), carryOutPatienceMs);
    return settled.state;
  }

  /** What follows a commit. The commit is there whatever becomes of that, so a failure is no answer to whoever asked for it. */
  async carryOut(key: AccountKey, settled: Settled): Promise<void> {
    await this.advancer.act(key, settled).catch((error: unknown) => {
      this.logger.error({ ...key, err: error }, 'Carrying out a change stopped; the worker goes on with it.');
    });
  }

  /** A database that is away while somebody waits is not an answer to them: what is known stays known. */
  async tryRead<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      this.logger.warn({ err: error }, 'The database could not be read while waiting for an outcome.');
      return null;
    }
  }

  /** Stripe refused this push and the rollback could not be written yet. */
  readonly rollbackPending = (push: string | null): boolean => this.advancer.rollbackPending(push);
}

export function unknownOrganization(key: AccountKey): UnknownOrganization {
  return new UnknownOrganization(`No account for organization ${JSON.stringify(key.organization)}.`);
}

/** So long somebody whose word is written waits for what follows it; that goes on without them. */
const carryOutPatienceMs = 10_000;

/** Nobody's process stays for this: who waits keeps it open by itself. */
function later(ms: number, then: () => void): void {
  const timer: { unref?: () => void } = setTimeout(then, ms);
  timer.unref?.();
}
