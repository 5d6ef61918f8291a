import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { policy } from './core/policy.ts';
import type { State, TermsInput } from './core/types.ts';
import { roundOfNobody, type TickReport, tick } from './duties/tick.ts';
import { InvalidInput } from './failures.ts';
import type {
  ChangeBody,
  ChangeDetailBody,
  HealthBody,
  PreviewBody,
  SeatChangeBody,
  SeatsBody,
} from './http/contract.ts';
import { type Authorize, createHandlers, type Handlers } from './http/handlers.ts';
import { plainText, wholeSeats } from './input.ts';
import type { LinkOptions, LinkReport } from './link.ts';
import type { HostListener } from './listeners.ts';
import { metricsText } from './metrics/text.ts';
import { command } from './seatbelt/commands.ts';
import { decideAbout } from './seatbelt/deciding.ts';
import { Health } from './seatbelt/health.ts';
import { type HistoryEntry, type HistoryQuery, historyOf } from './seatbelt/history.ts';
import { Inside, unknownOrganization } from './seatbelt/inside.ts';
import * as operating from './seatbelt/operating.ts';
import type {
  AcceptedChange,
  AddOptions,
  DecidingOptions,
  HolderOptions,
  InTransaction,
  ReceivedEventReport,
  Resolution,
  Said,
  SeatbeltOptions,
  SetOptions,
  TransferOptions,
} from './seatbelt/options.ts';
import { preview, setAtPrice } from './seatbelt/preview.ts';
import {
  type AccountsPage,
  accountsPage,
  changesOf,
  changeWithTrail,
  organizationsOf,
  type StripeSide,
  stripeSide,
  trailOf,
} from './seatbelt/reading.ts';
import { receive } from './seatbelt/receive.ts';
import { addRequest, assignRequest, releaseRequest, setRequest, transferRequest } from './seatbelt/requests.ts';
import { roundOf, sweep, sweepFindings } from './seatbelt/sweeping.ts';
import { type ChainReport, type StoredEntry, verifyChain } from './store/audit-trail.ts';
import { type DutyRow, readDuties } from './store/duties.ts';
import {
  type InstallationChainReport,
  type InstallationEntry,
  readInstallationAudit,
  verifyInstallationChain,
} from './store/installation-audit.ts';
import { markAccount } from './store/marks.ts';
import { migrate } from './store/migrate.ts';
import { type Overview, readOverview } from './store/overview.ts';
import { type SettledPoint, settledOverTime } from './store/settled-over-time.ts';
import { readStripeRate, type StripeRate } from './store/stripe-rate.ts';
import { readLastSweep, type SweepFinding, type SweepRow } from './store/sweeps.ts';
import type { SweepOptions, SweepReport } from './sweep/sweep-now.ts';
import { seatsView } from './views.ts';
import { Worker } from './worker.ts';

export type {
  AcceptedChange,
  AddOptions,
  CommandOptions,
  DecidingOptions,
  HolderOptions,
  InTransaction,
  ReceivedEventReport,
  Resolution,
  Said,
  SeatbeltOptions,
  SetOptions,
  TransferOptions,
} from './seatbelt/options.ts';

/** The slowest pick-up after a crash is a lease and a poll, about 17 s; beyond twice that, and some, somebody should look. */
const overdueAfterMs = 40_000;

/**
 * Seats in Postgres and in Stripe that cannot drift apart. Made by `createSeatbelt`.
 * Every method says what it means here; what it does is in `seatbelt/`. StripeUnavailable comes out of a method that asks Stripe
 * for nothing only where Stripe alone can say whether the key is for live money, and does not. Where the database fails outside of
 * the commit of a command, its own error comes out.
 */
export class Seatbelt {
  readonly #inside: Inside;
  readonly #health: Health;
  readonly #rounds = new Set<Promise<TickReport>>();
  #worker: Worker | null = null;

  constructor(options: SeatbeltOptions) {
    this.#inside = new Inside(options);
    this.#health = new Health(this.#inside);
  }

  // Reading

  /** The seats of one organization as they are known now. @throws UnknownOrganization */
  async seats(organization: string): Promise<SeatsBody> {
    return seatsView(await this.#inside.freshState(this.#inside.key(organization)), this.#inside.rollbackPending);
  }

  /**
   * The changes, newest first.
   * @param page `before`: the `before` of the page before this one. `limit`: 1 to 500, default 50.
   * @throws UnknownOrganization, InvalidInput
   */
  async changes(
    organization: string,
    page: { readonly before?: number | null; readonly limit?: number } = {},
  ): Promise<{ changes: ChangeBody[]; before: number | null }> {
    return changesOf(this.#inside, this.#inside.key(organization), page);
  }

  /** The history, newest first, as far as it fits a filter; each page takes the same few milliseconds. @throws UnknownOrganization, InvalidInput */
  async history(
    organization: string,
    query: HistoryQuery = {},
  ): Promise<{ readonly entries: readonly HistoryEntry[]; readonly before: number | null }> {
    return historyOf(this.#inside, this.#inside.key(organization), query);
  }

  /** The numbers of seats that Stripe confirmed, oldest first, each with the moment it began to count. */
  async settledOverTime(organization: string): Promise<SettledPoint[]> {
    return settledOverTime(this.#inside.database, this.#inside.key(organization));
  }

  /** One change with its push and its audit entries; null when this organization has no such change. */
  async change(organization: string, id: string): Promise<ChangeDetailBody | null> {
    return changeWithTrail(this.#inside, this.#inside.key(organization), id);
  }

  /** What Stripe shows for this organization right now; `known: false` with the reason where it cannot be read. */
  async lookAtStripe(organization: string): Promise<StripeSide> {
    return stripeSide(this.#inside, this.#inside.key(organization));
  }

  /** The whole state of an account, for tools that explain it. @throws UnknownOrganization */
  async inspect(organization: string): Promise<State> {
    return this.#inside.state(this.#inside.key(organization));
  }

  // Changing

  /**
   * The owner's door: sets the number of seats that are paid for. A quote is confirmed outside of transactions only; Stripe is
   * asked for its price once more, and where it does not say it StripeUnavailable is thrown.
   * @throws SeatRefused, InvalidInput, UnknownOrganization, CommandDropped, DatabaseUnavailable, OutcomeUnknown, StripeUnavailable
   */
  set(organization: string, seats: number, options?: SetOptions): Promise<SeatChangeBody>;
  set(organization: string, seats: number, options: Omit<SetOptions, 'quote'> & InTransaction): Promise<AcceptedChange>;
  async set(
    organization: string,
    seats: number,
    options: SetOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    const key = this.#inside.key(organization);
    const wanted = wholeSeats('seats', seats, 1);
    if (options.quote !== undefined) {
      if (options.db !== undefined)
        throw new InvalidInput(
          'quote',
          'A price is confirmed by asking Stripe, which no transaction of the host waits for.',
        );
      return setAtPrice(this.#inside, key, wanted, options.quote, options);
    }
    return command(this.#inside, key, setRequest(wanted, options, null), options);
  }

  /**
   * Takes seats for members or invites; buys what is missing unless `expand` is false. All or nothing.
   * @throws SeatRefused, InvalidInput, UnknownOrganization, CommandDropped, DatabaseUnavailable, OutcomeUnknown, StripeUnavailable
   */
  add(organization: string, quantity: number, options?: AddOptions): Promise<SeatChangeBody>;
  add(organization: string, quantity: number, options: AddOptions & InTransaction): Promise<AcceptedChange>;
  async add(
    organization: string,
    quantity: number,
    options: AddOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    return command(this.#inside, this.#inside.key(organization), addRequest(quantity, options), options);
  }

  /**
   * Takes seats that exist; never buys any. A reserved holder named here sits down.
   * @throws SeatRefused, InvalidInput, UnknownOrganization, CommandDropped, DatabaseUnavailable, OutcomeUnknown, StripeUnavailable
   */
  assign(organization: string, quantity: number, options?: HolderOptions): Promise<SeatChangeBody>;
  assign(organization: string, quantity: number, options: HolderOptions & InTransaction): Promise<AcceptedChange>;
  async assign(
    organization: string,
    quantity: number,
    options: HolderOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    return command(this.#inside, this.#inside.key(organization), assignRequest(quantity, options), options);
  }

  /**
   * Reserves seats for invites; the same as `add` with `reserve`.
   * @throws SeatRefused, InvalidInput, UnknownOrganization, CommandDropped, DatabaseUnavailable, OutcomeUnknown, StripeUnavailable
   */
  reserve(organization: string, quantity: number, options?: AddOptions): Promise<SeatChangeBody>;
  reserve(organization: string, quantity: number, options: AddOptions & InTransaction): Promise<AcceptedChange>;
  async reserve(
    organization: string,
    quantity: number,
    options: AddOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    const request = addRequest(quantity, { ...options, reserve: true });
    return command(this.#inside, this.#inside.key(organization), request, options);
  }

  /**
   * Frees seats: anonymous ones unless named. Under prepaid terms billing stays as it is.
   * @throws SeatRefused, InvalidInput, UnknownOrganization, CommandDropped, DatabaseUnavailable, OutcomeUnknown, StripeUnavailable
   */
  release(organization: string, quantity: number, options?: HolderOptions): Promise<SeatChangeBody>;
  release(organization: string, quantity: number, options: HolderOptions & InTransaction): Promise<AcceptedChange>;
  async release(
    organization: string,
    quantity: number,
    options: HolderOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    return command(this.#inside, this.#inside.key(organization), releaseRequest(quantity, options), options);
  }

  /**
   * An invite becomes a user: its reserved seat is assigned, to the same holder or to another one. Used does not change.
   * @throws SeatRefused, InvalidInput, UnknownOrganization, CommandDropped, DatabaseUnavailable, OutcomeUnknown, StripeUnavailable
   */
  transfer(organization: string, quantity: number, options?: TransferOptions): Promise<SeatChangeBody>;
  transfer(organization: string, quantity: number, options: TransferOptions & InTransaction): Promise<AcceptedChange>;
  async transfer(
    organization: string,
    quantity: number,
    options: TransferOptions & Partial<InTransaction> = {},
  ): Promise<SeatChangeBody | AcceptedChange> {
    return command(this.#inside, this.#inside.key(organization), transferRequest(quantity, options), options);
  }

  /** What `seats` seats would cost, from Stripe itself, as a quote that `set` can be bound to. @throws SeatRefused, StripeUnavailable */
  async preview(organization: string, seats: number): Promise<PreviewBody> {
    return preview(this.#inside, this.#inside.key(organization), seats);
  }

  /**
   * Takes back a change that has not taken effect: one that is scheduled, that waits for an approval, or that nobody has
   * paid for. Twice is once. @throws SeatRefused `unknown_change`, `not_cancellable`
   */
  async cancel(organization: string, change: string, options: DecidingOptions = {}): Promise<SeatChangeBody> {
    return decideAbout(this.#inside, this.#inside.key(organization), 'cancel', change, options);
  }

  /**
   * An owner's yes to a purchase above the guard; it is checked again and carried out.
   * @throws SeatRefused `unknown_change`, `not_awaiting_approval`
   */
  async approve(organization: string, change: string, options: DecidingOptions = {}): Promise<SeatChangeBody> {
    return decideAbout(this.#inside, this.#inside.key(organization), 'approve', change, options);
  }

  /** An owner's no to a purchase above the guard. @throws SeatRefused `unknown_change`, `not_awaiting_approval` */
  async decline(organization: string, change: string, options: DecidingOptions = {}): Promise<SeatChangeBody> {
    return decideAbout(this.#inside, this.#inside.key(organization), 'decline', change, options);
  }

  /** Tells Stripe now what is settling down; before a plan change of the host's, for instance. */
  async flush(organization: string): Promise<void> {
    await this.#inside.internal(this.#inside.key(organization), { type: 'flush', pushId: randomUUID() });
  }

  // Operating

  /** Brings the schema up to date. */
  migrate(): Promise<{ ran: string[]; total: number }> {
    return migrate(this.#inside.database);
  }

  /**
   * Adopts an existing Stripe subscription for an organization, or links to another one where the former has ended or is gone.
   * `actor` is `host` where none is named.
   * @throws SeatRefused, InvalidInput, DatabaseUnavailable, OutcomeUnknown, StripeUnavailable
   */
  async link(organization: string, options: LinkOptions): Promise<LinkReport> {
    return operating.link(this.#inside, this.#inside.key(organization), options);
  }

  /**
   * Stops writes to Stripe for one organization, or for all of them (null); reading and freeing seats goes on. `actor` is `host`
   * where none is named. @throws InvalidInput, UnknownOrganization, DatabaseUnavailable, OutcomeUnknown, StripeUnavailable
   */
  async pause(organization: string | null, said: { readonly reason: string; readonly actor?: string }): Promise<void> {
    const reason = plainText('reason', said.reason);
    if (organization === null) return operating.pauseAll(this.#inside, reason, said);
    return operating.pause(this.#inside, this.#inside.key(organization), reason, said);
  }

  /**
   * Lets writes to Stripe go on, for one organization or for all (null) that are not paused by themselves.
   * @throws InvalidInput, UnknownOrganization, DatabaseUnavailable, OutcomeUnknown, StripeUnavailable
   */
  async resume(organization: string | null, said: Said = {}): Promise<void> {
    if (organization === null) return operating.resumeAll(this.#inside, said);
    return operating.resume(this.#inside, this.#inside.key(organization), said);
  }

  /** A person's word on a held account: what Stripe shows counts, or Stripe is told what was agreed on last. @throws SeatRefused */
  async resolve(organization: string, said: Resolution): Promise<SeatsBody> {
    const state = await operating.resolve(this.#inside, this.#inside.key(organization), said);
    // The word is written, also where what came of it cannot be read just now.
    return (
      (await this.#inside.tryRead(() => this.seats(organization))) ?? seatsView(state, this.#inside.rollbackPending)
    );
  }

  /**
   * Changes how the seats of one organization are counted and billed. Where the same seats are another quantity from now
   * on, Stripe is told. @throws InvalidInput, SeatRefused, UnknownOrganization
   */
  async changeTerms(organization: string, terms: TermsInput, said: Said = {}): Promise<void> {
    return operating.changeTerms(this.#inside, this.#inside.key(organization), terms, said);
  }

  /** Does the next thing this account needs, if something is due and nobody else is at it. */
  async advance(organization: string): Promise<void> {
    await this.#inside.claimInstallation();
    await this.#inside.advancer.advance(this.#inside.key(organization));
    // What a transaction of the host's committed is announced by nobody but the rows.
    this.#inside.listeners.somethingHappened();
  }

  /**
   * One round of everything that is due, for cron routes and job engines; returns what it did.
   * @param options `budgetMs`: for how long something new is begun, default 10,000. `sweepMs`: the part of it for a sweep, default
   * all that the rest leaves. @throws DatabaseUnavailable, StripeUnavailable before anything is begun
   */
  async tick(options: { readonly budgetMs?: number; readonly sweepMs?: number } = {}): Promise<TickReport> {
    await this.#inside.claimInstallation();
    return this.#round(options, this.#inside.options.tickEveryMs ?? policy.tickEveryMs, 'wait');
  }

  /**
   * Compares all subscriptions of Stripe with the database, by lists of a hundred; what differs is read once by itself and
   * answered as the terms say. A sweep that was cut short goes on where it stopped. Without `dryRun` the first sweep of an
   * installation only reports. @throws InvalidInput where another process is sweeping right now
   */
  async sweep(options: SweepOptions = {}): Promise<SweepReport> {
    return sweep(this.#inside, options);
  }

  /** What a sweep found, in the order in which it was found. */
  sweepFindings(id: string): AsyncGenerator<SweepFinding> {
    return sweepFindings(this.#inside, id);
  }

  /** The newest sweep, under way or over; null: there has been none. */
  lastSweep(): Promise<SweepRow | null> {
    return readLastSweep(this.#inside.database);
  }

  /** Starts polling for due accounts in this process. Stops with `close()`. */
  startWorker(): Worker {
    const { closing, logger } = this.#inside;
    if (this.#worker !== null && !this.#worker.stopped) return this.#worker;
    this.#worker = new Worker({
      tick: async (stopped) => {
        await this.#inside.claimInstallation();
        return this.#round({ sweepMs: policy.sweepSliceMs }, policy.pollMs, 'leave', stopped);
      },
      pollMs: policy.pollMs,
      logger,
      wait: (ms) => closing.pause(ms),
      closing: () => closing.begun,
    });
    return this.#worker;
  }

  /**
   * Hears of events of one type (`seat.ready`, `seat.released`, `change.applied`, `change.rolled_back`, `change.in_doubt`,
   * `change.awaiting_payment`, `change.scheduled`, `change.awaiting_approval`, `incident.opened`, `incident.closed`,
   * `account.ended`), or with `*` of all. Returns the function that stops listening.
   *
   * Hears of what was committed, at least once: what nobody in this process listens to stays for a process that does.
   * Usually in the order of an organization's commits, which `event.id` counts; not after a listener threw (it is told that
   * event again later, and the next ones meanwhile), nor where several deliver at once. Throwing means: tell me again.
   */
  on(type: string, listener: HostListener): () => void {
    return this.#inside.listeners.on(type, listener);
  }

  /** A verified Stripe event, for a host that has a webhook route of its own: a reason to look, nothing more. */
  async receive(event: Stripe.Event): Promise<ReceivedEventReport> {
    return receive(this.#inside, event);
  }

  /** Asks for a look at this organization, for instance from an operator's screen. @throws UnknownOrganization, InvalidInput */
  async mark(organization: string): Promise<void> {
    const key = this.#inside.key(organization);
    if (!(await markAccount(this.#inside.database, key.organization, key.seatType))) throw unknownOrganization(key);
  }

  /** All accounts at a glance, for an operator's screen. Overdue: due for more than 40 seconds, and nobody is at it. */
  overview(): Promise<Overview> {
    return readOverview(this.#inside.database, this.#inside.seatType, overdueAfterMs);
  }

  /**
   * A page of accounts in the order of their ids.
   * @param page `limit`: 1 to 500, default 50. `after`: the last organization of the page before. `onlyOpen`: leaves out
   * accounts at rest.
   */
  async accounts(page: AccountsPage = {}): Promise<State[]> {
    return accountsPage(this.#inside, page);
  }

  /** When each duty last succeeded, by the database's clock: who watches the healer reads this. */
  duties(): Promise<DutyRow[]> {
    return readDuties(this.#inside.database);
  }

  /** How the turns at Stripe are used, by all processes. */
  stripeRate(): Promise<StripeRate> {
    return readStripeRate(this.#inside.database, policy.rateRecoversPerSecond);
  }

  /** What this process counted and how the installation stands, in Prometheus' text format. docs/observability.md names all of it. */
  metricsText(): Promise<string> {
    return metricsText(this.#inside, this.#inside.turns.granted, overdueAfterMs);
  }

  /** Whether database, Stripe and worker answer. */
  health(): Promise<HealthBody> {
    return this.#health.read();
  }

  /** Walks the audit chain; `broken` names the first entry that does not fit. @throws UnknownOrganization, InvalidInput */
  async verifyAudit(organization: string): Promise<ChainReport> {
    const key = this.#inside.key(organization);
    const report = await verifyChain(this.#inside.database, key);
    if (!report) throw unknownOrganization(key);
    return report;
  }

  /** Walks the chain of what was done to all organizations at once: pauses of everything, and their ends. */
  verifyInstallationAudit(): Promise<InstallationChainReport> {
    return verifyInstallationChain(this.#inside.database);
  }

  /** The stored trail of what was done to all organizations at once, in order: who, when and why. */
  installationAudit(): Promise<InstallationEntry[]> {
    return readInstallationAudit(this.#inside.database);
  }

  /** The stored trail in order, page by page. */
  exportAudit(organization: string): AsyncGenerator<StoredEntry> {
    return trailOf(this.#inside, this.#inside.key(organization));
  }

  /** All organizations with an account, in order, page by page. */
  organizations(): AsyncGenerator<string> {
    return organizationsOf(this.#inside);
  }

  /** The HTTP contract as fetch-style handlers. `authorize` says who is asking; the organization comes from it alone. */
  handlers({ authorize }: { readonly authorize: Authorize }): Handlers {
    const { options, logger } = this.#inside;
    return createHandlers(this, {
      authorize,
      webhookSecrets: options.webhookSecrets ?? [],
      tickSecret: options.tickSecret ?? null,
      metricsKey: options.metricsKey ?? process.env.SEATBELT_API_KEY ?? null,
      stripe: options.stripe,
      logger,
    });
  }

  #round(
    options: { readonly budgetMs?: number; readonly sweepMs?: number },
    everyMs: number,
    slow: 'wait' | 'leave',
    stopped: () => boolean = () => false,
  ): Promise<TickReport> {
    // Whoever heals a database of another installation takes its wake-ups, its host events and its alerts from it.
    if (this.#inside.installation.foreign !== null) return Promise.resolve(roundOfNobody());
    const budgetMs = options.budgetMs ?? policy.roundMs;
    const round = tick(roundOf(this.#inside, everyMs, slow, stopped), budgetMs, options.sweepMs ?? budgetMs);
    this.#rounds.add(round);
    return round.finally(() => this.#rounds.delete(round));
  }

  /** Lets what was begun come to its commit, then lets go of everything that was opened here. */
  async close(): Promise<void> {
    const { closing, advancer, listeners, watch, alerts, database } = this.#inside;
    await this.#worker?.stop();
    closing.begin();
    await Promise.allSettled(this.#rounds);
    await advancer.idle();
    await listeners.idle(policy.lastWordsMs);
    await watch.idle();
    await this.#inside.left();
    await alerts.close();
    await database.close();
  }
}

/**
 * Seats of one type on this database and this Stripe account. Neither is asked before the first call, and no loop runs before
 * `startWorker()`. The schema has to be there (`migrate`). `close()` lets go of what was opened.
 * @throws InvalidInput, SeatRefused `terms_contradict`, TypeError for options that cannot be taken
 */
export function createSeatbelt(options: SeatbeltOptions): Seatbelt {
  return new Seatbelt(options);
}
