import type { Alert, Alerts, Logger } from './alerts/alerts.ts';
import { isOnlySend, takesBack, weigh } from './core/evidence.ts';
import { delayAfter, policy } from './core/policy.ts';
import { idempotencyKey } from './core/stripe-request.ts';
import type { Answer, Decision, Effect, Incident, LookResult, OpenPush, State } from './core/types.ts';
import { noTurn, Pace } from './duties/pace.ts';
import { DatabaseUnavailable, OutcomeUnknown } from './failures.ts';
import { Lane, type LaneContext, type Settled } from './lane.ts';
import { inSpan, spanNames } from './spans.ts';
import type { AccountKey, Store } from './store/store.ts';
import type { TurnKind } from './store/stripe-rate.ts';
import type { StripeAdapter } from './stripe/adapter.ts';

export interface AdvanceContext {
  readonly store: Store;
  readonly stripe: Pick<StripeAdapter, 'send' | 'look' | 'voidInvoice'>;
  readonly alerts: Alerts;
  readonly logger: Logger;
  readonly newId: () => string;
  readonly monotonicNow: () => number;
  /** Resolves after that many milliseconds, or at once when the engine is being closed. */
  readonly pause: (ms: number) => Promise<void>;
  readonly closing: () => boolean;
  /** Calls back in so many milliseconds. Without it a request that waits too long in memory hears so when its turn comes. */
  readonly later?: (ms: number, then: () => void) => void;
  readonly committed: (key: AccountKey, decision: Decision) => void;
  /** Waits for this request's turn at Stripe; false: there was none in time, so nothing is sent. Default: always at once. */
  readonly turn?: (kind: TurnKind, withinMs: number) => Promise<boolean>;
  /** Hears what Stripe said to every write. */
  readonly answered?: (push: OpenPush, answer: Answer) => void;
  /** Hears once of every piece of news that Stripe takes no more requests. */
  readonly tooManyRequests?: () => void;
  /** Whether another process is to tell of these incidents. Default: no. */
  readonly leavesTelling?: (incidents: readonly Incident[]) => boolean;
}

/**
 * The only thing that acts. Request path, worker, webhook and sweep all end here: take the next step an account needs
 * (send, look), bring what came of it to a commit, and go on until nothing is due. Recovery is not a second path.
 */
export class Advancer {
  readonly owner: string;
  /** How fast recovery asks Stripe, as it answers now. */
  readonly pace: Pace;
  /** Accounts that rounds of this process have claimed and not finished. */
  readonly underWay = new Map<string, Promise<void>>();
  readonly #context: AdvanceContext;
  readonly #lanes = new Map<string, Lane>();
  readonly #advancing = new Map<string, Promise<void>>();
  readonly #acting = new Set<Promise<void>>();
  /** Pushes whose outcome is known here and could not be written yet. */
  readonly #unwritten = new Map<string, 'refused' | 'other'>();

  constructor(context: AdvanceContext) {
    this.#context = context;
    this.owner = context.newId();
    this.pace = new Pace({
      monotonicNow: context.monotonicNow,
      pause: context.pause,
      tellOthers: context.tooManyRequests,
    });
  }

  lane(key: AccountKey): Lane {
    const name = nameOf(key);
    const known = this.#lanes.get(name);
    if (known) return known;
    // Idle lanes hold nothing but a cached state, so they are dropped before the map grows with every organization seen.
    if (this.#lanes.size >= lanesKept) {
      for (const [other, lane] of this.#lanes) if (lane.idle) this.#lanes.delete(other);
    }
    const context: LaneContext = {
      store: this.#context.store,
      newId: this.#context.newId,
      monotonicNow: this.#context.monotonicNow,
      owner: this.owner,
      later: this.#context.later,
      committed: (where, decision) => {
        this.#tellIncidents(where, decision);
        this.#context.committed(where, decision);
      },
    };
    const lane = new Lane(context, key);
    this.#lanes.set(name, lane);
    return lane;
  }

  /** Stripe refused this push and the rollback could not be written yet. */
  rollbackPending(push: string | null): boolean {
    return push !== null && this.#unwritten.get(push) === 'refused';
  }

  /**
   * Does what an account needs, if nobody else is at it. Several calls at once in this process are one.
   *
   * @param claimedAt monotonic time from before the claim, where the caller has claimed the account already.
   * @param linger whether to stay with an account whose next step is near; a worker with others waiting does not.
   * @param kind who goes first where Stripe takes no more requests.
   */
  advance(
    key: AccountKey,
    claimedAt?: number,
    linger: () => boolean = () => true,
    kind: TurnKind = 'interactive',
  ): Promise<void> {
    const name = nameOf(key);
    const known = this.#advancing.get(name);
    if (known) return known;
    const advancing = this.#wakeAndAct(key, claimedAt, linger, kind).finally(() => this.#advancing.delete(name));
    this.#advancing.set(name, advancing);
    return advancing;
  }

  async #wakeAndAct(
    key: AccountKey,
    claimed: number | undefined,
    linger: () => boolean,
    kind: TurnKind,
  ): Promise<void> {
    const { store } = this.#context;
    const claimedAt = claimed ?? this.#context.monotonicNow();
    if (claimed === undefined && !(await store.claim(key, this.owner, policy.leaseMs))) return;
    const settled = await this.#wake(key);
    if (settled.effect.type === 'none') await store.release(key, this.owner);
    await this.act(key, { ...settled, claimedAt }, linger, kind);
  }

  #wake(key: AccountKey): Promise<Settled> {
    return this.lane(key).internal({ type: 'wake', pushId: this.#context.newId() });
  }

  /** Carries out what a commit asked for, and what follows from it. */
  act(
    key: AccountKey,
    settled: Settled,
    linger: () => boolean = () => true,
    kind: TurnKind = 'interactive',
  ): Promise<void> {
    const acting = this.#act(key, settled, linger, kind).finally(() => this.#acting.delete(acting));
    this.#acting.add(acting);
    return acting;
  }

  /** Resolves when everything begun so far has come to its commit. */
  async idle(): Promise<void> {
    while (this.#acting.size > 0 || this.#advancing.size > 0) {
      await Promise.allSettled([...this.#acting, ...this.#advancing.values()]);
    }
  }

  async #act(key: AccountKey, first: Settled, linger: () => boolean, kind: TurnKind): Promise<void> {
    let settled = first;
    for (let taken = 0; taken < policy.advanceSteps; taken += 1) {
      if (settled.effect.type === 'send') {
        settled = await this.#send(key, settled.effect, settled, kind);
      } else if (settled.effect.type === 'withdraw') {
        settled = await this.#withdraw(key, settled.effect, settled, kind);
      } else if (settled.effect.type === 'look') {
        settled = await this.#look(key, settled.state, kind);
      } else {
        const near = linger() && (await this.#waitForNearStep(settled.state));
        if (!near || this.#context.closing()) return;
        const claimedAt = this.#context.monotonicNow();
        if (!(await this.#context.store.claim(key, this.owner, policy.leaseMs))) return;
        settled = { ...(await this.#wake(key)), claimedAt };
        if (settled.effect.type === 'none') {
          await this.#context.store.release(key, this.owner);
          return;
        }
      }
    }
  }

  /** Stays with an account whose next step is near; what is further off is left to the next call or the worker. */
  async #waitForNearStep(state: State): Promise<boolean> {
    const { dueAt } = state.account;
    if (dueAt === null) return false;
    const wait = dueAt - state.now;
    if (wait > policy.lingerMs) return false;
    if (wait > 0) await this.#context.pause(wait);
    return true;
  }

  async #send(
    key: AccountKey,
    effect: Extract<Effect, { type: 'send' }>,
    settled: Settled,
    kind: TurnKind,
  ): Promise<Settled> {
    const { push } = effect;
    const hasTurn = await this.#turnToSend(kind, settled);
    if (hasTurn && !this.#maySend(key, push, settled)) return nothingMore(settled);
    const sentAt = this.pace.sending();
    // Without a turn nothing was sent, which is what a "too many requests" of Stripe's own says.
    const answer = hasTurn ? await this.#sendInSpan(key, push) : noTurn;
    this.pace.heard(answer, sentAt);
    if (hasTurn) this.#context.answered?.(push, answer);
    this.#context.logger.debug(
      { ...key, push: push.id, key: idempotencyKey(push), attempt: push.attempt, answer },
      'Stripe answered.',
    );
    return this.#bringToCommit(key, push, answer, settled.state);
  }

  #sendInSpan(key: AccountKey, push: OpenPush): Promise<Answer> {
    const attributes = {
      'seatbelt.organization': key.organization,
      'seatbelt.push': push.id,
      'seatbelt.generation': push.generation,
      'seatbelt.attempt': push.attempt,
      'seatbelt.quantity.from': push.from.quantity,
      'seatbelt.quantity.target': push.target.quantity,
    };
    return inSpan(spanNames.push, attributes, async (span) => {
      const answer = await this.#context.stripe.send(push, { timeoutMs: policy.stripeTimeoutMs });
      span.setAttribute('seatbelt.answer', answer.kind === 'error' ? `${answer.status}` : answer.kind);
      if (answer.kind !== 'no_answer' && answer.requestId !== null)
        span.setAttribute('seatbelt.stripe_request_id', answer.requestId);
      return answer;
    });
  }

  /** A process that slept since its claim must not write: somebody else may have taken over. The lease runs out by itself. */
  #maySend(key: AccountKey, push: OpenPush, settled: Settled): boolean {
    const spent = this.#context.monotonicNow() - settled.claimedAt;
    if (spent <= policy.leaseMs - policy.stripeTimeoutMs && !this.#context.closing()) return true;
    this.#context.logger.warn(
      { ...key, push: push.id, spentMs: Math.round(spent) },
      'The claim on this push is too old to send it.',
    );
    return false;
  }

  /** Voids the invoice of a push that waits for its payment. What is made of it is decided by reading the invoice next. */
  async #withdraw(
    key: AccountKey,
    effect: Extract<Effect, { type: 'withdraw' }>,
    settled: Settled,
    kind: TurnKind,
  ): Promise<Settled> {
    const { push } = effect;
    // What is not sent now is begun again when the lease is over.
    if (!(await this.#turnToSend(kind, settled)) || !this.#maySend(key, push, settled)) return nothingMore(settled);
    const { refused } = await this.#context.stripe.voidInvoice(push, { timeoutMs: policy.stripeTimeoutMs });
    this.#context.logger.debug(
      { ...key, push: push.id, withdrawal: push.withdrawal, refused },
      'Stripe was asked to void an invoice.',
    );
    return this.lane(key).internal({
      type: 'withdrawn',
      push: push.id,
      attempt: push.withdrawal?.attempt ?? 0,
      refused,
    });
  }

  /**
   * An answer must be written; while the database does not take it, nothing else is done with it. When others have
   * taken the push over meanwhile, the commit finds a newer version and this answer ends as what it is: late evidence.
   */
  async #bringToCommit(key: AccountKey, push: OpenPush, answer: Answer, state: State): Promise<Settled> {
    const verdict = weigh(push, answer, isOnlySend(push, push.attempt), state.now);
    const pushId = this.#context.newId();
    const began = this.#context.monotonicNow();
    let failures = 0;
    let databaseError = '';
    try {
      for (;;) {
        const isRollback = takesBack(push, verdict, state.now + this.#context.monotonicNow() - began);
        try {
          const settled = await this.lane(key).internal({
            type: 'answer',
            push: push.id,
            generation: push.generation,
            attempt: push.attempt,
            answer,
            commitFailures: failures > 0 && isRollback ? { count: failures, error: databaseError } : undefined,
            pushId,
          });
          if (failures > 0 && isRollback) {
            this.#context.alerts.resolved(
              rollbackFingerprint(push.id),
              'The rollback is written now.',
              this.#contextOf(key, push),
            );
          }
          return settled;
        } catch (error) {
          if (!(error instanceof DatabaseUnavailable || error instanceof OutcomeUnknown)) throw error;
          failures += 1;
          databaseError = error.cause instanceof Error ? error.cause.message : error.message;
          this.#unwritten.set(push.id, isRollback ? 'refused' : 'other');
          this.#tellUnwritten(key, push, answer, isRollback, databaseError, failures);
          if (this.#context.closing()) throw error;
          await this.#context.pause(delayAfter(policy.commitDelaysMs, failures));
        }
      }
    } finally {
      this.#unwritten.delete(push.id);
    }
  }

  /** A write waits no longer than its lease leaves beside the request itself; a lease that is spent needs no turn. */
  async #turnToSend(kind: TurnKind, { claimedAt }: Settled): Promise<boolean> {
    const left = policy.leaseMs - policy.stripeTimeoutMs - (this.#context.monotonicNow() - claimedAt);
    return left <= 0 || this.#turn(kind, left);
  }

  /** Among all processes where the limit is known, and within this one as Stripe's answers say. People wait for the first only. */
  async #turn(kind: TurnKind, withinMs: number): Promise<boolean> {
    const { turn, monotonicNow } = this.#context;
    const until = monotonicNow() + withinMs;
    if (kind === 'recovery' && !(await this.pace.turn(withinMs))) return false;
    return turn === undefined || turn(kind, until - monotonicNow());
  }

  async #look(key: AccountKey, state: State, kind: TurnKind): Promise<Settled> {
    const { link } = state.account;
    if (link === null)
      return { state, effect: { type: 'none' }, change: null, claimedAt: this.#context.monotonicNow() };
    const hasTurn = await this.#turn(kind, policy.turnAheadMs);
    const sentAt = this.pace.sending();
    const look: LookResult = hasTurn
      ? await inSpan(spanNames.look, { 'seatbelt.organization': key.organization }, async (span) => {
          const seen = await this.#context.stripe.look(link, {
            timeoutMs: policy.stripeTimeoutMs,
            invoice: state.account.push?.payment?.invoice ?? null,
          });
          span.setAttribute('seatbelt.look', seen.kind);
          return seen;
        })
      : { kind: 'failed', message: 'Too many requests wait for Stripe, so it was not read.' };
    if (hasTurn) this.pace.heard(look, sentAt);
    const { marks, marksSeen } = state.account;
    // Who did what the look shows is told by the events that asked for it.
    const reasons = marks > marksSeen ? await this.#context.store.markReasons(key, marksSeen, marks) : [];
    const began = { at: state.now, marks };
    return this.lane(key).internal(
      { type: 'looked', look, pushId: this.#context.newId(), began, reasons },
      state.account.version,
    );
  }

  // What people hear

  #tellUnwritten(
    key: AccountKey,
    push: OpenPush,
    answer: Answer,
    refused: boolean,
    databaseError: string,
    failures: number,
  ): void {
    const context = {
      ...this.#contextOf(key, push),
      stripeRequestId: answer.kind === 'no_answer' ? null : answer.requestId,
      stripeError: answer.kind === 'success' ? undefined : answer.message,
      databaseError,
      failures,
    };
    this.#context.logger.error(
      context,
      refused ? 'A rollback could not be written; it is retried.' : 'An outcome could not be written; it is retried.',
    );
    if (!refused) return;
    this.#context.alerts.raise({
      ...alertOf(rollbackFingerprint(push.id)),
      level: 'fatal',
      message: 'Seatbelt: Stripe did not make a seat change and the rollback could not be written',
      context,
    });
  }

  #contextOf(key: AccountKey, push: OpenPush) {
    return {
      organization: key.organization,
      seatType: key.seatType,
      push: push.id,
      subscription: push.link.subscription,
      seatCountBefore: push.target.seats,
      seatCountAfter: push.from.seats,
      stripeRequestId: push.requestId,
    };
  }

  /** Those that were opened or closed. One that only says other numbers by now was told when it was opened. */
  #tellIncidents(key: AccountKey, { records, state }: Decision): void {
    const news = records.incidents.filter(({ openedAt, closedAt }) => closedAt !== null || openedAt === state.now);
    if (news.length === 0 || this.#context.leavesTelling?.(news)) return;
    for (const incident of news) this.tellIncident(key, incident, state);
  }

  /** Alerts about an incident, once under its fingerprint however often and by whomever this is called. */
  tellIncident(key: AccountKey, incident: Incident, state: State): void {
    const { alerts } = this.#context;
    const context = {
      organization: key.organization,
      seatType: key.seatType,
      push: incident.push,
      incident: incident.id,
      seatCountBefore: state.account.seatCount,
      seatCountAfter: state.account.seatCount,
      stripeRequestId: null,
    };
    const rollback =
      incident.push !== null && (incident.kind === 'rollback_failed' || incident.kind === 'late_rollback');
    const fingerprint = rollback ? rollbackFingerprint(incident.push ?? '') : `seatbelt:${incident.id}`;
    if (incident.closedAt !== null) {
      alerts.resolved(fingerprint, `This is over: ${incident.message}`, context);
      return;
    }
    if (incident.action === 'none') return;
    alerts.raise({
      ...alertOf(fingerprint),
      level: incident.action === 'act' ? 'error' : 'warning',
      message: `Seatbelt: ${incident.message}`,
      context,
    });
  }
}

/** Nothing is to be done by this process; what is left is somebody's who claims it anew. */
function nothingMore(settled: Settled): Settled {
  const { state } = settled;
  return { ...settled, effect: { type: 'none' }, state: { ...state, account: { ...state.account, dueAt: null } } };
}

/** Ids are opaque and may hold any character but NUL, so nothing else can stand between two of them. */
function nameOf({ seatType, organization }: AccountKey): string {
  return `${seatType}\u0000${organization}`;
}

/** More accounts than one process works on at a time. */
const lanesKept = 10_000;

/** One per push, so that every process and every retry speaks of the same incident. */
function rollbackFingerprint(push: string): string {
  return `seatbelt:rollback_failed:${push}`;
}

function alertOf(fingerprint: string): Pick<Alert, 'fingerprint'> {
  return { fingerprint };
}
