/** One seed from beginning to end: the faulty phase, the healing, and the judgement. */
import { decideTogether } from '../../packages/engine/src/core/decide-together.ts';
import { policy } from '../../packages/engine/src/core/policy.ts';
import { SeatRefused } from '../../packages/engine/src/core/refusals.ts';
import { holdersOf } from '../../packages/engine/src/core/request.ts';
import { pushOfKey } from '../../packages/engine/src/core/stripe-request.ts';
import type {
  Account,
  Decision,
  EndedPush,
  HolderRow,
  MarkReason,
  OpenPush,
  SeatChange,
  SeatRequest,
} from '../../packages/engine/src/core/types.ts';
import { DatabaseError } from '../../packages/engine/src/db/executor.ts';
import { CommandDropped, DatabaseUnavailable, OutcomeUnknown } from '../../packages/engine/src/failures.ts';
import { Auditor, billedFor, isParked, type LastWrite, type Violation } from './checks.ts';
import { type Delivery, eventOf } from './door.ts';
import { type FaultPoint, heldBecause, momentOf, parkedOf } from './focus.ts';
import { type Border, type Fate, Instance, type Network, type RowLock } from './instance.ts';
import { isFree, MemoryStore, type Rows } from './memory-store.ts';
import { MemoryTurns } from './memory-turns.ts';
import { type FaultName, hour, minute, type Plan, planOf, second } from './plan.ts';
import { StripeDouble, type StripeFault } from './stripe-double.ts';
import { World } from './world.ts';

export interface Outcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly faults: ReadonlyMap<FaultPoint, number>;
  readonly events: number;
  readonly stripeWrites: number;
  readonly accepted: number;
  readonly held: boolean;
  /** In which state of the account each kind of fault struck, as `state x fault`, for the matrix of coverage. */
  readonly met: ReadonlyMap<string, number>;
  /** Virtual time from the end of the faults until the last open change ended. */
  readonly recoveryMs: number | null;
  /** A quota of the subscription was used up, which takes up to a day to be free again. */
  readonly quotaUsedUp: boolean;
  /** Virtual time from the death of a process to when another one had the account, for each where nothing else went wrong meanwhile. */
  readonly pickUps: readonly number[];
  readonly lines: readonly string[];
}

const began = Date.UTC(2027, 0, 4, 9);
const key = { organization: 'acme', seatType: 'seat' };
/** After the faults everything open is over within this: the longest wait of the policy (a quota), and some ticks. */
const settleBound = policy.quotaDelayMs + Math.max(...policy.quotaReplayDelaysMs) + 15 * minute;
/** A quota of a day is free again after a day. */
const quotaBound = 25 * hour;
/** A process that dies may have had the account for as long as a claim lasts; who is due later than that was not waited for. */
const underWayMs = policy.leaseMs;
/** Stripe waits so long for its webhook to be answered, and then delivers it again, sooner than the real one does. */
const deliveryTimeoutMs = 10 * second;
const redeliveryMs = [5 * second, 20 * second, minute, 5 * minute] as const;
/** Late senders sleep up to 24.9 h, and the last tail look comes 25 h after a push ended. */
const restAfter = 60 * hour;
/**
 * More events than any honest schedule needs for each day of faults that is begun, with a push in doubt that asks every half
 * minute; past this an account is spinning.
 */
const eventsForADay = 60_000;
/** Each look may meet somebody else's change, and each of those asks for a look: that is to end some day. */
const meddlingAtMost = 1_000;
/** How often a fault strikes in the state in which a seed is after it. */
const soughtRate = 0.9;

/** A database that is not in memory, for the time of one schedule. */
export interface RealDatabase {
  /** Puts the account there; every other word is for after it. */
  begin(world: World, databaseNow: () => number, account: Account, holders: readonly HolderRow[]): void;
  /** What was last read back; read again after every write. */
  rows(): Rows;
  mark(told: Omit<MarkReason, 'mark'> | null): void;
  /** Reads back everything there is, the whole trail too. */
  readAll(): Promise<void>;
  connect(border: Border, fate: Fate): Network;
  /** Nobody uses it any more. */
  end(): Promise<void>;
  /** `evidenceAt`: when Stripe made what the committing process had heard of it when it decided. */
  onCommit: ((before: Account, rows: Rows, decision: Decision, evidenceAt: number) => void) | null;
}

/** @param real where the rows are kept, when that is not in memory. A seed tells another story there. */
export async function runSchedule(seed: number, told = false, real: RealDatabase | null = null): Promise<Outcome> {
  // A story takes no turn of the event loop; whoever plays many is heard and interrupted between two of them.
  await new Promise((resolve) => setImmediate(resolve));
  // Pairs are counted in memory. On a real database a statement costs a thousand times as much, and seeds by chance say more.
  const plan = planOf(seed, real === null);
  const schedule = new Schedule(real === null ? plan : onReal(plan), told, real);
  try {
    return await schedule.run();
  } finally {
    await real?.end();
  }
}

/** The meter of turns, the door and the clocks on the walls are in memory only. */
function onReal(plan: Plan): Plan {
  return { ...plan, door: false, wallClocks: [], limits: plan.limits && { ...plan.limits, perSecond: null } };
}

/** What a schedule asks of its database, in memory or not. */
interface Rowkeeper {
  rows(of: typeof key): Rows;
  /** `told`: what the event said that is the reason, where it is one. */
  mark(of: typeof key, told?: Omit<MarkReason, 'mark'> | null): void;
}

class Schedule {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #store: Rowkeeper;
  readonly #memory: MemoryStore | null;
  readonly #real: RealDatabase | null;
  readonly #stripe: StripeDouble;
  readonly #auditor: Auditor;
  readonly #locks: RowLock = { holder: null };
  readonly #instances: Instance[] = [];
  readonly #faults = new Map<FaultPoint, number>();
  readonly #met = new Map<string, number>();
  readonly #healAt: number;
  readonly #eventLimit: number;
  readonly #turns: MemoryTurns | null;
  /** By process: turns that it was given, less requests that it made. */
  readonly #turnsLeft = new Map<string, number>();
  /** A process died with work under way, and nothing has gone wrong since. */
  #orphaned: { readonly at: number; readonly faults: number; readonly by: string } | null = null;
  readonly #pickUps: number[] = [];
  #faultCount = 0;
  #lateUntil = 0;
  #deliveries = 0;
  #clockOffset = 0;
  #ids = 0;
  #born = 0;
  #writes = 0;
  #commits = 0;
  #foreign = 0;
  #excused = false;
  #lastEnd: number | null = null;
  #healed = false;
  #lastWrite: LastWrite | null = null;
  #evidenceAt = 0;
  /** Server errors that Stripe has answered, by key, and whether one of them was a stored one. */
  readonly #errors = new Map<string, { count: number; replayed: boolean }>();
  /** Changes of which a caller was told that nothing was written. */
  readonly #saidUnwritten = new Set<string>();
  /** Pushes whose withdrawal was committed. */
  readonly #withdrawn = new Set<string>();

  constructor(plan: Plan, told: boolean, real: RealDatabase | null) {
    this.#plan = plan;
    this.#world = new World(began, told);
    this.#healAt = began + plan.faultyMs;
    this.#eventLimit = eventsForADay * Math.max(1, Math.ceil(plan.faultyMs / (24 * hour)));
    const databaseNow = () => this.#world.now + this.#clockOffset;
    this.#real = real;
    this.#memory = real === null ? new MemoryStore(databaseNow) : null;
    this.#store = this.#memory ?? {
      rows: () => this.#onReal().rows(),
      mark: (_key, told = null) => this.#onReal().mark(told),
    };
    const account = this.#account();
    this.#stripe = new StripeDouble(billedFor(plan.seats, plan.terms), {
      now: () => this.#world.now,
      after: (ms, happen) => this.#world.after(ms, happen),
    });
    this.#stripe.cardLimit = plan.cardLimit;
    const { limits } = plan;
    this.#turns = limits?.perSecond == null ? null : new MemoryTurns(databaseNow);
    this.#stripe.perSecond = limits?.perSecond ?? null;
    if (limits) {
      const { updates, invoices } = this.#usedBefore();
      this.#stripe.used.updates.push(...updates);
      this.#stripe.used.invoices.push(...[...invoices, ...limits.theirs.map((ms) => began - ms)].sort((a, b) => a - b));
    }
    const patient = plan.focus?.state === 'awaiting_payment';
    this.#stripe.period = plan.period && { start: began + plan.period.startMs, lengthMs: plan.period.lengthMs };
    this.#stripe.pendingPayment = () => ({
      pending: patient || plan.random.chance(0.5),
      afterMs: patient ? plan.random.between(minute, 10 * minute) : plan.random.skewed(second, 10 * minute),
      paid: plan.random.chance(0.5),
    });
    const holders = plan.named.map((holder) => ({ holder, state: 'assigned', change: null }) as const);
    if (this.#memory !== null) {
      this.#memory.create(account);
      const rows = this.#memory.rows(key);
      for (const row of holders) rows.holders.set(row.holder, row);
    }
    real?.begin(this.#world, databaseNow, account, holders);
    this.#auditor = new Auditor(account);
    const onCommit = (before: Account, after: Rows, decision: Decision) => {
      this.#auditor.onCommit(before, after, decision);
      if (after.account.push?.withdrawal) this.#withdrawn.add(after.account.push.id);
      this.#auditor.judgeEnds(decision, this.#lastWrite, this.#evidenceAt);
      this.#auditor.judgeHold(before, after.account, decision, this.#excused || this.#foreign > 0);
      this.#auditor.judgeForeign(decision, this.#excused || this.#foreign > 0);
      for (const change of decision.records.changes) if (change.endedAt !== null) this.#lastEnd = this.#world.now;
      this.#world.tell('database', () =>
        this.#describeCommit(
          before,
          after.account,
          decision.records.audit.map(({ kind, note }) => `${kind}: ${note}`),
        ),
      );
    };
    if (this.#memory !== null) this.#memory.onCommit = onCommit;
    if (real !== null) {
      real.onCommit = (before, after, decision, evidenceAt) => {
        this.#evidenceAt = evidenceAt;
        onCommit(before, after, decision);
        this.#evidenceAt = 0;
      };
    }
    this.#stripe.onWrite = (write) => this.#onStripeWrite(write);
  }

  #onReal(): RealDatabase {
    if (this.#real === null) throw new Error('Bug: this schedule keeps its rows in memory.');
    return this.#real;
  }

  #account(): Account {
    const { seats, anonymous, named, terms } = this.#plan;
    return {
      ...key,
      version: 1,
      link: { customer: 'cus_1', subscription: 'sub_1', item: 'si_1' },
      status: 'active',
      hold: null,
      pausedReason: null,
      terms,
      settledSeats: seats,
      seatCount: seats,
      assigned: anonymous + named.length,
      reserved: 0,
      anonymousAssigned: anonymous,
      anonymousReserved: 0,
      changeCount: 0,
      spent: null,
      push: null,
      tails: [],
      marks: 0,
      marksSeen: 0,
      lookTries: 0,
      nextLookAt: null,
      lookedAt: null,
      observed: null,
      revertedAt: [],
      reversedAt: [],
      quotaUsed: this.#usedBefore(),
      dueAt: null,
      audit: { length: 0, head: '' },
    };
  }

  /** What this account had asked of Stripe before the story begins. */
  #usedBefore(): Account['quotaUsed'] {
    const { updates = [], invoices = [] } = this.#plan.limits?.ours ?? {};
    const at = (ms: number) => began - ms;
    return { updates: updates.map(at), invoices: invoices.map(at) };
  }

  async run(): Promise<Outcome> {
    const plan = this.#plan;
    await this.#world.quiet();
    for (let count = 0; count < plan.instances; count += 1) this.#start();
    this.#schedulePlan();
    // It may be free again when rest is asked for, and what waited for it has only begun by then.
    let usedUpAtFirst = false;
    this.#world.at(this.#healAt, () => {
      usedUpAtFirst = this.#quotaUsedUp();
      this.#heal();
    });

    await this.#until(this.#healAt + settleBound);
    const rows = this.#store.rows(key);
    const quotaUsedUp = usedUpAtFirst || this.#quotaUsedUp();
    // Until a quota is free again there is nothing to be done but to wait, visibly.
    if (quotaUsedUp) await this.#until(this.#healAt + settleBound + quotaBound);
    const waitsForPerson = rows.account.status === 'held' || rows.account.pausedReason !== null;
    const open = [...rows.waiting.values()].filter((change) => !isParked(change)).length;
    if (!waitsForPerson && open > 0) {
      const bound = (settleBound + (quotaUsedUp ? quotaBound : 0)) / minute;
      this.#auditor.fail('G11', `${open} changes are open ${bound} minutes after the faults ended`);
    }
    const recoveryMs = this.#lastEnd === null ? null : Math.max(0, this.#lastEnd - this.#healAt);
    if (this.#auditor.violations.length === 0) await this.#until(this.#healAt + restAfter);
    // A refused push for new terms is for the operator who changed them.
    if (plan.newTerms) this.#excused = true;
    const excused = this.#excused || this.#foreign > 0 || rows.account.hold?.code === 'generations_used';
    await this.#real?.readAll();
    for (const id of this.#saidUnwritten) {
      if (rows.changes.has(id))
        this.#auditor.fail('G4', 'a caller was told that nothing was written, and its change is there');
    }
    this.#auditor.judgeAlerts(rows);
    this.#auditor.atRest(rows, this.#stripe, excused, this.#world.now);
    if (this.#world.events >= this.#eventLimit) this.#auditor.fail('G11', `no rest after ${this.#eventLimit} events`);
    return {
      seed: plan.seed,
      violations: this.#auditor.violations,
      faults: this.#faults,
      events: this.#world.events,
      stripeWrites: this.#writes,
      accepted: this.#auditor.accepted.size,
      held: rows.account.status === 'held',
      met: this.#met,
      recoveryMs,
      quotaUsedUp,
      pickUps: this.#pickUps,
      lines: this.#world.lines ?? [],
    };
  }

  /** Stripe has said so, or the account knows it; counted again here, from what both of them wrote down. */
  #quotaUsedUp(): boolean {
    const { updates, invoices } = this.#store.rows(key).account.quotaUsed;
    const lately = (times: readonly number[], ms: number) => times.filter((at) => at > this.#world.now - ms).length;
    const { invoicesPerDay, updatesPerHour } = policy.quotas;
    return (
      this.#stripe.quotaAnswers > 0 ||
      lately(invoices, 24 * hour) >= invoicesPerDay ||
      lately(updates, hour) >= updatesPerHour
    );
  }

  /** Lets time pass. The workers' polls are not events of their own: one happens when there is something to claim. */
  async #until(end: number): Promise<void> {
    while (this.#world.events < this.#eventLimit && this.#auditor.violations.length === 0) {
      const poll = this.#nextPoll();
      const next = this.#world.next;
      if (poll !== null && poll.at <= end && (next === null || poll.at < next)) {
        this.#world.at(poll.at, () => poll.instance.poll());
      }
      if (!(await this.#world.step(end))) return;
    }
  }

  /** Each worker polls every two seconds at its own moment; only a poll that can claim something is worth an event. */
  #nextPoll(): { at: number; instance: Instance } | null {
    const rows = this.#store.rows(key);
    const { account, leaseUntil } = rows;
    if (account.dueAt === null) return null;
    const free = isFree(rows, this.#world.now + this.#clockOffset) ? 0 : leaseUntil + 1;
    const claimable = Math.max(account.dueAt, free) - this.#clockOffset;
    let first: { at: number; instance: Instance } | null = null;
    this.#instances.forEach((instance, index) => {
      if (!instance.alive || instance.polling) return;
      const from = Math.max(claimable, this.#world.now + 1, instance.frozenUntil);
      const phase = (index * 700) % policy.pollMs;
      const at = from + ((((phase - from) % policy.pollMs) + policy.pollMs) % policy.pollMs);
      if (first === null || at < first.at) first = { at, instance };
    });
    return first;
  }

  // What the plan brings

  #schedulePlan(): void {
    const plan = this.#plan;
    const { random } = plan;
    // All at once, spread over everything that goes wrong, or one soon after the other.
    const rhythm = random.pick(['burst', 'spread', 'pace'] as const);
    const pace = random.pick([3 * second, 20 * second, 90 * second]);
    for (let count = 0; count < plan.requests; count += 1) {
      const at =
        rhythm === 'burst'
          ? random.skewed(0, Math.min(plan.faultyMs, 5 * second))
          : rhythm === 'spread'
            ? random.between(0, plan.faultyMs)
            : Math.min(plan.faultyMs, count * pace + random.between(0, pace));
      this.#world.after(at, () => this.#client(count));
    }
    for (const { at, quantity } of plan.foreign) {
      this.#world.after(at, () => {
        this.#count('foreign_change');
        this.#somebodyElse(quantity);
      });
    }
    if (plan.cancelAt !== null) {
      this.#world.after(plan.cancelAt, () => {
        this.#world.tell('somebody', () => 'cancels the subscription');
        this.#stripe.cancel();
        this.#webhook(null, null, true);
      });
    }
    if (plan.pause) {
      const { from, until } = plan.pause;
      this.#world.after(
        from,
        () => void this.#operate('pause', (id) => ({ type: 'pause', reason: 'migration', actor: `ops ${id}` })),
      );
      this.#world.after(
        until,
        () => void this.#operate('resume', (id) => ({ type: 'resume', actor: `ops ${id}`, reason: null })),
      );
    }
    if (plan.newTerms) {
      const { at, terms } = plan.newTerms;
      this.#world.after(at, () => {
        this.#world.tell('operator', () => `changes the terms: ${JSON.stringify(terms)}`);
        void this.#operate('new terms', (pushId) => ({
          type: 'change_terms',
          terms,
          actor: 'ops',
          reason: null,
          pushId,
        }));
      });
    }
    for (const at of plan.cancels) {
      this.#world.after(at, () => {
        const open = [...this.#store.rows(key).waiting.keys()];
        if (open.length > 0) void this.#decideAbout('cancel', random.pick(open));
      });
    }
    for (const { at, verdict } of plan.owners) {
      this.#world.after(at, () => {
        const asked = [...this.#store.rows(key).waiting.values()].filter(
          ({ status }) => status === 'awaiting_approval',
        );
        for (const { id } of asked) void this.#decideAbout(verdict, id);
      });
    }
    for (const { at, turns } of plan.limits?.others ?? []) {
      this.#world.after(at, () => {
        this.#world.tell('others', () => `take ${turns} turns at Stripe`);
        this.#turns?.take({ ...othersWant, count: turns, intervalMs: 1_000 / (plan.limits?.perSecond ?? 1) });
      });
    }
    const jumps = plan.rates.has('clock_jump') ? random.between(1, 3) : 0;
    for (let count = 0; count < jumps; count += 1) {
      this.#world.after(random.between(0, plan.faultyMs), () => {
        this.#count('clock_jump');
        this.#clockOffset += random.between(-90 * second, 90 * second);
        this.#world.tell('database', () => `its clock jumps to ${this.#clockOffset / second} s off`);
      });
    }
    const crashes = plan.rates.has('crash') ? random.between(0, 2) : 0;
    for (let count = 0; count < crashes; count += 1) {
      this.#world.after(random.between(0, plan.faultyMs), () => {
        this.#count('crash');
        random.pick(this.#instances).crash();
      });
    }
  }

  #heal(): void {
    this.#healed = true;
    this.#world.tell('world', () => 'nothing goes wrong from here on');
    if (!this.#instances.some((instance) => instance.usable)) this.#start();
    if (this.#plan.pause) void this.#operate('resume', (id) => ({ type: 'resume', actor: `ops ${id}`, reason: null }));
    // The sweep, where webhooks were lost: without either nobody can know.
    if (this.#plan.webhooks.lost > 0 && !this.#plan.door) this.#store.mark(key);
    if (this.#plan.operators) this.#resolveLater(5 * minute);
  }

  async #decideAbout(verdict: 'cancel' | 'approve' | 'decline', change: string): Promise<void> {
    this.#world.tell('owner', () => `says ${verdict} to ${change}`);
    const said = { change, actor: 'owner', reason: null };
    const asked = this.#store.rows(key).changes.get(change)?.asked;
    const holders = asked ? holdersOf(asked) : [];
    await this.#operate(verdict, (pushId) =>
      verdict === 'approve' ? { type: 'approve', pushId, holders, ...said } : { type: verdict, ...said },
    );
  }

  #resolveLater(afterMs: number): void {
    this.#world.after(afterMs, () => {
      if (this.#store.rows(key).account.status !== 'held') return;
      const by = this.#plan.random.pick(['stripe', 'database'] as const);
      this.#world.tell('operator', () => `resolves in favour of ${by}`);
      void this.#operate('resolve', (id) => ({
        type: 'resolve',
        by,
        actor: 'ops',
        reason: 'looked at it',
        pushId: id,
      }));
      this.#resolveLater(2 * hour);
    });
  }

  #start(): Instance {
    this.#born += 1;
    const instance = new Instance(
      `process ${this.#born}`,
      this.#world,
      this.#memory ?? ((border) => this.#onReal().connect(border, this.#fate)),
      this.#stripe,
      this.#fate,
      this.#locks,
      {
        rate: this.#turns && { turns: this.#turns, perSecond: this.#plan.limits?.perSecond ?? 1 },
        wallClockMs: this.#plan.wallClocks[(this.#born - 1) % 3] ?? 0,
      },
    );
    this.#instances.push(instance);
    return instance;
  }

  // Who uses the product

  #usable(): Instance {
    const usable = this.#instances.filter((instance) => instance.usable);
    return usable.length > 0 ? this.#plan.random.pick(usable) : this.#start();
  }

  async #operate(
    what: string,
    command: (id: string) => Parameters<ReturnType<Instance['advancer']['lane']>['internal']>[0],
  ): Promise<void> {
    const instance = this.#usable();
    try {
      const settled = await instance.advancer.lane(key).internal(command(this.#newId()));
      await instance.advancer.act(key, settled);
    } catch (error) {
      if (!(error instanceof SeatRefused)) instance.notDatabase(what, error);
      else return;
      this.#world.after(5 * second, () => void this.#operate(what, command));
    }
  }

  /** A caller with an idempotency key (mostly), who asks again under it when nobody could say what happened. */
  #client(index: number): void {
    const { random } = this.#plan;
    const idempotencyKey = random.chance(0.7) ? `key ${random.chance(0.1) ? 0 : index}` : null;
    const request = this.#request(idempotencyKey);
    const inTransaction = random.chance(0.1);
    let tries = 0;
    let first: string | null = null;
    const ask = (): void => {
      tries += 1;
      const instance = this.#usable();
      const changeId = tries === 1 || idempotencyKey !== null ? this.#newId() : request.changeId;
      const asked = { ...request, changeId };
      this.#world.tell(
        'caller',
        () => `asks ${instance.name} to ${describeRequest(asked)}${idempotencyKey ? ` (${idempotencyKey})` : ''}`,
      );
      let heard = false;
      // What is known when the question is asked: a process that slept may answer from what it had read before.
      const knownBefore = first;
      const again = (): void => {
        if (heard) return;
        heard = true;
        if (idempotencyKey !== null && tries < 4) this.#world.after(random.between(100, 20 * second), ask);
      };
      this.#world.after(30 * second, again);
      const accepted = inTransaction ? this.#inTransaction(instance, asked) : this.#ask(instance, asked);
      accepted.then(
        (change) => {
          heard = true;
          if (change === null) return;
          this.#world.tell('caller', () => `hears that change ${change.number} is ${change.status}`);
          this.#auditor.said(change, this.#store.rows(key));
          if (first !== null && first !== change.id) this.#auditor.fail('G7', 'one key, two changes');
          first = change.id;
          // A caller whose answer is lost asks again under the same key, which must be the same change.
          if (random.chance(0.15) && idempotencyKey !== null && tries < 4)
            this.#world.after(random.between(10, minute), ask);
        },
        (error: unknown) => {
          if (error instanceof SeatRefused) {
            heard = true;
            if (knownBefore !== null) this.#auditor.fail('G7', `a key that had a change was refused: ${error.code}`);
            this.#world.tell('caller', () => `is refused: ${error.code}`);
            return;
          }
          instance.notDatabase('a request', error);
          if (saysUnwritten(error)) this.#saidUnwritten.add(asked.changeId);
          this.#world.tell(
            'caller',
            () => `hears ${error instanceof OutcomeUnknown ? 'that nobody knows' : String(error)}`,
          );
          again();
        },
      );
    };
    ask();
  }

  async #ask(instance: Instance, request: SeatRequest): Promise<SeatChange | null> {
    const settled = await instance.advancer.lane(key).request(request);
    instance.advancer.act(key, settled).catch((error: unknown) => instance.notDatabase('carrying out', error));
    return settled.change;
  }

  /** In a host's transaction: the same decision, and nobody sends until the worker comes. */
  async #inTransaction(instance: Instance, request: SeatRequest): Promise<SeatChange | null> {
    const state = await instance.store.load(key, {
      keys: request.idempotencyKey === null ? [] : [request.idempotencyKey],
      holders: holdersOf(request),
    });
    if (state === null) return null;
    const plan = { pushId: this.#newId(), sendNow: false };
    const { decision, results } = decideTogether(state, [{ type: 'request', request }], plan);
    const [result] = results;
    if (result?.is === 'refused') throw result.error;
    if (decision.changed && (await instance.store.commit(state, decision, { type: 'keep' })) === 'conflict')
      return null;
    return result?.change ?? null;
  }

  #request(idempotencyKey: string | null): SeatRequest {
    const { random } = this.#plan;
    const base = { changeId: this.#newId(), idempotencyKey, actor: 'olga', reason: null };
    const quantity = random.skewed(1, 4);
    const some = (): { holders: string[]; quantity: number } | { quantity: number } => {
      if (random.chance(0.5)) return { quantity };
      const names = ['anna', 'ben', 'cleo', 'dora', 'emil', 'fay'];
      const holders: string[] = [];
      while (holders.length < quantity) holders.push(...names.splice(random.between(0, names.length - 1), 1));
      return { quantity, holders };
    };
    const kind = random.pick(kinds);
    switch (kind) {
      case 'set': {
        const { assigned, reserved } = this.#store.rows(key).account;
        const seats = Math.max(1, assigned + reserved + random.between(-1, 8));
        return {
          ...base,
          type: 'set',
          seats,
          ...(random.chance(0.1) ? { expectedSeats: this.#store.rows(key).account.seatCount } : {}),
        };
      }
      case 'add':
        return { ...base, type: 'add', ...some(), reserve: random.chance(0.4), expand: random.chance(0.85) };
      case 'remove':
        return { ...base, type: 'remove', ...some() };
      case 'assign':
        return { ...base, type: 'assign', ...some() };
      case 'transfer': {
        if (random.chance(0.5)) return { ...base, type: 'transfer', quantity };
        const from = random.pick(['anna', 'ben', 'cleo', 'emil']);
        const to = random.chance(0.5) ? from : random.pick(['gus', 'hal', 'ben']);
        return { ...base, type: 'transfer', quantity: 1, holders: [{ from, to }] };
      }
    }
  }

  // Stripe's side

  #onStripeWrite(write: { key: string | null; from: number; to: number; afterForgetting: boolean }): void {
    this.#writes += 1;
    this.#world.tell('stripe', () => `quantity ${write.from} -> ${write.to}`);
    const push = pushOfKey(write.key)?.push ?? null;
    this.#lastWrite = { push, at: this.#world.now };
    const ended = push === null ? null : this.#store.rows(key).pushes.get(push)?.ended;
    // A key that Stripe has forgotten after its push was confirmed looks like anybody's write; a person is asked.
    if (write.afterForgetting && ended?.outcome === 'confirmed') this.#excused = true;
    if (write.from !== write.to) this.#webhook(push, write, false);
  }

  #somebodyElse(quantity: number): void {
    this.#foreign += 1;
    this.#world.tell('somebody', () => `sets Stripe's quantity to ${quantity}`);
    this.#stripe.change(quantity);
  }

  #webhook(
    push: string | null,
    write: { key: string | null; from: number; to: number } | null,
    important: boolean,
  ): void {
    const { random, webhooks } = this.#plan;
    if (this.#plan.door) {
      this.#deliveries += 1;
      const delivery = eventOf(this.#deliveries, write);
      for (let count = random.chance(webhooks.twice) ? 2 : 1; count > 0; count -= 1)
        this.#world.after(random.skewed(20, webhooks.lateMs), () => this.#deliverAtDoor(delivery, 0));
      return;
    }
    if (!important && random.chance(webhooks.lost)) {
      this.#count('webhook_lost');
      return;
    }
    const times = random.chance(webhooks.twice) ? 2 : 1;
    for (let count = 0; count < times; count += 1) {
      this.#world.after(random.skewed(20, webhooks.lateMs), () => {
        const known = push === null ? undefined : this.#store.rows(key).pushes.get(push);
        const ended = known?.ended?.outcome;
        const echo =
          known !== undefined &&
          (write === null || known.push.from.quantity === write.from) &&
          (ended === undefined || ended === 'confirmed');
        this.#world.tell('webhook', () => (echo ? 'is the echo of our own push' : 'marks the account'));
        if (echo || this.#store.rows(key).account.status === 'ended') return;
        // Delivered again it marks again, and tells nothing new.
        this.#store.mark(key, count > 0 || write === null ? null : this.#told(push, known, write));
      });
    }
  }

  /** Stripe delivers until somebody says 200, and whoever says it has the event on disk. */
  #deliverAtDoor(delivery: Delivery, tries: number): void {
    const { random, webhooks } = this.#plan;
    let over = false;
    const again = (): void => {
      if (over) return;
      over = true;
      const wait = redeliveryMs[Math.min(tries, redeliveryMs.length - 1)] ?? minute;
      this.#world.after(wait, () => this.#deliverAtDoor(delivery, tries + 1));
    };
    if (!this.#healed && random.chance(webhooks.lost)) {
      this.#count('webhook_lost');
      this.#world.after(deliveryTimeoutMs, again);
      return;
    }
    const instance = random.pick(this.#instances);
    if (!instance.alive) {
      again();
      return;
    }
    this.#world.after(deliveryTimeoutMs, again);
    void instance.receive(delivery).then((status) => {
      this.#world.tell('webhook', () => `${delivery.id} at the door of ${instance.name}: ${status}`);
      if (status !== 200) {
        again();
        return;
      }
      over = true;
      if (this.#memory?.knowsEvent(delivery.id) !== true)
        this.#auditor.fail('G10', `${delivery.id} was answered with 200 and is not stored`);
    });
  }

  #told(
    push: string | null,
    known: { readonly push: OpenPush; readonly ended: EndedPush | null } | undefined,
    write: { from: number; to: number },
  ): Omit<MarkReason, 'mark'> {
    return {
      eventType: 'customer.subscription.updated',
      quantityBefore: write.from,
      quantityAfter: write.to,
      requestId: push === null ? null : 'req_told',
      key: push === null ? null : `seatbelt:${push}:1`,
      push:
        known === undefined
          ? null
          : { id: known.push.id, fromQuantity: known.push.from.quantity, outcome: known.ended?.outcome ?? null },
      portalSession: this.#plan.portal,
    };
  }

  // What goes wrong

  #count(name: FaultPoint): void {
    if (name === 'unknown_late') this.#lateUntil = this.#world.now + 21 * second;
    this.#faultCount += 1;
    this.#faults.set(name, (this.#faults.get(name) ?? 0) + 1);
    // What these two do is done later: where the sleeper wakes, and where the reading that failed comes back.
    if (name !== 'late_sender' && name !== 'look_failed') this.#meet(name);
  }

  #meet(name: FaultPoint): void {
    const { account, waiting } = this.#store.rows(key);
    const because = heldBecause(account);
    const states = [
      momentOf(account),
      ...parkedOf(waiting.values()),
      ...(because === null ? [] : [`held: ${because}`]),
    ];
    for (const state of states) {
      const met = `${state} x ${name}`;
      this.#met.set(met, (this.#met.get(met) ?? 0) + 1);
    }
  }

  #strikes(name: FaultName): boolean {
    if (this.#healed) return false;
    const rate = this.#rateOf(name);
    if (rate === undefined || !this.#plan.random.chance(rate)) return false;
    this.#count(name);
    return true;
  }

  #rateOf(name: FaultName): number | undefined {
    const rate = this.#plan.rates.get(name);
    return this.#isSought(name) ? Math.max(rate ?? 0, soughtRate) : rate;
  }

  /** The account is in the state in which this seed wants to see this fault. */
  #isSought(name: FaultPoint): boolean {
    const { focus } = this.#plan;
    if (focus?.fault !== name) return false;
    const { account, waiting } = this.#store.rows(key);
    if (focus.state !== 'scheduled' && focus.state !== 'awaiting_approval') return focus.state === momentOf(account);
    return parkedOf(waiting.values()).has(focus.state);
  }

  #within(window: { from: number; until: number } | null): boolean {
    const passed = this.#world.now - began;
    return window !== null && !this.#healed && passed >= window.from && passed < window.until;
  }

  #newId(): string {
    this.#ids += 1;
    return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
  }

  readonly #fate: Fate = {
    between: (low, high) => this.#plan.random.between(low, high),
    skewed: (low, high) => this.#plan.random.skewed(low, high),
    strikes: (fault) => this.#strikes(fault),
    meets: (fault) => this.#meet(fault),
    stripeFault: () => {
      if (this.#within(this.#plan.outages.key)) {
        this.#count('unauthorized');
        return 'unauthorized';
      }
      // One request has one fault of Stripe's; the one that is sought is asked for before the others.
      const sought = stripeFaults.find((fault) => this.#isSought(fault));
      if (sought && this.#strikes(sought)) return sought;
      for (const fault of stripeFaults) if (this.#strikes(fault)) return fault;
      return 'none';
    },
    databaseIsDown: () => this.#within(this.#plan.outages.database),
    stripeIsDown: () => this.#within(this.#plan.outages.stripe),
    sleepBeforeWire: () => {
      const { random } = this.#plan;
      if (this.#plan.focus !== null) return random.between(5 * second, 3 * minute);
      const longest = random.pick([minute, minute, 10 * minute, 3 * hour, 24.9 * hour]);
      return random.skewed(5 * second, longest);
    },
    somebodyElse: () => {
      const quantity = this.#plan.random.between(1, 20);
      if (this.#foreign < meddlingAtMost) this.#somebodyElse(quantity);
    },
    sending: (push) => {
      const age = this.#world.now + this.#clockOffset - push.keySince;
      // Minutes are left for clocks that jump; the hour between 23 and 24 is for them.
      if (age > 23 * hour + 10 * minute)
        this.#auditor.fail('G4', `a key was used again ${Math.round(age / hour)} hours after it was new`);
    },
    answered: (stripeKey, answer) => {
      const about = pushOfKey(stripeKey);
      const quota = answer.kind === 'error' && answer.rateLimitedReason === 'resource-specific';
      if (about) this.#auditor.saidQuota(about.push, quota);
      if (answer.kind !== 'error' || answer.status < 500) return;
      const { count, replayed } = this.#errors.get(stripeKey) ?? { count: 0, replayed: false };
      this.#errors.set(stripeKey, { count: count + 1, replayed: replayed || answer.replayed });
    },
    commits: (evidenceAt, run) => {
      this.#commits += 1;
      if (this.#commits === this.#plan.foreignBeforeCommit) {
        this.#count('foreign_change');
        this.#somebodyElse(this.#plan.random.between(1, 20));
        this.#store.mark(key);
      }
      this.#evidenceAt = evidenceAt;
      run();
      this.#evidenceAt = 0;
    },
    voiding: (push) => {
      if (!this.#withdrawn.has(push.id))
        this.#auditor.fail('G1', `the invoice of push ${push.id} is voided without a committed intent`);
    },
    arrived: (stripeKey, path, body) => {
      const named = pushOfKey(stripeKey);
      const known = named && this.#store.rows(key).pushes.get(named.push);
      if (!named || !known) {
        this.#auditor.fail('G1', `a request reached Stripe without a committed intent (${stripeKey})`);
        return;
      }
      const open = this.#store.rows(key).account.push;
      const generation = known.ended?.push.generation ?? (open?.id === named.push ? open.generation : 0);
      if (named.generation > generation)
        this.#auditor.fail('G1', `generation ${named.generation} was sent before it was committed`);
      const spent = named.generation > 1 ? this.#errors.get(`seatbelt:${named.push}:${named.generation - 1}`) : null;
      if (spent === undefined || (spent !== null && !spent.replayed && spent.count < policy.spentAfterServerErrors)) {
        this.#auditor.fail('G1', `generation ${named.generation} was tried although the key before it was not spent`);
      }
      if (known.push.request.path !== path || known.push.request.body !== body) {
        this.#auditor.fail('G1', 'what was sent is not what was stored');
      }
    },
    alerted: (process, alert) => this.#auditor.alerted(process, alert),
    tookTurns: (process, count) => this.#turnsLeft.set(process, (this.#turnsLeft.get(process) ?? 0) + count),
    asks: (process) => {
      if (this.#turns === null) return;
      const left = (this.#turnsLeft.get(process) ?? 0) - 1;
      this.#turnsLeft.set(process, left);
      if (left < 0)
        this.#auditor.fail('G11', `${process} asks Stripe without a turn, before whoever has waited for one`);
    },
    died: ({ name, advancer }) => {
      const { account, leaseOwner, leaseUntil } = this.#store.rows(key);
      // The database's clock was put back since, and what it had claimed lasts longer by that.
      const putBack = leaseUntil - this.#clockOffset > this.#world.now + policy.leaseMs;
      const underWay = account.dueAt !== null && account.dueAt - this.#clockOffset <= this.#world.now + underWayMs;
      const others = this.#instances.some((instance) => instance.usable && instance.name !== name);
      // A commit of its own that is late on the way claims the account once more, after its death.
      const late = this.#world.now < this.#lateUntil;
      if (leaseOwner !== advancer.owner || !underWay || !others || late || putBack || this.#orphaned !== null) return;
      this.#orphaned = { at: this.#world.now, faults: this.#faultCount, by: name };
    },
    claimed: (process) => {
      const orphaned = this.#orphaned;
      if (orphaned === null || orphaned.by === process) return;
      this.#orphaned = null;
      const { database } = this.#plan.outages;
      // While the database is away nobody can pick up anything.
      const away = database !== null && began + database.until > orphaned.at && began + database.from < this.#world.now;
      if (orphaned.faults === this.#faultCount && !away) this.#pickUps.push(this.#world.now - orphaned.at);
    },
    wentWrong: (what, error) =>
      this.#auditor.fail('Bug', `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    newId: () => this.#newId(),
  };

  #describeCommit(before: Account, after: Account, notes: readonly string[]): string {
    const moved =
      before.seatCount !== after.seatCount || before.settledSeats !== after.settledSeats
        ? ` [count ${before.seatCount}->${after.seatCount}, settled ${before.settledSeats}->${after.settledSeats}]`
        : '';
    return `version ${after.version}${moved} ${notes.join(' | ')}`;
  }
}

/** An error that promises that the change does not exist and never will. */
function saysUnwritten(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.failure.kind !== 'unknown';
  return error instanceof DatabaseUnavailable || error instanceof CommandDropped;
}

/** Other organizations' people; they come before recovery, and after whoever was there before. */
const othersWant = {
  kind: 'interactive',
  aheadMs: policy.turnAheadMs,
  share: policy.rateLowerShare,
  recoversPerSecond: policy.rateRecoversPerSecond,
} as const;

/** Mostly what reaches Stripe. */
const kinds = [
  'set',
  'set',
  'set',
  'set',
  'set',
  'add',
  'add',
  'add',
  'add',
  'remove',
  'remove',
  'assign',
  'transfer',
] as const;

const stripeFaults: readonly Exclude<StripeFault, 'none'>[] = [
  'unauthorized',
  'forbidden',
  'rate_limited',
  'quota',
  'lock_timeout',
  'invalid',
  'missing',
  'error_before',
  'declined',
  'error_stored_undone',
  'error_stored_done',
  'strange_answer',
];

function describeRequest(request: SeatRequest): string {
  const { changeId: _id, idempotencyKey: _key, actor: _actor, reason: _reason, ...asked } = request;
  return JSON.stringify(asked);
}
