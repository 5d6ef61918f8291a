/**
 * One process of the product: the production `Advancer` with the worker's duty, between a network to the database and
 * a network to Stripe that the schedule can break, in a process that can die or be frozen at every step.
 */
import { Advancer } from '../../packages/engine/src/advance.ts';
import { type Alert, createAlerts } from '../../packages/engine/src/alerts/alerts.ts';
import { policy } from '../../packages/engine/src/core/policy.ts';
import { idempotencyKey } from '../../packages/engine/src/core/stripe-request.ts';
import type { Answer, Decision, LookResult, OpenPush, State } from '../../packages/engine/src/core/types.ts';
import { DatabaseError, type DatabaseFailure } from '../../packages/engine/src/db/executor.ts';
import { advanceDue } from '../../packages/engine/src/duties/advance-due.ts';
import { StripeTurns } from '../../packages/engine/src/rate/stripe-turns.ts';
import type { AccountKey, LeaseAction, Named, Store } from '../../packages/engine/src/store/store.ts';
import { readEvent } from '../../packages/engine/src/stripe/read-event.ts';
import { type Delivery, Door } from './door.ts';
import type { MemoryStore } from './memory-store.ts';
import type { MemoryTurns } from './memory-turns.ts';
import { type FaultName, minute, second } from './plan.ts';
import type { StripeDouble, StripeFault } from './stripe-double.ts';
import type { World } from './world.ts';

/** What the schedule decides about each step, asked by the instance wherever something can go wrong. */
export interface Fate {
  /** A number from low to high; the same source of chance as everything else. */
  between(low: number, high: number): number;
  skewed(low: number, high: number): number;
  /** Whether this fault happens here and now. */
  strikes(fault: FaultName): boolean;
  /** A fault that struck before has its effect now, in the state that the account is in by now. */
  meets(fault: FaultName): void;
  stripeFault(): StripeFault;
  databaseIsDown(): boolean;
  stripeIsDown(): boolean;
  /** How long a sender sleeps between its last check and the wire. */
  sleepBeforeWire(): number;
  /** Somebody else gets in between what was read or done at Stripe and what is made of it here. */
  somebodyElse(): void;
  /** The engine begins a send. */
  sending(push: OpenPush): void;
  arrived(key: string, path: string, body: string): void;
  /** The voiding of the invoice of this push reaches Stripe. */
  voiding(push: OpenPush): void;
  answered(key: string, answer: Answer): void;
  /** Runs a write of this process; `evidenceAt` is when Stripe made what this process heard of it last. */
  commits(evidenceAt: number, run: () => void): void;
  /** A process tells a person, by the hook of the host. */
  alerted(process: string, alert: Alert): void;
  /** Turns at Stripe were handed to a process, or it had to go on without the common meter. */
  tookTurns(process: string, count: number): void;
  /** A request of this process goes to Stripe. */
  asks(process: string): void;
  /** This process has claimed the account, or written to it. */
  claimed(process: string): void;
  /** This process is gone. */
  died(instance: Instance): void;
  wentWrong(what: string, error: unknown): void;
  newId(): string;
}

const silent = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };

/** One process, as a network that leads from it to a database sees it. */
export interface Border {
  readonly name: string;
  readonly alive: () => boolean;
  /** When Stripe made what this process heard of it last. */
  readonly evidenceAt: () => number;
  /** What arrives here: nothing when the process is dead, later when it is frozen. */
  readonly deliver: (arrive: () => void) => void;
  /** Something crosses the border of the process here, so death and sleep may strike. */
  readonly cross: (where: string) => void;
}

/** The way from one process to a database that is not in memory. */
export interface Network {
  readonly store: Store;
  /** The process is gone, and with it its ends of all connections. */
  crashed(): void;
}

/** What is around a process, besides the two networks. */
export interface Surroundings {
  /** The common rate at Stripe, and how many requests a second it allows; null: nobody counts them. */
  readonly rate: { readonly turns: MemoryTurns; readonly perSecond: number } | null;
  /** How far the clock on the wall of this process is from the database's, in milliseconds. Nothing may depend on it. */
  readonly wallClockMs: number;
}

/** The lock on the account's row, and whose transaction has it. */
export interface RowLock {
  holder: { readonly instance: Instance } | null;
}

/** Answers of a Stripe that did not take the request at all. */
const turnsAway: ReadonlySet<number> = new Set([400, 401, 403, 404, 429]);

export class Instance {
  readonly name: string;
  readonly advancer: Advancer;
  readonly store: Store;
  alive = true;
  frozenUntil = 0;
  polling = false;
  /** When Stripe made the answer, or the reading, that this process heard last. */
  #evidenceAt = 0;
  readonly #world: World;
  readonly #stripe: StripeDouble;
  readonly #fate: Fate;
  readonly #locks: RowLock;

  /** States as a load brought them; others were remembered. */
  readonly #loaded = new WeakSet<State>();
  readonly #network: Network | null;
  readonly #memory: MemoryStore | null;
  /** How far off the clock on the wall of this process is. */
  readonly wallClockMs: number;
  readonly #turns: StripeTurns | null;
  #door: Door | null = null;

  /** @param database the rows in memory, or a way to rows elsewhere. */
  constructor(
    name: string,
    world: World,
    database: MemoryStore | ((border: Border) => Network),
    stripe: StripeDouble,
    fate: Fate,
    locks: RowLock,
    { rate, wallClockMs }: Surroundings = { rate: null, wallClockMs: 0 },
  ) {
    this.name = name;
    this.wallClockMs = wallClockMs;
    this.#world = world;
    this.#stripe = stripe;
    this.#fate = fate;
    this.#locks = locks;
    if (typeof database === 'function') {
      this.#network = database({
        name,
        alive: () => this.alive,
        evidenceAt: () => this.#evidenceAt,
        deliver: (arrive) => this.#deliver(arrive),
        cross: (where) => this.#border(where),
      });
      this.store = this.#network.store;
      this.#memory = null;
    } else {
      this.#network = null;
      this.#memory = database;
      this.store = this.#storeOverNetwork(database);
    }
    const pause = (ms: number) => this.#pause(ms);
    this.#turns =
      rate &&
      new StripeTurns({
        database: rate.turns.executor(
          (what, run) => this.#meter(what, run),
          ({ granted }) => fate.tookTurns(name, granted),
        ),
        requestsPerSecond: async () => rate.perSecond,
        logger: silent,
        pause,
        monotonicNow: () => world.now,
        closing: () => false,
      });
    const turns = this.#turns;
    this.advancer = new Advancer({
      store: this.store,
      stripe: {
        send: (push) => this.#send(push),
        look: (_link, { invoice = null }) => this.#look(invoice),
        voidInvoice: (push) => this.#void(push),
      },
      alerts: createAlerts({ logger: silent, onAlert: (alert) => fate.alerted(name, alert), now: () => world.now }),
      logger: silent,
      newId: () => fate.newId(),
      monotonicNow: () => world.now,
      pause,
      closing: () => false,
      committed: () => {},
      ...(turns && {
        turn: (kind, withinMs) => turns.turn(kind, withinMs),
        tooManyRequests: () => void turns.slowDown(),
      }),
    });
  }

  get usable(): boolean {
    return this.alive && this.frozenUntil <= this.#world.now;
  }

  /** The worker's duty: claim what is due and do what it needs. */
  poll(): void {
    if (!this.usable || this.polling) return;
    this.polling = true;
    const began = this.#world.now;
    advanceDue(this.store, this.advancer, silent, {
      left: () => this.#world.now - began < policy.roundMs,
      monotonicNow: () => this.#world.now,
      pause: (ms) => this.#pause(ms),
      slow: 'leave',
    })
      .catch((error: unknown) => this.notDatabase('the worker', error))
      .finally(() => {
        this.polling = false;
      });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.after(ms, () => this.#deliver(resolve)));
  }

  /** Errors that are not the database's are bugs. */
  notDatabase(who: string, error: unknown): void {
    const expected =
      error instanceof Error &&
      ['DatabaseUnavailable', 'OutcomeUnknown', 'DatabaseError', 'CommandDropped'].includes(error.name) &&
      !(error instanceof DatabaseError && error.failure.kind === 'constraint');
    if (!expected) this.#fate.wentWrong(who, error);
  }

  crash(): void {
    if (!this.alive) return;
    this.#fate.died(this);
    this.alive = false;
    if (this.#locks.holder?.instance === this) this.#locks.holder = null;
    this.#world.tell(this.name, () => 'is killed');
    this.#network?.crashed();
  }

  freeze(ms: number): void {
    this.frozenUntil = Math.max(this.frozenUntil, this.#world.now + ms);
    this.#world.tell(this.name, () => `is frozen for ${Math.round(ms / 100) / 10} s`);
  }

  /** What arrives at this process: nothing when it is dead, later when it is frozen. */
  #deliver(arrive: () => void): void {
    if (!this.alive) return;
    if (this.frozenUntil > this.#world.now) {
      this.#world.at(this.frozenUntil, () => this.#deliver(arrive));
      return;
    }
    arrive();
  }

  /** Death and sleep strike where something crosses the border of the process. */
  #border(where: string): void {
    if (this.#fate.strikes('crash')) {
      this.#world.tell(this.name, () => `dies ${where}`);
      this.crash();
    } else if (this.#fate.strikes('freeze')) {
      this.freeze(this.#fate.skewed(2 * second, 5 * minute));
    }
  }

  // To the database

  #storeOverNetwork(memory: MemoryStore): Store {
    const through = <T>(what: string, run: () => T) => this.#statement(what, run);
    return {
      load: (key, named) =>
        through('load', () => {
          const state = memory.loadNow(key, named);
          if (state) this.#loaded.add(state);
          return state;
        }),
      commit: (before, decision, lease) => this.#commit(memory, before, decision, lease),
      changes: (key, ids) => through('changes', () => memory.changesNow(key, ids)),
      markReasons: (key, after, upTo) => through('markReasons', () => memory.markReasonsNow(key, after, upTo)),
      claimDue: (owner, limit, leaseMs) =>
        through('claimDue', () => {
          const keys = memory.claimDueNow(owner, limit, leaseMs);
          if (keys.length > 0) this.#fate.claimed(this.name);
          return keys;
        }),
      claim: (key, owner, leaseMs) =>
        through('claim', () => {
          const claimed = memory.claimNow(key, owner, leaseMs);
          if (claimed) this.#fate.claimed(this.name);
          return claimed;
        }),
      release: (key, owner) => through('release', () => memory.releaseNow(key, owner)),
      locked: (key, work) => this.#locked(memory, key, work),
    };
  }

  /** A statement of the meter of turns. Who cannot ask it goes on alone, one request at a time. */
  #meter<T>(what: string, run: () => T): Promise<T> {
    return this.#statement(what, run).catch((error: unknown) => {
      this.#fate.tookTurns(this.name, 1);
      throw error;
    });
  }

  /** Stripe brings an event to the door of this process; resolves with the status it hears, or never. */
  receive(delivery: Delivery): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const memory = this.#memory;
    if (memory === null) throw new Error('Bug: the door is open in worlds with a store in memory only.');
    this.#door ??= new Door((event) => this.#statement('receive', () => memory.receive(readEvent(event))));
    const door = this.#door;
    this.#deliver(() => {
      const { verified, status } = door.deliver(delivery);
      this.#world.outside(verified);
      status.then((heard) => this.#deliver(() => resolve(heard)), this.#bug('the door'));
    });
    return promise;
  }

  #bug(where: string): (error: unknown) => void {
    return (error) => this.#fate.wentWrong(where, error);
  }

  #statement<T>(what: string, run: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fate = this.#fate;
    this.#border(`before ${what}`);
    if (!this.alive) return promise;
    const refused = fate.databaseIsDown() || fate.strikes('never_sent');
    this.#world.after(fate.between(0, 4), () => {
      if (refused) {
        this.#deliver(() => reject(failure('never_sent', what)));
        return;
      }
      const value = run();
      this.#world.after(fate.between(0, 4), () => {
        this.#deliver(() => {
          this.#border(`after ${what}`);
          if (this.alive) this.#deliver(() => resolve(value));
        });
      });
    });
    return promise;
  }

  #commit(
    memory: MemoryStore,
    before: State,
    decision: Decision,
    lease: LeaseAction,
    transaction: RowLock['holder'] = null,
  ): Promise<'committed' | 'conflict'> {
    const { promise, resolve, reject } = Promise.withResolvers<'committed' | 'conflict'>();
    const fate = this.#fate;
    this.#border('before a commit');
    if (!this.alive) return promise;
    const refused = fate.databaseIsDown() || fate.strikes('never_sent');
    const conflict = fate.strikes('conflict');
    const unknown = fate.strikes('unknown_undone')
      ? 'undone'
      : fate.strikes('unknown_done')
        ? 'done'
        : fate.strikes('unknown_late')
          ? 'late'
          : null;
    const runsAt = fate.between(0, 4) + (unknown === 'late' ? fate.skewed(5, 20 * second) : 0);
    const fails = (kind: DatabaseFailure['kind']) =>
      this.#world.after(4, () => this.#deliver(() => reject(failure(kind, 'commit'))));
    if (refused) fails('never_sent');
    else if (conflict) fails('conflict');
    else {
      if (unknown !== null) {
        this.#world.tell(this.name, () => `loses its connection during a commit (${unknown})`);
        fails('unknown');
      }
      if (unknown !== 'undone') {
        this.#afterLock(runsAt, transaction, () => {
          let outcome: 'committed' | 'conflict';
          try {
            outcome = this.#commitNow(memory, before, decision, lease);
          } catch (error) {
            if (!this.#keyUnknownToMemory(before, error)) fate.wentWrong('a commit', error);
            this.#deliver(() => reject(error));
            return;
          }
          if (unknown !== null) return;
          this.#world.after(fate.between(0, 4), () => {
            this.#deliver(() => {
              this.#border('after a commit');
              if (this.alive) this.#deliver(() => resolve(outcome));
            });
          });
        });
      }
    }
    return promise;
  }

  #commitNow(memory: MemoryStore, before: State, decision: Decision, lease: LeaseAction): 'committed' | 'conflict' {
    let outcome = 'conflict' as 'committed' | 'conflict';
    this.#fate.commits(this.#evidenceAt, () => {
      outcome = memory.commitNow(before, decision, lease);
    });
    if (outcome === 'committed') this.#fate.claimed(this.name);
    return outcome;
  }

  /** Who decides on remembered state does not know the keys in use; the index on them turns that commit down. */
  #keyUnknownToMemory(before: State, error: unknown): boolean {
    return (
      !this.#loaded.has(before) &&
      error instanceof DatabaseError &&
      error.failure.constraint === 'seat_changes_idempotency_key'
    );
  }

  /** A write waits while another transaction holds the row's lock. */
  #afterLock(ms: number, transaction: RowLock['holder'], run: () => void): void {
    this.#world.after(ms, () => {
      if (this.#locks.holder !== null && this.#locks.holder !== transaction) this.#afterLock(50, transaction, run);
      else run();
    });
  }

  /** One transaction with the row locked: what it commits is there at its end or not at all. */
  async #locked<T>(
    memory: MemoryStore,
    _key: AccountKey,
    work: (store: Pick<Store, 'load' | 'commit'>) => Promise<T>,
  ): Promise<T> {
    const locks = this.#locks;
    const { promise, resolve } = Promise.withResolvers<void>();
    const mine = { instance: this };
    let lost = false;
    const take = () => {
      if (!this.alive) return;
      if (locks.holder === null) {
        locks.holder = mine;
        // The server ends a transaction that stays open, so that a sleeper does not block everybody.
        this.#world.after(30 * second, () => {
          lost = true;
          if (locks.holder === mine) locks.holder = null;
        });
        this.#deliver(resolve);
      } else this.#world.after(50, take);
    };
    take();
    await promise;
    try {
      let pending: { before: State; decision: Decision; lease: LeaseAction } | null = null;
      const value = await work({
        load: (account: AccountKey, named: Named) => this.store.load(account, named),
        commit: async (before, decision, lease) => {
          if (memory.rows(before.account).account.version !== before.account.version) return 'conflict';
          pending = { before, decision, lease };
          return 'committed';
        },
      });
      const write = pending as { before: State; decision: Decision; lease: LeaseAction } | null;
      if (lost) throw failure('unknown', 'a transaction that was open too long');
      if (write && (await this.#commit(memory, write.before, write.decision, write.lease, mine)) === 'conflict') {
        throw failure('unknown', 'a transaction that was ended while it committed');
      }
      return value;
    } finally {
      if (locks.holder === mine) locks.holder = null;
    }
  }

  // To Stripe

  #send(push: OpenPush): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const world = this.#world;
    const fate = this.#fate;
    const key = idempotencyKey(push);
    const { path, body } = push.request;
    let answered = false;
    const answer = (value: Answer, madeAt = 0) => {
      if (answered) return;
      answered = true;
      this.#deliver(() => {
        if (value.kind !== 'no_answer') this.#evidenceAt = madeAt;
        world.tell(this.name, () => `hears ${describe(value)} for ${shortKey(key)} send ${push.attempt}`);
        this.#border('after an answer of Stripe');
        if (this.alive) this.#deliver(() => resolve(value));
      });
    };

    fate.sending(push);
    this.#border('before a send');
    if (!this.alive) return promise;
    const sleep = fate.strikes('late_sender') ? fate.sleepBeforeWire() : 0;
    if (sleep > 0) this.freeze(sleep);

    // From here on the request is written; what is written arrives whatever becomes of the process.
    const depart = () => {
      if (!this.alive) return;
      if (this.frozenUntil > world.now) {
        world.at(this.frozenUntil, depart);
        return;
      }
      if (sleep > 0) fate.meets('late_sender');
      fate.asks(this.name);
      world.tell(this.name, () => `sends ${shortKey(key)} send ${push.attempt}: quantity ${push.target.quantity}`);
      world.after(10 * second, () => answer(noAnswer('timeout')));
      const down = fate.stripeIsDown();
      if (down && fate.between(0, 1) === 0) {
        world.after(20, () => answer(noAnswer('connection')));
        return;
      }
      if (down || fate.strikes('lost_request')) {
        world.tell('network', () => 'loses the request');
        return;
      }
      const delayed = fate.strikes('delayed_request') ? fate.skewed(second, 45 * second) : 0;
      const lostReply = fate.strikes('lost_reply');
      const cut = fate.strikes('cut_body');
      const reset = fate.strikes('reset');
      const fault = fate.stripeFault();
      // A network may bring the same bytes twice, but not to a Stripe that has just turned them away, for whatever reason.
      let turnedAway = false;
      const arrive = (first: boolean, afterMs: number) =>
        world.after(afterMs, () => {
          if (turnedAway) return;
          fate.arrived(key, path, body);
          const arrival = {
            key,
            body,
            fault: first ? fault : 'none',
            executionMs: fate.skewed(5, 4 * second),
          } as const;
          if (first && fault !== 'none') world.tell('stripe', () => `has trouble: ${fault}`);
          this.#stripe.receive(arrival, (value) => {
            world.tell('stripe', () => `answers ${describe(value)} to ${shortKey(key)}`);
            fate.answered(key, value);
            turnedAway ||= value.kind === 'error' && turnsAway.has(value.status);
            const madeAt = world.now;
            if (fate.strikes('foreign_meanwhile')) world.after(fate.between(1, 100), () => fate.somebodyElse());
            if (!first || lostReply) return;
            world.after(fate.between(5, 60), () => {
              if (cut) answer(noAnswer('cut_body'));
              else if (reset) answer(noAnswer('connection'));
              else answer(value, madeAt);
            });
          });
        });
      arrive(true, fate.between(5, 60) + delayed);
      const definite = ['unauthorized', 'forbidden', 'invalid', 'missing', 'rate_limited', 'quota', 'lock_timeout'];
      if (!definite.includes(fault) && fate.strikes('duplicate')) arrive(false, fate.skewed(70, 20 * second) + delayed);
    };
    depart();
    return promise;
  }

  /** Voiding an invoice: as unsure as every other request. */
  #void(push: OpenPush): Promise<{ refused: boolean }> {
    const { promise, resolve } = Promise.withResolvers<{ refused: boolean }>();
    const world = this.#world;
    const fate = this.#fate;
    const invoice = push.payment?.invoice ?? '';
    this.#border('before voiding an invoice');
    if (!this.alive) return promise;
    fate.asks(this.name);
    const lost = fate.stripeIsDown() || fate.strikes('lost_request');
    const lostReply = fate.strikes('lost_reply');
    const answer = (refused: boolean) =>
      this.#deliver(() => {
        this.#border('after voiding an invoice');
        if (this.alive) this.#deliver(() => resolve({ refused }));
      });
    world.after(10 * second, () => answer(false));
    if (lost) return promise;
    world.after(fate.strikes('delayed_request') ? fate.skewed(second, 45 * second) : fate.between(5, 60), () => {
      fate.voiding(push);
      const { refused } = this.#stripe.void(invoice);
      world.tell('stripe', () => `${refused ? 'refuses to void' : 'voids'} ${invoice}`);
      if (!lostReply) world.after(fate.between(5, 60), () => answer(refused));
    });
    return promise;
  }

  #look(invoice: string | null): Promise<LookResult> {
    const { promise, resolve } = Promise.withResolvers<LookResult>();
    const fate = this.#fate;
    this.#border('before a look');
    if (!this.alive) return promise;
    fate.asks(this.name);
    const struck = fate.strikes('look_failed');
    const failed = struck || fate.stripeIsDown();
    this.#world.after(fate.between(5, 60), () => {
      const seen: LookResult = failed ? { kind: 'failed', message: 'no answer' } : this.#stripe.look(invoice);
      const readAt = this.#world.now;
      if (!failed && fate.strikes('foreign_meanwhile')) this.#world.after(1, () => fate.somebodyElse());
      this.#world.after(failed ? fate.between(5, 10 * second) : fate.skewed(5, 2 * second), () => {
        this.#deliver(() => {
          if (struck) fate.meets('look_failed');
          if (!failed) this.#evidenceAt = readAt;
          this.#world.tell(
            this.name,
            () => `reads Stripe: ${seen.kind === 'seen' ? seen.observation.item?.quantity : seen.kind}`,
          );
          this.#border('after a look');
          if (this.alive) this.#deliver(() => resolve(seen));
        });
      });
    });
    return promise;
  }
}

function noAnswer(reason: 'timeout' | 'connection' | 'cut_body'): Answer {
  return { kind: 'no_answer', reason, message: `no answer: ${reason}` };
}

function failure(kind: DatabaseFailure['kind'], what: string): DatabaseError {
  return new DatabaseError({ kind, code: null, constraint: null, message: `${what}: ${kind}` }, null);
}

export function shortKey(key: string): string {
  const [, id, generation] = key.split(':');
  return `push ${Number(id?.slice(-12))}${generation === '1' ? '' : ` generation ${generation}`}`;
}

function describe(answer: Answer): string {
  if (answer.kind === 'no_answer') return `nothing (${answer.reason})`;
  const replayed = answer.replayed ? ', replayed' : '';
  if (answer.kind === 'error') return `${answer.status} ${answer.code ?? ''}${replayed}`;
  return `200 quantity ${answer.quantity}${answer.pendingUpdate ? ', payment pending' : ''}${replayed}`;
}
