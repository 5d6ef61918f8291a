import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { Advancer } from './advance.ts';
import { type Alert, createAlerts, type Logger, type SentryLike } from './alerts/alerts.ts';
import { decideTogether } from './core/decide-together.ts';
import { policy } from './core/policy.ts';
import { quantityFor } from './core/quantity-for.ts';
import { SeatRefused } from './core/refusals.ts';
import { defaultTerms } from './core/terms.ts';
import type { Quote, SeatChange, SeatRequest, State, Terms } from './core/types.ts';
import { type Database, DatabaseError, databaseOf, type Executor, executorOf, type HostDb } from './db/executor.ts';
import { deliverHostEvents } from './duties/deliver-host-events.ts';
import { followEvents } from './duties/follow-events.ts';
import { linkFirstPurchases } from './duties/link-first-purchases.ts';
import { sweepSlice } from './duties/sweep-slice.ts';
import { type TickReport, tick } from './duties/tick.ts';
import {
  CommandDropped,
  DatabaseUnavailable,
  InvalidInput,
  StripeUnavailable,
  UnknownOrganization,
} from './failures.ts';
import type { ResolveOrganization } from './first-purchases.ts';
import type {
  AuditBody,
  ChangeBody,
  ChangeDetailBody,
  HealthBody,
  PreviewBody,
  SeatChangeBody,
  SeatsBody,
} from './http/contract.ts';
import { type Authorize, createHandlers, type Handlers } from './http/handlers.ts';
import {
  holderMoves,
  holderNames,
  isChangeId,
  plainText,
  plainTextOrNull,
  type TermsInput,
  termsOver,
  wholeSeats,
} from './input.ts';
import { holdersOf } from './lane.ts';
import { type LinkOptions, type LinkReport, linkAccount } from './link.ts';
import { type HostListener, Listeners } from './listeners.ts';
import { type ChainReport, readAudit, readAuditOf, type StoredEntry, verifyChain } from './store/audit-trail.ts';
import { type DutyRow, readDuties } from './store/duties.ts';
import { listChanges, readChange, readPush } from './store/history.ts';
import { pauseInstallation, readOrClaimInstallation } from './store/installation.ts';
import { databaseNow } from './store/link-account.ts';
import { loadPage } from './store/load-page.ts';
import { markAccount, receiveEvent } from './store/marks.ts';
import { migrate as migrateDatabase } from './store/migrate.ts';
import { type Overview, readOverview } from './store/overview.ts';
import { postgresStore, verbsOn } from './store/postgres-store.ts';
import { readQuote, storeQuote } from './store/quotes.ts';
import type { AccountKey, Store } from './store/store.ts';
import { readFindings, readLastSweep, type SweepFinding, type SweepRow } from './store/sweeps.ts';
import { type StripeAdapter, stripeAdapter } from './stripe/adapter.ts';
import { readEvent } from './stripe/read-event.ts';
import type { SweepContext } from './sweep/sweep.ts';
import { type SweepOptions, type SweepReport, sweepNow } from './sweep/sweep-now.ts';
import { changeAnswer, changeView, seatsView } from './views.ts';
import { Worker } from './worker.ts';

/** What a host gives to `createSeatbelt`. */
export interface SeatbeltOptions {
  /** A connection string, a `pg` pool or a `postgres` client. Only what we open is closed by `close()`. */
  readonly db: Parameters<typeof databaseOf>[0];
  /** The host's own Stripe client (`stripe` >= 20). */
  readonly stripe: Stripe;
  /** Which installation this is. A database that belongs to another one is read but never pushed from. Default `SEATBELT_ENVIRONMENT`, else `production`. */
  readonly environment?: string;
  /** Secrets of the webhook endpoint; several while one is being rolled. */
  readonly webhookSecrets?: readonly string[];
  /** What `GET /api/seatbelt/tick` asks for as a bearer token. Without it that route is closed. */
  readonly tickSecret?: string;
  /** The host's Sentry. `Sentry.init` stays the host's own business. */
  readonly sentry?: SentryLike;
  /** Called for every alert, besides log and Sentry. */
  readonly onAlert?: (alert: Alert) => void | Promise<void>;
  /** A pino logger, or anything with its methods. Default: silent. */
  readonly logger?: Logger;
  /** Terms of accounts that are linked without terms of their own. */
  readonly terms?: TermsInput;
  /**
   * Names the statements, so that each connection plans each of them once: about a third less time per change.
   * Default false, which works everywhere; set it on direct connections, never behind a transaction-mode pooler.
   */
  readonly prepare?: boolean;
  /**
   * Says which organization a new subscription is for, so that first purchases link themselves: told by webhook or found
   * by the sweep. null: none of ours. Throwing means: ask again later.
   */
  readonly resolveOrganization?: ResolveOrganization;
  /** How often Stripe's own list of events is read, in milliseconds. Default 30,000; 0: never in this process. */
  readonly eventsEveryMs?: number;
  /** How often everything is compared by the worker and the tick route, in milliseconds. Default a day; 0: never. */
  readonly sweepEveryMs?: number;
  /** Which seats this instance is about. Default `seat`. */
  readonly seatType?: string;
}

/** Said with every command. */
export interface CommandOptions {
  /** Who asks: an opaque id of the host's. Default `host`. */
  readonly actor?: string;
  readonly reason?: string;
  /** The same key gets the same change and its present state. Without one a repeated `add` is a second add. */
  readonly idempotencyKey?: string;
  /** How long to wait for the outcome, in milliseconds. Default 10,000; 0 answers right after the commit of the intent. */
  readonly waitMs?: number;
}

/** A command inside the host's own transaction: written there, never committed by us, carried out by `advance` or the worker. */
export interface InTransaction {
  readonly db: HostDb;
}

/** What a command in a host's transaction returns: accepted, and true only if the host commits. */
export interface AcceptedChange {
  readonly change: ChangeBody;
}

/** A change as it stands, and the state of its account that goes with it. */
type Outcome = { readonly change: SeatChange; readonly state: State };

type Settings = { readonly key: (organization: string) => AccountKey };

/** A quote is good for this long: enough to read a screen, short enough that proration moves little. */
const quoteLifetimeMs = 900_000;

/** Seats in Postgres and in Stripe that cannot drift apart. Made by `createSeatbelt`. */
export class Seatbelt {
  readonly #options: SeatbeltOptions;
  readonly #database: Database;
  readonly #store: Store;
  readonly #stripe: StripeAdapter;
  readonly #advancer: Advancer;
  readonly #alerts: ReturnType<typeof createAlerts>;
  readonly #logger: Logger;
  readonly #listeners: Listeners;
  readonly #settings: Settings;
  readonly #terms: Terms;
  readonly #closing = new AbortController();
  readonly #waitingFor = new Map<string, Set<(ended: Outcome | null) => void>>();
  #worker: Worker | null = null;
  #pinged: { readonly at: number; readonly answer: Promise<'ok' | 'down'> } | null = null;
  #installation: Promise<void> | null = null;
  /** Set when the database belongs to another installation than this process says it is. */
  #foreignInstallation: string | null = null;

  constructor(options: SeatbeltOptions) {
    this.#options = options;
    this.#terms = termsOver(defaultTerms, options.terms);
    this.#logger = options.logger ?? silentLogger;
    this.#database = databaseOf(options.db, {
      prepare: options.prepare ?? false,
      onIdleError: (error) =>
        this.#logger.warn({ err: error }, 'An idle database connection broke; the next statement gets a new one.'),
    });
    this.#stripe = stripeAdapter(options.stripe);
    this.#store = this.#guarded(postgresStore(this.#database));
    this.#listeners = new Listeners(this.#logger);
    this.#listeners.deliverWith(() => deliverHostEvents(this.#database, this.#listeners));
    this.#alerts = createAlerts({
      logger: this.#logger,
      ...(options.sentry ? { sentry: options.sentry } : {}),
      ...(options.onAlert ? { onAlert: options.onAlert } : {}),
    });
    const seatType = plainText('seatType', options.seatType ?? 'seat');
    this.#settings = { key: (organization) => ({ organization: plainText('organization', organization), seatType }) };
    this.#advancer = new Advancer({
      store: this.#store,
      stripe: this.#stripe,
      alerts: this.#alerts,
      logger: this.#logger,
      newId: randomUUID,
      monotonicNow: () => performance.now(),
      pause: (ms) => this.#pause(ms),
      closing: () => this.#closing.signal.aborted,
      committed: (_key, decision) => {
        for (const change of decision.records.changes) {
          if (change.endedAt !== null) this.#wakeWaiters({ change, state: decision.state });
        }
        if (decision.records.events.length > 0) this.#listeners.somethingHappened();
      },
    });
  }

  // Reading

  /** The seats of one organization as they are known now. @throws UnknownOrganization */
  async seats(organization: string): Promise<SeatsBody> {
    const state = await this.#freshState(this.#settings.key(organization));
    return seatsView(state, (push) => this.#advancer.rollbackPending(push));
  }

  /** Newest first. `before`: the `number` of the page before. */
  async changes(
    organization: string,
    page: { readonly before?: number | null; readonly limit?: number } = {},
  ): Promise<{ changes: ChangeBody[]; before: number | null }> {
    const key = this.#settings.key(organization);
    const limit = page.limit ?? 50;
    if (!Number.isInteger(limit) || limit < 1 || limit > 500)
      throw new InvalidInput('limit', 'limit must be a whole number from 1 to 500.');
    const before = page.before ?? null;
    if (before !== null && !Number.isSafeInteger(before))
      throw new InvalidInput('before', 'before must be the number of a change.');
    const state = await this.#state(key);
    const rows = await listChanges(this.#database, key, { before, limit });
    return {
      changes: rows.map((row) => changeView(row, state, (push) => this.#advancer.rollbackPending(push))),
      before: rows.length === limit ? (rows.at(-1)?.number ?? null) : null,
    };
  }

  /** One change with its push and its audit entries; null when this organization has no such change. */
  async change(organization: string, id: string): Promise<ChangeDetailBody | null> {
    const key = this.#settings.key(organization);
    if (!isChangeId(id)) return null;
    const state = await this.#freshState(key);
    const change = await readChange(this.#database, key, id);
    if (!change) return null;
    const push = change.push === null ? null : await readPush(this.#database, key, change.push);
    const audit = await readAuditOf(this.#database, key, id, change.push);
    const open = state.account.push?.id === change.push ? state.account.push : null;
    return {
      change: changeView(change, state, (pushId) => this.#advancer.rollbackPending(pushId)),
      push: push && {
        id: push.id,
        outcome: push.outcome ?? 'open',
        state: open?.state ?? push.outcome ?? 'intended',
        fromQuantity: push.fromQuantity,
        targetQuantity: push.targetQuantity,
        stripeRequestId: push.requestId ?? open?.requestId ?? null,
        code: push.code,
        intendedAt: push.intendedAt,
        endedAt: push.endedAt,
      },
      audit: audit.map(auditBody),
    };
  }

  /** What Stripe shows for this organization right now; `unknown` where it cannot be read. */
  async lookAtStripe(
    organization: string,
  ): Promise<{ known: true; quantity: number | null; subscriptionStatus: string } | { known: false; reason: string }> {
    const state = await this.#state(this.#settings.key(organization));
    if (state.account.link === null) return { known: false, reason: 'There is no subscription.' };
    const look = await this.#stripe.look(state.account.link, { timeoutMs: lookTimeoutMs });
    if (look.kind === 'failed') return { known: false, reason: look.message };
    if (look.kind === 'gone') return { known: true, quantity: null, subscriptionStatus: 'gone' };
    const { item, status } = look.observation;
    return { known: true, quantity: item?.quantity ?? null, subscriptionStatus: status };
  }

  /** The whole state of an account, for tools that explain it. */
  async inspect(organization: string): Promise<State> {
    return this.#state(this.#settings.key(organization));
  }

  // Changing

  /** The owner's door: sets the number of seats that are paid for. @throws SeatRefused, DatabaseUnavailable, OutcomeUnknown, UnknownOrganization, InvalidInput */
  set(organization: string, seats: number, options?: SetOptions): Promise<SeatChangeBody>;
  set(organization: string, seats: number, options: SetOptions & InTransaction): Promise<AcceptedChange>;
  async set(
    organization: string,
    seats: number,
    options: SetOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    const key = this.#settings.key(organization);
    const wanted = wholeSeats('seats', seats, 1);
    const quote = options.quote === undefined ? undefined : await this.#quoteFor(key, options.quote, wanted);
    return this.#command(
      key,
      {
        ...this.#base(options),
        type: 'set',
        seats: wanted,
        ...(options.expectedSeats === undefined
          ? {}
          : { expectedSeats: wholeSeats('expectedSeats', options.expectedSeats, 0) }),
        ...(quote ? { quote } : {}),
      },
      options,
    );
  }

  /** Takes seats for members or invites; buys what is missing unless `expand` is false. All or nothing. */
  add(organization: string, quantity: number, options?: AddOptions): Promise<SeatChangeBody>;
  add(organization: string, quantity: number, options: AddOptions & InTransaction): Promise<AcceptedChange>;
  add(
    organization: string,
    quantity: number,
    options: AddOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    const wanted = wholeSeats('quantity', quantity, 1);
    const holders = holderNames(options.holders, wanted);
    return this.#command(
      this.#settings.key(organization),
      {
        ...this.#base(options),
        type: 'add',
        quantity: wanted,
        reserve: options.reserve ?? false,
        expand: options.expand ?? true,
        ...(holders ? { holders } : {}),
      },
      options,
    );
  }

  /** Takes seats that exist; never buys any. A reserved holder named here sits down. */
  assign(organization: string, quantity: number, options?: HolderOptions): Promise<SeatChangeBody>;
  assign(organization: string, quantity: number, options: HolderOptions & InTransaction): Promise<AcceptedChange>;
  assign(
    organization: string,
    quantity: number,
    options: HolderOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    const wanted = wholeSeats('quantity', quantity, 1);
    const holders = holderNames(options.holders, wanted);
    return this.#command(
      this.#settings.key(organization),
      { ...this.#base(options), type: 'assign', quantity: wanted, ...(holders ? { holders } : {}) },
      options,
    );
  }

  /** Reserves seats for invites; the same as `add` with `reserve`. */
  reserve(organization: string, quantity: number, options?: AddOptions): Promise<SeatChangeBody>;
  reserve(organization: string, quantity: number, options: AddOptions & InTransaction): Promise<AcceptedChange>;
  reserve(
    organization: string,
    quantity: number,
    options: AddOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    return this.add(organization, quantity, { ...options, reserve: true } as AddOptions & InTransaction);
  }

  /** Frees seats: anonymous ones unless named. Under prepaid terms billing stays as it is. */
  release(organization: string, quantity: number, options?: HolderOptions): Promise<SeatChangeBody>;
  release(organization: string, quantity: number, options: HolderOptions & InTransaction): Promise<AcceptedChange>;
  release(
    organization: string,
    quantity: number,
    options: HolderOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    const wanted = wholeSeats('quantity', quantity, 1);
    const holders = holderNames(options.holders, wanted);
    return this.#command(
      this.#settings.key(organization),
      { ...this.#base(options), type: 'remove', quantity: wanted, ...(holders ? { holders } : {}) },
      options,
    );
  }

  /** An invite becomes a user: its reserved seat is assigned, to the same holder or to another one. Used does not change. */
  transfer(organization: string, quantity: number, options?: TransferOptions): Promise<SeatChangeBody>;
  transfer(organization: string, quantity: number, options: TransferOptions & InTransaction): Promise<AcceptedChange>;
  transfer(
    organization: string,
    quantity: number,
    options: TransferOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    const wanted = wholeSeats('quantity', quantity, 1);
    const holders = holderMoves(options.holders, wanted);
    return this.#command(
      this.#settings.key(organization),
      { ...this.#base(options), type: 'transfer', quantity: wanted, ...(holders ? { holders } : {}) },
      options,
    );
  }

  /** What `seats` seats would cost, from Stripe itself, as a quote that `set` can be bound to. */
  async preview(organization: string, seats: number): Promise<PreviewBody> {
    const key = this.#settings.key(organization);
    const wanted = wholeSeats('seats', seats, 1);
    const state = await this.#freshState(key);
    const { account } = state;
    if (account.link === null)
      throw new SeatRefused({
        code: 'no_subscription',
        message: 'This organization has no Stripe subscription to change.',
      });
    const target = quantityFor(wanted, account.terms);
    const grows = wanted > account.seatCount;
    const prorationDate = Math.floor(state.now / 1000);
    const result = await this.#stripe.previewQuantity(account.link, target, {
      prorationBehavior: (grows ? account.terms.increase : account.terms.decrease).prorationBehavior,
      prorationDate,
      timeoutMs: lookTimeoutMs,
    });
    if (result.kind === 'failed')
      throw new StripeUnavailable(`Stripe could not be asked for the price: ${result.message}`);
    if (result.kind === 'refused')
      throw new SeatRefused({ code: 'subscription_not_changeable', message: result.message });
    const expiresAt = state.now + quoteLifetimeMs;
    const { preview } = result;
    const quote = randomUUID();
    await storeQuote(this.#database, key, {
      id: quote,
      seats: wanted,
      seatCount: account.seatCount,
      settledSeats: account.settledSeats,
      prorationDate,
      amountDue: preview.amountDue,
      total: preview.total,
      currency: preview.currency,
      expiresAt,
    });
    return {
      quote,
      amountDue: preview.amountDue,
      total: preview.total,
      currency: preview.currency,
      lines: preview.lines.map((line) => ({
        description: line.description,
        amount: line.amount,
        proration: line.proration,
      })),
      expiresAt: new Date(expiresAt).toISOString(),
    };
  }

  // Operating

  /** Brings the schema up to date. */
  migrate(): Promise<{ ran: string[]; total: number }> {
    return migrateDatabase(this.#database);
  }

  /** Adopts an existing Stripe subscription for an organization, or links an ended account to a new one. */
  async link(organization: string, options: LinkOptions): Promise<LinkReport> {
    await this.#claimInstallation();
    const key = this.#settings.key(organization);
    const report = await linkAccount(
      {
        database: this.#database,
        stripe: this.#stripe,
        now: () => databaseNow(this.#database),
        lookTimeoutMs,
        terms: this.#terms,
        state: () => this.#store.load(key, { keys: [], holders: [] }),
        advance: () => this.#advancer.advance(key),
        resolve: (by, actor, reason) =>
          this.#internal(key, { type: 'resolve', by, actor, reason, pushId: randomUUID() }),
        relink: (link, actor, reason) => this.#internal(key, { type: 'relink', link, actor, reason }),
      },
      key,
      options,
    );
    return report;
  }

  /** Stops writes to Stripe for one organization, or for all of them; reading and freeing seats goes on. */
  async pause(organization: string | null, said: { readonly reason: string; readonly actor?: string }): Promise<void> {
    const reason = plainText('reason', said.reason);
    if (organization === null) {
      if (await pauseInstallation(this.#database, reason)) return;
      // Nobody has claimed this database yet; a stop that stops nothing must not look like one.
      await this.#claimInstallation();
      if (!(await pauseInstallation(this.#database, reason))) throw new Error('Nothing was paused.');
      return;
    }
    await this.#internal(this.#settings.key(organization), {
      type: 'pause',
      reason,
      actor: plainText('actor', said.actor ?? 'host'),
    });
  }

  async resume(
    organization: string | null,
    said: { readonly reason?: string; readonly actor?: string } = {},
  ): Promise<void> {
    if (organization === null) {
      // Without an installation nothing is paused.
      await pauseInstallation(this.#database, null);
      return;
    }
    await this.#internal(this.#settings.key(organization), {
      type: 'resume',
      actor: plainText('actor', said.actor ?? 'host'),
      reason: plainTextOrNull('reason', said.reason),
    });
  }

  /** A person's word on a held account: what Stripe shows counts, or what the database shows. */
  async resolve(
    organization: string,
    said: { readonly by: 'stripe' | 'database'; readonly actor?: string; readonly reason: string },
  ): Promise<SeatsBody> {
    await this.#internal(this.#settings.key(organization), {
      type: 'resolve',
      by: said.by,
      actor: plainText('actor', said.actor ?? 'host'),
      reason: plainText('reason', said.reason),
      pushId: randomUUID(),
    });
    return this.seats(organization);
  }

  /**
   * Changes how the seats of one organization are counted and billed. Where the same seats are another quantity from now
   * on, Stripe is told. @throws InvalidInput, SeatRefused, UnknownOrganization
   */
  async changeTerms(
    organization: string,
    terms: TermsInput,
    said: { readonly actor?: string; readonly reason?: string } = {},
  ): Promise<void> {
    const key = this.#settings.key(organization);
    const { account } = await this.#state(key);
    await this.#internal(key, {
      type: 'change_terms',
      // Only what was named is changed, and what comes of it is checked as a whole.
      terms: pick(termsOver(account.terms, terms), terms),
      actor: plainText('actor', said.actor ?? 'host'),
      reason: plainTextOrNull('reason', said.reason),
      pushId: randomUUID(),
    });
  }

  /** Does the next thing this account needs, if something is due and nobody else is at it. */
  async advance(organization: string): Promise<void> {
    await this.#claimInstallation();
    await this.#advancer.advance(this.#settings.key(organization));
    // What a transaction of the host's committed is announced by nobody but the rows.
    this.#listeners.somethingHappened();
  }

  /**
   * One round of everything that is due, for cron routes and job engines; returns what it did.
   * @param options `budgetMs`: how long nothing new is begun, default 10,000. `sweepMs`: the part of it for a sweep.
   */
  async tick(options: { readonly budgetMs?: number; readonly sweepMs?: number } = {}): Promise<TickReport> {
    await this.#claimInstallation();
    const budgetMs = options.budgetMs ?? 10_000;
    return tick(this.#tickContext(), budgetMs, options.sweepMs ?? budgetMs);
  }

  /**
   * Compares all subscriptions of Stripe with the database, by lists of a hundred; what differs is read once by itself and
   * answered as the terms say. A sweep that was cut short goes on where it stopped. Without `dryRun` the first sweep of an
   * installation only reports. @throws InvalidInput where another process is sweeping right now
   */
  async sweep(options: SweepOptions = {}): Promise<SweepReport> {
    await this.#claimInstallation();
    if (this.#foreignInstallation !== null) {
      throw new InvalidInput('sweep', `Nothing is swept here: ${this.#foreignInstallation}.`);
    }
    return sweepNow(this.#sweepContext(), options);
  }

  /** What a sweep found, in the order in which it was found. */
  async *sweepFindings(sweep: string): AsyncGenerator<SweepFinding> {
    if (!isChangeId(sweep)) throw new InvalidInput('sweep', 'sweep must be the id of a sweep.');
    for (let after = 0; ; ) {
      const page = await readFindings(this.#database, sweep, after, 1_000);
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < 1_000) return;
      after = last.number;
    }
  }

  /** The newest sweep, under way or over; null: there has been none. */
  lastSweep(): Promise<SweepRow | null> {
    return readLastSweep(this.#database);
  }

  /** Starts polling for due accounts in this process. Stops with `close()`. */
  startWorker(): Worker {
    this.#worker ??= new Worker({
      tick: () => this.tick({ sweepMs: policy.sweepSliceMs }),
      pollMs: policy.pollMs,
      logger: this.#logger,
      wait: (ms) => this.#pause(ms),
      closing: () => this.#closing.signal.aborted,
    });
    return this.#worker;
  }

  /**
   * Hears of what was committed, at least once: what nobody in this process listens to stays for a process that does.
   * Usually in the order of an organization's commits, which `event.id` counts; not after a listener threw (it is told that
   * event again later, and the next ones meanwhile), nor where several deliver at once. Throwing means: tell me again.
   */
  on(type: string, listener: HostListener): () => void {
    return this.#listeners.on(type, listener);
  }

  /** A verified Stripe event, for a host that has a webhook route of its own: a reason to look, nothing more. */
  receive(event: Stripe.Event): Promise<{ accounts: number; seenBefore: boolean }> {
    return receiveEvent(this.#database, readEvent(event), {
      onlyNew: false,
      noteUnlinked: this.#options.resolveOrganization !== undefined,
    });
  }

  /** Asks for a look at this organization, for instance from an operator's screen. */
  async mark(organization: string): Promise<void> {
    const key = this.#settings.key(organization);
    if (!(await markAccount(this.#database, key.organization, key.seatType))) throw unknownOrganization(key);
  }

  /** All accounts at a glance, for an operator's screen. Overdue: due for longer than a worker's poll takes, and unclaimed. */
  overview(): Promise<Overview> {
    return readOverview(this.#database, this.#settings.key('any').seatType, overdueAfterMs);
  }

  /**
   * A page of accounts in the order of their ids.
   * @param page `limit`: 1 to 500, default 50. `after`: the last organization of the page before. `onlyOpen`: leaves out
   * accounts at rest.
   */
  async accounts(
    page: { readonly after?: string | null; readonly limit?: number; readonly onlyOpen?: boolean } = {},
  ): Promise<State[]> {
    const limit = page.limit ?? 50;
    if (!Number.isInteger(limit) || limit < 1 || limit > 500)
      throw new InvalidInput('limit', 'limit must be a whole number from 1 to 500.');
    return loadPage(this.#database, this.#settings.key('any').seatType, {
      after: plainTextOrNull('after', page.after),
      limit,
      onlyOpen: page.onlyOpen ?? false,
    });
  }

  /** When each duty last succeeded, by the database's clock: who watches the healer reads this. */
  duties(): Promise<DutyRow[]> {
    return readDuties(this.#database);
  }

  async health(): Promise<HealthBody> {
    const [database, stripe] = await Promise.all([this.#databaseHealth(), this.#stripeHealth()]);
    const worker = database === 'ok' ? await this.#workerHealth() : 'unknown';
    const status = database === 'down' ? 'down' : stripe === 'ok' && worker === 'ok' ? 'ok' : 'degraded';
    return { status, database, stripe, worker };
  }

  /** Walks the audit chain; `broken` names the first entry that does not fit. */
  async verifyAudit(organization: string): Promise<ChainReport> {
    const key = this.#settings.key(organization);
    const report = await verifyChain(this.#database, key);
    if (!report) throw unknownOrganization(key);
    return report;
  }

  /** The stored trail in order, page by page. */
  async *exportAudit(organization: string): AsyncGenerator<StoredEntry> {
    const key = this.#settings.key(organization);
    let after = 0;
    for (;;) {
      const page = await readAudit(this.#database, key, after, 1_000);
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < 1_000) return;
      after = last.sequence;
    }
  }

  /** All organizations with an account, in order, page by page. */
  async *organizations(): AsyncGenerator<string> {
    let after = '';
    for (;;) {
      const { rows } = await this.#database.executeSql(
        `select organization_id from seatbelt.accounts where seat_type = $1 and organization_id > $2 order by organization_id limit 1000`,
        [this.#settings.key('any').seatType, after],
      );
      for (const row of rows) yield String(row.organization_id);
      const last = rows.at(-1);
      if (!last || rows.length < 1_000) return;
      after = String(last.organization_id);
    }
  }

  /** The HTTP contract as fetch-style handlers. `authorize` says who is asking; the organization comes from it alone. */
  handlers(options: { readonly authorize: Authorize }): Handlers {
    return createHandlers(this, {
      authorize: options.authorize,
      webhookSecrets: this.#options.webhookSecrets ?? [],
      tickSecret: this.#options.tickSecret ?? null,
      stripe: this.#options.stripe,
      logger: this.#logger,
    });
  }

  /** Lets what was begun come to its commit, then lets go of everything that was opened here. */
  async close(): Promise<void> {
    await this.#worker?.stop();
    this.#closing.abort();
    await this.#advancer.idle();
    await this.#listeners.idle();
    await this.#alerts.close();
    await this.#database.close();
  }

  // Inside

  #base(options: CommandOptions): Pick<SeatRequest, 'changeId' | 'idempotencyKey' | 'actor' | 'reason'> {
    return {
      changeId: randomUUID(),
      idempotencyKey: plainTextOrNull('idempotencyKey', options.idempotencyKey),
      actor: plainText('actor', options.actor ?? 'host'),
      reason: plainTextOrNull('reason', options.reason),
    };
  }

  async #command(
    key: AccountKey,
    request: SeatRequest,
    options: CommandOptions & Partial<InTransaction>,
  ): Promise<SeatChangeBody | AcceptedChange> {
    const waitMs = options.waitMs ?? policy.answerWaitMs;
    if (!(waitMs >= 0)) throw new InvalidInput('waitMs', 'waitMs must be a number of milliseconds from 0.');
    if (options.db !== undefined) return this.#inTransaction(key, request, executorOf(options.db));
    await this.#claimInstallation();

    const deadline = performance.now() + waitMs;
    const settled = await this.#advancer.lane(key).request(request);
    const { change } = settled;
    if (change === null) throw new Error('Bug: an accepted request without a change.');
    // Carried out beside the waiting, so that a caller who gives up does not stop it.
    void this.#advancer.act(key, settled).catch((error: unknown) => {
      this.#logger.error({ ...key, err: error }, 'Carrying out a change stopped; the worker goes on with it.');
    });
    const { change: latest, state } = await this.#outcome(key, change, settled.state, deadline);
    return changeAnswer(latest, state, (push) => this.#advancer.rollbackPending(push));
  }

  /** The same decision and the same statement, in the host's transaction. Nobody sends until that is committed. */
  async #inTransaction(key: AccountKey, request: SeatRequest, db: Executor): Promise<AcceptedChange> {
    // Asked on the host's connection: it may be the only one that its pool has.
    await this.#claimInstallation(db);
    const verbs = this.#guardedVerbs(verbsOn(db));
    const named = {
      keys: request.idempotencyKey === null ? [] : [request.idempotencyKey],
      holders: holdersOf(request),
    };
    for (let attempt = 0; attempt < inTransactionTries; attempt += 1) {
      const state = await verbs.load(key, named);
      if (state === null) throw unknownOrganization(key);
      const { decision, results } = decideTogether(state, [{ type: 'request', request }], {
        pushId: randomUUID(),
        sendNow: false,
      });
      const [result] = results;
      if (result?.is === 'refused') throw result.error;
      const change = result?.change;
      if (!change) throw new Error('Bug: an accepted request without a change.');
      if (!decision.changed || (await verbs.commit(state, decision, { type: 'keep' })) === 'committed') {
        return { change: changeView(change, decision.state, () => false) };
      }
    }
    throw new CommandDropped('The organization is being changed by others right now. Nothing was written; try again.');
  }

  async #internal(key: AccountKey, command: Parameters<ReturnType<Advancer['lane']>['internal']>[0]): Promise<State> {
    await this.#claimInstallation();
    const settled = await this.#advancer.lane(key).internal(command);
    await this.#advancer.act(key, settled);
    return settled.state;
  }

  /** Waits until the change has ended or the time is over, helping along what is due. */
  async #outcome(key: AccountKey, change: SeatChange, state: State, deadline: number): Promise<Outcome> {
    if (change.endedAt !== null && change.requestedAt === change.endedAt) return { change, state };
    let latest = change;
    while (latest.endedAt === null && latest.status !== 'awaiting_payment') {
      const left = deadline - performance.now();
      if (left <= 0 || this.#closing.signal.aborted) break;
      // What this process commits is known here without asking; what others commit is asked for now and then.
      const ended = await this.#woken(change.id, Math.min(left, policy.outcomePollMs));
      if (ended) return ended;
      const read = await this.#tryRead(() => readChange(this.#database, key, change.id));
      if (read) latest = read;
    }
    // The counts of this moment; where they cannot be read any more, those of the commit are what is known.
    const now = await this.#tryRead(() => this.#store.load(key, { keys: [], holders: [] }));
    return { change: latest, state: now ?? state };
  }

  /** A database that is away while somebody waits is not an answer to them: what is known stays known. */
  async #tryRead<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      this.#logger.warn({ err: error }, 'The database could not be read while waiting for an outcome.');
      return null;
    }
  }

  /** Resolves with the end of the change when this process commits it, or with null after that many milliseconds. */
  #woken(change: string, ms: number): Promise<Outcome | null> {
    const { promise, resolve } = Promise.withResolvers<Outcome | null>();
    const wakers = this.#waitingFor.get(change) ?? new Set();
    const done = (ended: Outcome | null) => {
      clearTimeout(timer);
      wakers.delete(done);
      if (wakers.size === 0) this.#waitingFor.delete(change);
      resolve(ended);
    };
    const timer = setTimeout(done, ms, null);
    wakers.add(done);
    this.#waitingFor.set(change, wakers);
    return promise;
  }

  #wakeWaiters(ended: Outcome): void {
    for (const wake of this.#waitingFor.get(ended.change.id) ?? []) wake(ended);
  }

  async #state(key: AccountKey): Promise<State> {
    const state = await this.#store.load(key, { keys: [], holders: [] });
    if (state === null) throw unknownOrganization(key);
    return state;
  }

  /** Reading advances first what is due, so that a product without a worker heals as well; it waits for that only briefly. */
  async #freshState(key: AccountKey): Promise<State> {
    await this.#claimInstallation();
    const state = await this.#state(key);
    if (state.account.dueAt === null || state.account.dueAt > state.now) return state;
    const advanced = this.#advancer.advance(key).catch((error: unknown) => {
      this.#logger.warn({ ...key, err: error }, 'What is due could not be done while reading.');
    });
    await Promise.race([advanced, this.#pause(readPatienceMs)]);
    return this.#state(key);
  }

  /** What is known of a quote. Whether it is good is decided with the request, after its idempotency key was looked up. */
  async #quoteFor(key: AccountKey, id: string, seats: number): Promise<Quote> {
    const quote = isChangeId(id) ? await this.#readBefore(() => readQuote(this.#database, key, id)) : null;
    if (quote === null || quote.seats !== seats)
      return { id, valid: false, seatCount: 0, settledSeats: 0, prorationDate: 0 };
    const { seatCount, settledSeats, prorationDate } = quote;
    return { id, valid: true, seatCount, settledSeats, prorationDate };
  }

  /** Reads what a command needs before anything of it is tried, so its failure is a known one. */
  async #readBefore<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      throw new DatabaseUnavailable(
        `The database cannot be used. Nothing was written and Stripe was not called. (${error.message})`,
        { cause: error },
      );
    }
  }

  /** Once per process: this database belongs to this installation, or nothing is pushed from here. */
  #claimInstallation(db: Executor = this.#database): Promise<void> {
    this.#installation ??= this.#readBefore(() => this.#readInstallation(db)).catch((error: unknown) => {
      this.#installation = null;
      throw error;
    });
    return this.#installation;
  }

  async #readInstallation(db: Executor): Promise<void> {
    const environment = this.#options.environment ?? process.env.SEATBELT_ENVIRONMENT ?? 'production';
    const { livemode } = await this.#stripe.identity().catch((error: unknown) => {
      throw new StripeUnavailable(
        'Stripe could not be asked whether this key is for live money. Nothing was written.',
        {
          cause: error,
        },
      );
    });
    const found = await readOrClaimInstallation(db, plainText('environment', environment), livemode);
    if (found.environment !== environment || found.livemode !== livemode) {
      this.#foreignInstallation =
        `this database belongs to the installation "${found.environment}" (${found.livemode ? 'live' : 'test'} money), ` +
        `and this process is "${environment}" (${livemode ? 'live' : 'test'})`;
      this.#logger.error(
        { found, environment, livemode },
        'Nothing is pushed to Stripe: the database belongs to another installation.',
      );
    }
  }

  #guarded(store: Store): Store {
    return {
      ...store,
      ...this.#guardedVerbs(store),
      locked: (key, work) => store.locked(key, (verbs) => work(this.#guardedVerbs(verbs))),
    };
  }

  /** Every state that is decided on says when this installation may not write. */
  #guardedVerbs(verbs: Pick<Store, 'load' | 'commit'>): Pick<Store, 'load' | 'commit'> {
    return {
      commit: (before, decision, lease) => verbs.commit(before, decision, lease),
      load: async (key, named) => {
        const state = await verbs.load(key, named);
        return state === null || this.#foreignInstallation === null
          ? state
          : { ...state, installationPaused: this.#foreignInstallation };
      },
    };
  }

  #tickContext(): Parameters<typeof tick>[0] {
    return {
      database: this.#database,
      store: this.#store,
      advancer: this.#advancer,
      alerts: this.#alerts,
      listeners: this.#listeners,
      logger: this.#logger,
      besides: this.#foreignInstallation === null ? this.#besides() : null,
    };
  }

  /** Reading Stripe's lists says something about this installation only where the database is its own. */
  #besides(): NonNullable<Parameters<typeof tick>[0]['besides']> {
    const { resolveOrganization: resolve, eventsEveryMs, sweepEveryMs } = this.#options;
    const context = this.#sweepContext();
    return {
      followEvents: async () => (eventsEveryMs === 0 ? null : followEvents(context, eventsEveryMs)),
      linkFirstPurchases:
        resolve === undefined
          ? null
          : () =>
              linkFirstPurchases({
                ...context,
                stripe: this.#stripe,
                resolve,
                link: (organization, options) => this.link(organization, options),
                refused: (subscription, why) => this.#tellRefusedPurchase(subscription, why),
              }),
      sweep: async (left) => (sweepEveryMs === 0 ? null : sweepSlice(context, left, sweepEveryMs)),
    };
  }

  #sweepContext(): SweepContext & Parameters<typeof followEvents>[0] {
    return {
      database: this.#database,
      store: this.#store,
      advancer: this.#advancer,
      stripe: this.#stripe,
      logger: this.#logger,
      noteUnlinked: this.#options.resolveOrganization !== undefined,
      pause: (ms) => this.#pause(ms),
      monotonicNow: () => performance.now(),
    };
  }

  /** Somebody pays for seats that nobody can sit in. */
  #tellRefusedPurchase(subscription: string, why: string): void {
    this.#alerts.raise({
      fingerprint: `seatbelt:first_purchase_refused:${subscription}`,
      level: 'error',
      message: 'Seatbelt: a new subscription could not be linked to its organization',
      context: {
        organization: '',
        seatType: this.#settings.key('any').seatType,
        push: null,
        subscription,
        reason: why,
        seatCountBefore: 0,
        seatCountAfter: 0,
        stripeRequestId: null,
      },
    });
  }

  async #databaseHealth(): Promise<'ok' | 'down'> {
    try {
      await this.#database.executeSql('select 1', []);
      return 'ok';
    } catch (error) {
      this.#logger.warn({ err: error }, 'Health: the database does not answer.');
      return 'down';
    }
  }

  /** Anybody may ask for health, so the answer of Stripe is kept for a while: its rate limit is for pushes. */
  #stripeHealth(): Promise<'ok' | 'down'> {
    const now = performance.now();
    if (this.#pinged === null || now - this.#pinged.at > pingKeptMs)
      this.#pinged = { at: now, answer: this.#stripe.ping() };
    return this.#pinged.answer;
  }

  async #workerHealth(): Promise<HealthBody['worker']> {
    const duties = await this.#tryRead(() => readDuties(this.#database));
    const worker = duties?.find((duty) => duty.name === 'tick');
    if (!worker) return 'unknown';
    return worker.ageMs <= workerSilentAfterMs ? 'ok' : 'silent';
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    if (this.#closing.signal.aborted) stop();
    else this.#closing.signal.addEventListener('abort', stop, { once: true });
    return promise.finally(() => this.#closing.signal.removeEventListener('abort', stop));
  }
}

export interface SetOptions extends CommandOptions {
  /** Refuses with `seats_changed` when there is another number of seats now: guards against a stale screen. */
  readonly expectedSeats?: number;
  /** The quote whose price was shown. */
  readonly quote?: string;
}

export interface HolderOptions extends CommandOptions {
  /** Who sits there: opaque ids of the host's, as many as `quantity`. Without them the seats are anonymous. */
  readonly holders?: readonly string[];
}

export interface AddOptions extends HolderOptions {
  /** Reserve (for invites) instead of assign. */
  readonly reserve?: boolean;
  /** false: refuse with `no_seat_available` rather than buy. */
  readonly expand?: boolean;
}

export interface TransferOptions extends CommandOptions {
  readonly holders?: readonly (string | { readonly from: string; readonly to: string })[];
}

export function createSeatbelt(options: SeatbeltOptions): Seatbelt {
  return new Seatbelt(options);
}

/** Reads outside the request path of a push: shorter than a person's patience. */
const lookTimeoutMs = 8_000;
/** One ping in this time, however often health is asked for. */
const pingKeptMs = 5_000;
/** How long a read waits for what it found due. */
const readPatienceMs = 1_000;
/** A worker polls every two seconds; after this many times that, it is not late but silent. */
const workerSilentAfterMs = 60_000;
/** The slowest pick-up after a crash is a lease and a poll, about 17 s; beyond twice that somebody should look. */
const overdueAfterMs = 40_000;
/** In a host's transaction the row cannot be locked first, so a lost race is tried again a few times. */
const inTransactionTries = 5;

const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };

function pick(terms: Terms, named: TermsInput): Partial<Terms> {
  return Object.fromEntries(Object.entries(terms).filter(([name]) => Object.hasOwn(named, name)));
}

function unknownOrganization(key: AccountKey): UnknownOrganization {
  return new UnknownOrganization(`No account for organization ${JSON.stringify(key.organization)}.`);
}

/** An audit entry's text, read for people; the text itself is what the hash is over. */
function auditBody(stored: StoredEntry): AuditBody {
  const entry = JSON.parse(stored.entry) as Omit<AuditBody, 'hash' | 'stripeRequestId'> & { requestId: string | null };
  return {
    sequence: entry.sequence,
    kind: entry.kind,
    at: entry.at,
    actor: entry.actor,
    reason: entry.reason,
    seatCountBefore: entry.seatCountBefore,
    seatCountAfter: entry.seatCountAfter,
    settledBefore: entry.settledBefore,
    settledAfter: entry.settledAfter,
    stripeRequestId: entry.requestId,
    note: entry.note,
    hash: stored.hash,
  };
}
