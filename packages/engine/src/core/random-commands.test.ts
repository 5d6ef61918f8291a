/**
 * Random commands, told to `decide` in random order under random terms. After every decision what has to hold of every row is
 * checked, and at the end of every story Stripe becomes honest: then everything has to come to rest. A soak finds by chance
 * in minutes what is found here in seconds, because nothing but decisions is made.
 *
 * SEATBELT_RANDOM_SEED plays one seed, SEATBELT_RANDOM_STORIES more stories; fast-check prints what fails, made small.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contradictionIn } from './billing-policy.ts';
import { decide } from './decide.ts';
import { decideTogether, type Item } from './decide-together.ts';
import { policy } from './policy.ts';
import { quantityFor } from './quantity-for.ts';
import { quotedState } from './quote.ts';
import { PriceNeeded, SeatRefused } from './refusals.ts';
import { holdersOf } from './request.ts';
import { available, used, waitingTakes } from './step.ts';
import { hour, minute, observation, prepaidTerms, Story, second } from './testing.ts';
import type {
  Account,
  Answer,
  BillingBehavior,
  Command,
  Decision,
  ForeignAnswer,
  ForeignCause,
  HolderRow,
  LookResult,
  MarkReason,
  Observation,
  OpenPush,
  SeatChange,
  SeatRequest,
  State,
  Terms,
} from './types.ts';

const day = 24 * hour;
const people = ['ann', 'bob', 'cleo', 'dan', 'eve'];
const keyNames = ['k1', 'k2', 'k3'];
const by = { actor: 'ops', reason: 'said so' };

// ---------------------------------------------------------------------------------------------------------------
// What is random

const billings: readonly BillingBehavior[] = [
  { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete' },
  { prorationBehavior: 'none', paymentBehavior: 'allow_incomplete' },
  { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete' },
  { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' },
  { prorationBehavior: 'always_invoice', paymentBehavior: 'error_if_incomplete' },
  { prorationBehavior: 'always_invoice', paymentBehavior: 'default_incomplete' },
];
const causes: readonly ForeignCause[] = [
  'portal',
  'dashboard',
  'other_program',
  'schedule_phase',
  'pending_update',
  'extra_item',
  'price_replaced',
  'unknown',
];

const termsArbitrary: fc.Arbitrary<Partial<Terms>> = fc
  .record(
    {
      mode: fc.constantFrom('prepaid', 'follow'),
      minimumSeats: fc.constantFrom(0, 1, 4),
      maximumSeats: fc.constantFrom(null, 6, 12),
      includedSeats: fc.constantFrom(0, 2, 5),
      minimumQuantity: fc.constantFrom(0, 3, 7),
      increase: fc.constantFrom(...billings),
      decrease: fc
        .tuple(fc.constantFrom(...billings), fc.constantFrom('now', 'period_end'))
        .map(([billing, when]) => ({ ...billing, when })),
      onForeignChange: fc.dictionary(
        fc.constantFrom(...causes),
        fc.constantFrom<ForeignAnswer>('adopt', 'revert', 'hold'),
        { noNullPrototype: true },
      ),
      settleMs: fc.constantFrom(0, 30 * second, 5 * minute),
      maxWaitMs: fc.constantFrom(5 * minute, hour),
      guard: fc
        .tuple(fc.constantFrom(null, null, 2, 5), fc.constantFrom(null, null, 300, 5000))
        .map(([seatsPerDay, amountPerDay]) => ({ seatsPerDay, amountPerDay })),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter((terms) => contradictionIn({ ...prepaidTerms, maxWaitMs: 5 * minute, ...terms }) === null)
  .map((terms) => ({ maxWaitMs: 5 * minute, ...terms }));

interface Send {
  readonly push: string;
  readonly generation: number;
  readonly attempt: number;
  readonly target: number;
  readonly from: number;
  readonly origin: OpenPush['origin'];
}

/** One thing that happens: what it is, and three numbers that say more about it. */
type Move = readonly [what: number, a: number, b: number, c: number];
const moveArbitrary: fc.Arbitrary<Move> = fc.tuple(fc.nat(99), fc.nat(59), fc.nat(59), fc.nat(59));

const tale = fc.record({
  seats: fc.constantFrom(0, 1, 5, 5, 9, 9, 999_998),
  used: fc.constantFrom(0, 4, 9, 999_998),
  named: fc.constantFrom(0, 1, 3),
  // Invoices that were made just now, of the ten and twenty that Stripe makes in a minute and a day.
  invoiced: fc.constantFrom(0, 0, 8, 17),
  linked: fc.nat(19).map((number) => number < 19),
  terms: termsArbitrary,
  // 1: Stripe says anything at any time. The larger, the more often it says what it has.
  calm: fc.constantFrom(1, 4, 12, 40),
  moves: fc.array(moveArbitrary, { maxLength: 60, size: 'max' }),
  ending: fc.array(fc.nat(59), { minLength: 8, maxLength: 8 }),
});
type Tale = typeof tale extends fc.Arbitrary<infer T> ? T : never;

/** The element that a random number names. */
function pick<T>(from: readonly T[], number: number): T {
  const found = from[number % from.length];
  assert.ok(found !== undefined);
  return found;
}

// ---------------------------------------------------------------------------------------------------------------
// The story

class RandomStory extends Story {
  readonly termsAsked: Partial<Terms>[] = [];
  readonly answers = new Map<string, Answer>();
  /** The sends that were begun, by push. */
  readonly sends: Send[] = [];
  readonly withdrawals: { push: string; attempt: number }[] = [];
  /** Invoices that were paid or void once. */
  readonly settledInvoices = new Map<string, 'paid' | 'void'>();
  /** Whoever began to look before this was overtaken by a commit. */
  committedAt = this.now;
  period = { start: this.now - day, end: this.now + 29 * day };
  /** How seldom Stripe says what it does not have. */
  calm = 1;
  /** What Stripe has, while it says that. */
  has = 0;
  /** What a subscription showed when it had ended: that changes no more. */
  #over: { readonly subscription: string | undefined; readonly shown: Observation } | null = null;
  #together: Item[] = [];
  #bought = new Map<string, { seats: number; at: number }>();
  #links = 1;

  // What happens

  happen([what, a, b, c]: Move): void {
    if (what < 34) this.#take({ type: 'request', request: this.#request(what, a, b, c) }, c);
    else if (what < 52) this.#answer(a, b, c);
    else if (what < 68) this.#look(a, b, c);
    else if (what < 78)
      this.pass(pick([second, 15 * second, minute, 5 * minute, hour, 23 * hour, 25 * hour, 8 * day, 'due'], a));
    else if (what < 84) this.#take({ type: 'wake', pushId: this.id() }, c);
    else if (what < 88) this.#fold(a);
    else if (what < 91) this.#decideAbout(a, b);
    else if (what < 93) this.#pauseOrResume(a);
    else if (what < 95)
      this.#take({ type: 'resolve', by: pick(['stripe', 'database'], a), pushId: this.id(), ...by }, c);
    else if (what < 96) this.#mark();
    else if (what < 97) this.#withdrawn(a, b);
    else if (what < 98) this.#relinkOrTellDuplicates(a);
    else this.#changeTerms(a, b, c);
  }

  override pass(ms: number | 'due'): this {
    this.#flush();
    if (ms === 'due') this.now = Math.max(this.now, this.account.dueAt ?? 0);
    else this.now += ms;
    return this;
  }

  #take(command: Exclude<Command, { type: 'fold' }>, c: number): void {
    const item: Item =
      command.type === 'request' ? { type: 'request', request: command.request } : { type: 'internal', command };
    // Now and then several are decided as one.
    if (c % 7 === 6 && command.type !== 'looked') this.#together.push(item);
    // A request is mostly folded in the commit that accepts it.
    else if (this.#together.length > 0 || (command.type === 'request' && c % 7 < 4)) {
      this.#together.push(item);
      this.#flush();
    } else this.#attempt(command);
  }

  /** What waits to be decided together is decided. */
  #flush(): void {
    const items = this.#together.splice(0);
    if (items.length === 0) return;
    this.#commit(
      (before) => decideTogether(before, items, { pushId: this.id(), sendNow: items.length % 2 === 0 }).decision,
      items.map((item) => (item.type === 'request' ? { type: 'request', request: item.request } : item.command)),
    );
  }

  #attempt(command: Command): void {
    try {
      this.#commit((before) => decide(before, command), [command]);
    } catch (error) {
      if (!(error instanceof SeatRefused)) throw error;
      if (error instanceof PriceNeeded && command.type === 'request') {
        const { account } = this;
        const from = quantityFor(account.seatCount, account.terms);
        const target = quantityFor(error.seats, account.terms);
        const price = error.seats % 5 === 4 ? null : { from, target, amount: (target - from) * 100 };
        this.#attempt({ type: 'request', request: { ...command.request, price } as SeatRequest });
      }
    }
  }

  /** Only what a command names is loaded, as the store does it. */
  #seenBy(commands: readonly Command[]): State {
    const state = this.state;
    const names = new Set(
      commands.flatMap((command) => {
        if (command.type === 'request') return holdersOf(command.request);
        return command.type === 'approve' ? command.holders : [];
      }),
    );
    const keys = new Set(
      commands.flatMap((command) => (command.type === 'request' ? [command.request.idempotencyKey] : [])),
    );
    return {
      ...state,
      holders: new Map([...state.holders].filter(([name]) => names.has(name))),
      keys: new Map([...state.keys].filter(([key]) => keys.has(key))),
    };
  }

  #commit(decides: (before: State) => Decision, commands: readonly Command[]): void {
    const before = this.account;
    const waitingBefore = this.state.waiting;
    const open = new Set(this.openIncidentIds());
    const decision = this.commit(decides, this.#seenBy(commands));
    if (!decision.changed) return;
    this.committedAt = this.now;
    this.#noteEffect(decision);
    assertRows(decision, this);
    for (const incident of decision.records.incidents)
      assert.ok(
        incident.closedAt === null || open.has(incident.id) || incident.openedAt === this.now,
        'an incident closed twice',
      );
    this.#assertBought(decision, before);
    assertGivenOut(before, waitingBefore, this);
    assertSomebodyComes(this);
    assert.ok(this.account.dueAt === null || this.account.dueAt >= this.now, 'due in the past');
  }

  openIncidentIds(): string[] {
    return [...this.incidents.values()].flatMap(({ id, closedAt }) => (closedAt === null ? [id] : []));
  }

  #noteEffect({ effect }: Decision): void {
    if (effect.type === 'send') {
      const { id, generation, attempt, target, from, origin } = effect.push;
      this.sends.push({ push: id, generation, attempt, target: target.quantity, from: from.quantity, origin });
    }
    if (effect.type === 'withdraw') {
      const { id, withdrawal } = effect.push;
      this.withdrawals.push({ push: id, attempt: withdrawal?.attempt ?? 0 });
    }
  }

  /** Usage buys what is missing and no more, words about the number of seats what they say, and a decrease nothing. */
  #assertBought({ records }: Decision, before: Account): void {
    const { account } = this;
    for (const { push, outcome } of records.pushesEnded) if (outcome !== 'confirmed') this.#bought.delete(push.id);
    for (const push of records.pushesOpened) {
      const { target, from } = push;
      assert.equal(target.quantity, quantityFor(target.seats, account.terms));
      assert.ok(target.seats >= 0 && target.seats <= policy.seatsLimit, 'a push for a number that cannot be');
      if (push.origin !== 'changes') {
        assert.equal(push.changes.length, 0);
        continue;
      }
      const carried = push.changes.map((id) => this.changes.get(id)).filter((change) => change !== undefined);
      const wanted = carried.findLast((change) => change.setSeats !== null)?.setSeats ?? from.seats;
      assert.ok(
        target.seats <= Math.max(wanted, used(account)),
        `${target.seats} are bought, ${wanted} wanted, ${used(account)} in use`,
      );
      const shrinks = carried.every((change) => change.kind === 'remove' || change.waitsUntil !== null);
      if (shrinks) assert.ok(target.seats <= from.seats, 'a decrease buys');
      if (target.seats > from.seats && account.terms.maximumSeats !== null)
        assert.ok(target.seats <= account.terms.maximumSeats, 'more than the maximum is bought');
      if (target.seats < from.seats) {
        assert.ok(target.seats >= account.terms.minimumSeats, 'fewer than the minimum');
        assert.ok(target.seats >= used(account) - waitingTakes(this.state.waiting), 'seats in use are given up');
      }
      this.#assertGuard(push, before);
    }
  }

  /** Nobody buys more than the guard lets through. What owners approved is another sum, which the schedules of the proof count. */
  #assertGuard(push: OpenPush, before: Account): void {
    const { seatsPerDay } = before.terms.guard;
    const approved = this.audit.some(({ kind }) => kind === 'change_approved');
    // A guard that came later did not count what was bought before it.
    if (seatsPerDay === null || approved || this.termsAsked.length > 0) return;
    const bought = Math.max(push.target.seats - push.from.seats, 0);
    this.#bought.set(push.id, { seats: bought, at: push.intendedAt });
    const today = [...this.#bought.values()].filter(({ at }) => at > push.intendedAt - day);
    const sum = today.reduce((total, one) => total + one.seats, 0);
    assert.ok(sum <= seatsPerDay, `${sum} seats are bought within a day without an owner, ${seatsPerDay} are allowed`);
  }

  // What is asked for

  #request(what: number, a: number, b: number, c: number): SeatRequest {
    const base = {
      changeId: this.id(),
      idempotencyKey: c % 5 === 0 ? pick(keyNames, c) : null,
      actor: 'olga',
      reason: null,
    };
    const holders = people.filter((_, index) => ((b + 1) >> index) % 2 === 1);
    const some = a % 2 === 0 && holders.length > 0 ? { quantity: holders.length, holders } : { quantity: 1 + (b % 4) };
    if (what < 9) {
      const quote = {
        id: `quote ${b % 2}`,
        valid: b % 7 !== 0,
        state: quotedState(this.account, this.state.parked),
        prorationDate: 1_800_000_000,
      };
      const more = {
        ...(b % 4 === 0 ? { quote } : {}),
        ...(b % 9 === 0 ? { expectedSeats: this.account.seatCount } : {}),
      };
      return { ...base, type: 'set', seats: a % 16, ...more };
    }
    if (what < 21)
      return {
        ...base,
        type: 'add',
        ...some,
        reserve: c % 3 === 0,
        expand: c % 11 !== 1,
        ...(c % 7 === 2 ? { buyAtMost: 1 + (c % 4) } : {}),
      };
    if (what < 29) {
      const seated = [...this.holders.keys()].filter((_, index) => ((b + 1) >> index) % 2 === 1);
      if (a % 2 === 0 && seated.length > 0)
        return { ...base, type: 'remove', quantity: seated.length, holders: seated };
      return { ...base, type: 'remove', quantity: 1 + (b % Math.max(this.account.anonymousAssigned, 1)) };
    }
    if (what < 32) return { ...base, type: 'assign', ...some };
    if (a % 2 === 0) return { ...base, type: 'transfer', quantity: 1 };
    return { ...base, type: 'transfer', quantity: 1, holders: [{ from: pick(people, b), to: pick(people, c) }] };
  }

  #fold(a: number): void {
    this.#flush();
    if (a % 3 === 0) this.#attempt({ type: 'flush', pushId: this.id() });
    else this.#attempt({ type: 'fold', pushId: this.id(), sendNow: a % 3 === 1 });
  }

  #decideAbout(a: number, b: number): void {
    const open = [...this.changes.values()].filter((change) => change.endedAt === null);
    if (open.length === 0) return;
    const change = pick(open, a);
    const about = { change: change.id, ...by };
    if (b % 3 === 0) this.#take({ type: 'cancel', ...about }, b);
    else if (b % 3 === 1) this.#take({ type: 'decline', ...about }, b);
    else {
      const holders = change.asked === null ? [] : holdersOf(change.asked);
      this.#take({ type: 'approve', ...about, holders, pushId: this.id() }, b);
    }
  }

  #pauseOrResume(a: number): void {
    this.#flush();
    if (a % 4 === 0) this.#attempt({ type: 'pause', reason: 'moving', actor: 'ops' });
    else if (a % 4 === 1) this.#attempt({ type: 'resume', ...by });
    else if (a % 4 === 2) this.installationPaused = 'all of it';
    else this.resumeInstallation();
  }

  /** As the store does it (`pauseInstallation`). */
  resumeInstallation(): void {
    this.installationPaused = null;
    const { account } = this;
    if (account.push !== null || this.state.waiting.length > 0 || this.state.parked.length > 0)
      this.account = { ...account, dueAt: Math.min(account.dueAt ?? this.now, this.now) };
    assertSomebodyComes(this);
  }

  #mark(): void {
    const { account } = this;
    this.account = { ...account, marks: account.marks + 1, dueAt: Math.min(account.dueAt ?? this.now, this.now) };
  }

  #withdrawn(a: number, b: number): void {
    if (this.withdrawals.length === 0) return;
    this.#take({ type: 'withdrawn', ...pick(this.withdrawals.slice(-3).toReversed(), a), refused: b % 2 === 0 }, b);
  }

  /** As `linkAccount` allows it. */
  mayRelink(): boolean {
    const { link, status, hold } = this.account;
    return link === null || status === 'ended' || (hold !== null && hold.observedQuantity === null);
  }

  #relinkOrTellDuplicates(a: number): void {
    this.#flush();
    if (!this.mayRelink()) {
      const subscriptions = [{ subscription: 'sub_other', quantity: a % 3 }].slice(a % 2);
      this.#attempt({ type: 'duplicates', subscriptions });
      return;
    }
    this.#links += 1;
    const link = { customer: 'cus_1', subscription: `sub_${this.#links}`, item: `si_${this.#links}` };
    this.#attempt({ type: 'relink', link, ...by });
  }

  #changeTerms(a: number, b: number, c: number): void {
    this.#flush();
    const terms = pick<Partial<Terms>>(
      [
        { minimumSeats: b % 5 },
        { maximumSeats: b % 3 === 0 ? null : b % 12 },
        { includedSeats: b % 4 },
        { minimumQuantity: b % 8 },
        { mode: pick(['prepaid', 'follow'], b) },
        { increase: pick(billings, b) },
        { decrease: { ...pick(billings, b), when: pick(['now', 'period_end'], c) } },
        { settleMs: pick([0, minute, 5 * minute], b) },
        { guard: { seatsPerDay: pick([null, 1, 4], b), amountPerDay: pick([null, 100], c) } },
        { onForeignChange: { unknown: pick(['adopt', 'revert', 'hold'], b), dashboard: 'adopt' } },
      ],
      a,
    );
    if (contradictionIn({ ...this.account.terms, ...terms }) !== null) return;
    this.termsAsked.push(terms);
    this.#attempt({ type: 'change_terms', terms, pushId: this.id(), ...by });
  }

  // What Stripe says

  #answer(a: number, b: number, c: number): void {
    if (this.sends.length === 0) return;
    const send = pick(this.sends.toReversed(), a % 6 === 0 ? b : 0);
    const { push, generation, attempt } = send;
    const name = `${push}:${generation}:${attempt}`;
    if (a % 6 !== 0 && this.answers.has(name)) {
      // Nobody waits for an answer: somebody comes when something is due.
      this.pass('due');
      this.#take({ type: 'wake', pushId: this.id() }, c);
      return;
    }
    // One send has one answer; a commit in doubt brings it again.
    const answer = this.answers.get(name) ?? this.#anyAnswer(send, b, c);
    this.answers.set(name, answer);
    const failures = c % 13 === 12 ? { commitFailures: { count: 2, error: 'no database' } } : {};
    this.#take({ type: 'answer', push, generation, attempt, answer, pushId: this.id(), ...failures }, c);
  }

  /** Whether Stripe says what it does not have. */
  #lies(...numbers: readonly number[]): boolean {
    return numbers.reduce((sum, number) => sum + number, 0) % this.calm === 0;
  }

  #anyAnswer(send: Send, b: number, c: number): Answer {
    const success = (quantity: number | null, more: Partial<Extract<Answer, { kind: 'success' }>> = {}): Answer => ({
      kind: 'success',
      expectedObject: true,
      quantity,
      pendingUpdate: null,
      replayed: c % 5 === 1,
      observation: this.#anyObservation(quantity, 0, c),
      requestId: 'req',
      ...more,
    });
    const error = (status: number, more: Partial<Extract<Answer, { kind: 'error' }>> = {}): Answer => ({
      kind: 'error',
      status,
      type: null,
      code: null,
      declineCode: null,
      message: `Stripe answered ${status}.`,
      replayed: c % 5 === 1,
      rateLimitedReason: null,
      requestId: 'req',
      ...more,
    });
    const executed = () => {
      this.has = send.target;
    };
    // Most sends are simply carried out where it is calm.
    switch (this.calm > 4 && b >= 40 ? 0 : b % 20) {
      case 0:
      case 1:
      case 2:
      case 3:
        executed();
        return success(send.target);
      case 4:
      case 5:
      case 6: {
        // What puts something right asks for no payment.
        if (send.origin !== 'changes') return success(send.target);
        const invoice = c % 6 === 5 ? null : `in_${send.push}_${this.sends.length}`;
        const expiresAt = c % 2 === 0 ? null : this.now + 23 * hour;
        return success(send.from, { pendingUpdate: { invoice, url: null, expiresAt } });
      }
      case 7:
        return success(send.target + 1);
      case 8:
        return success(null, { expectedObject: false, observation: null });
      case 9:
      case 10:
      case 11:
        return error(402, { type: 'card_error', code: 'card_declined' });
      case 12:
        return error(400, { type: c % 2 === 0 ? 'idempotency_error' : 'invalid_request_error' });
      case 13:
        return error(404, { code: 'resource_missing' });
      case 14:
        return error(pick([401, 403, 409, 418], c));
      case 15:
        return error(429, { rateLimitedReason: pick([null, 'global-rate', 'resource-specific'], c) });
      case 16:
      case 17:
        if (c % 3 === 0) executed();
        return error(500);
      default:
        if (c % 2 === 0) executed();
        return { kind: 'no_answer', reason: pick(['timeout', 'connection', 'cut_body'], c), message: 'nothing' };
    }
  }

  #look(a: number, b: number, c: number): void {
    this.#flush();
    const { account } = this;
    if (account.link === null) return;
    const looked = this.#anyLook(a, b, c);
    const at = Math.max(this.committedAt, this.now - pick([0, 0, second, 5 * second], b));
    const began = { at, marks: Math.max(account.marksSeen, account.marks - (b % 2)) };
    this.#attempt({ type: 'looked', look: looked, pushId: this.id(), began, reasons: this.#anyReasons(looked, a, c) });
  }

  #anyLook(a: number, b: number, c: number): LookResult {
    if (a % 20 === 18) return { kind: 'failed', message: 'no network', tooManyRequests: b % 2 === 0 };
    if (a % 20 === 19 && b % 3 === 0) return { kind: 'gone', requestId: null };
    const { push } = this.account;
    const settled = quantityFor(this.account.settledSeats, this.account.terms);
    const ours = [settled, settled, push?.from.quantity ?? settled, push?.target.quantity ?? settled];
    const late = this.sends.length > 0 ? pick(this.sends.toReversed(), b).target : settled;
    // A request that nobody waits for any more comes late.
    if (this.sends.length > 0 && (a + c) % 15 === 0) this.has = late;
    const anything = pick([...ours, ...ours, ...ours, late, b % 12, b % 12, 0, null, 1_000_001 + (b % 3)], a);
    const payment = push?.payment?.invoice ?? null;
    const said = pick(['paid', 'void', 'open', 'open', 'draft', null], c);
    // Who has paid has paid, and what is void is void.
    const status = payment === null ? null : (this.settledInvoices.get(payment) ?? said);
    if (payment !== null && (status === 'paid' || status === 'void')) {
      if (status === 'paid' && !this.settledInvoices.has(payment)) this.has = push?.target.quantity ?? this.has;
      this.settledInvoices.set(payment, status);
    }
    const quantity = this.#lies(a, b) ? anything : this.has;
    if (quantity !== null) this.has = quantity;
    const invoice = payment === null || b % 11 === 10 ? null : { id: payment, status, url: null };
    const shown = this.endedAs() ?? this.#anyObservation(quantity, b, c);
    if (shown.status === 'canceled' || shown.status === 'incomplete_expired')
      this.#over = { subscription: this.account.link?.subscription, shown };
    return { kind: 'seen', observation: shown, invoice, requestId: 'req' };
  }

  #anyObservation(quantity: number | null, b: number, c: number): Observation {
    // A period is over when time says so, or a plan change moves it.
    if (this.now >= this.period.end)
      this.period = { start: this.period.end, end: Math.max(this.period.end, this.now) + 30 * day };
    if (b % 17 === 16) this.period = { start: this.now, end: this.now + pick([2 * hour, 3 * day, 30 * day], c) };
    const strange = this.#lies(b, c);
    const status =
      strange && b % 12 === 7
        ? pick(['incomplete', 'paused', 'past_due', 'unpaid', 'trialing', 'canceled', 'incomplete_expired'], c)
        : 'active';
    const shown = observation(quantity, { status });
    const { item } = shown;
    return {
      ...shown,
      item: item && {
        ...item,
        id: this.account.link?.item ?? 'si_1',
        price: strange && b % 19 === 18 ? 'price_2' : 'price_1',
        currentPeriodStart: this.period.start,
        currentPeriodEnd: this.period.end,
      },
      ...((strange && c % 4 === 3) || this.account.push?.state === 'awaiting_payment'
        ? { pendingUpdate: { expiresAt: this.now + hour, items: [] } }
        : {}),
      ...(strange ? oddities(c) : {}),
    };
  }

  /** What the linked subscription shows since it has ended; null: it has not. */
  endedAs(): Observation | null {
    return this.#over?.subscription === this.account.link?.subscription ? (this.#over?.shown ?? null) : null;
  }

  #anyReasons(looked: LookResult, a: number, c: number): MarkReason[] {
    if (looked.kind !== 'seen' || c % 3 !== 0) return [];
    const past = this.ended.length > 0 ? pick(this.ended, a) : null;
    return [
      {
        mark: this.account.marks,
        eventType: pick(
          [
            'customer.subscription.updated',
            'customer.subscription.pending_update_applied',
            'subscription_schedule.updated',
          ],
          a,
        ),
        quantityBefore: pick([null, quantityFor(this.account.settledSeats, this.account.terms), 3], a),
        quantityAfter: looked.observation.item?.quantity ?? null,
        requestId: c % 2 === 0 ? null : 'req_theirs',
        key: c % 5 === 0 ? 'theirs' : null,
        push:
          past === null || a % 4 !== 0
            ? null
            : { id: past.push.id, fromQuantity: past.push.from.quantity, outcome: past.outcome },
        portalSession: c % 7 === 0,
      },
    ];
  }

  // The end: an honest Stripe

  end(choices: readonly number[]): void {
    this.#flush();
    if (this.installationPaused !== null) this.resumeInstallation();
    this.#attempt({ type: 'resume', ...by });
    // The sweep comes by.
    this.#mark();
    const stripe = new HonestStripe(this, choices);
    const open = [...this.changes.values()].filter((change) => change.endedAt === null).length;
    let idle = 0;
    let words = 0;
    for (let steps = 0; ; steps += 1) {
      assert.ok(
        steps < 400 + 40 * open,
        `it does not come to rest: ${this.audit.slice(-12).map(({ kind, note }) => `\n${kind}: ${note}`)}`,
      );
      const effect = this.last?.effect ?? { type: 'none' };
      this.last = null;
      if (effect.type === 'send') {
        const { id, generation, attempt } = effect.push;
        this.#attempt({
          type: 'answer',
          push: id,
          generation,
          attempt,
          answer: stripe.write(effect.push),
          pushId: this.id(),
        });
        continue;
      }
      if (effect.type === 'withdraw') {
        const { push } = effect;
        const refused = stripe.void(push.payment?.invoice ?? null);
        this.#attempt({ type: 'withdrawn', push: push.id, attempt: push.withdrawal?.attempt ?? 0, refused });
        continue;
      }
      if (effect.type === 'look') {
        this.#attempt({
          type: 'looked',
          look: stripe.read(),
          pushId: this.id(),
          began: { at: this.now, marks: this.account.marks },
        });
        continue;
      }
      if (this.account.hold !== null && this.account.lookedAt === this.now) {
        // Looked at just now, and still held: a person says who is right, and the other one where that is refused.
        words += 1;
        this.#attempt({
          type: 'resolve',
          by: pick(['stripe', 'database'], (choices[0] ?? 0) + words),
          pushId: this.id(),
          ...by,
        });
        if (this.last !== null) continue;
      }
      if (this.account.dueAt === null) break;
      if (this.account.dueAt > this.now) idle = 0;
      this.now = Math.max(this.now, this.account.dueAt);
      this.#attempt({ type: 'wake', pushId: this.id() });
      const { last } = this;
      idle = last !== null && !(last as Decision).changed && (last as Decision).effect.type === 'none' ? idle + 1 : 0;
      assert.ok(idle < 2, 'somebody is called again and again, and there is nothing to do');
    }
    this.#assertRest(stripe);
  }

  #assertRest(stripe: HonestStripe): void {
    const { account, state } = this;
    assert.equal(account.push, null, 'a push is open at the end');
    assert.deepEqual(state.parked, [], 'something is parked at the end');
    if (account.link === null || account.status === 'ended') {
      assert.deepEqual(state.waiting, [], 'something waits at the end of an account');
      return;
    }
    assert.deepEqual(state.waiting, [], 'something waits at the end');
    assert.equal(account.hold, null, 'held at the end');
    assert.equal(account.seatCount, account.settledSeats);
    assert.equal(stripe.quantity, quantityFor(account.settledSeats, account.terms), 'Stripe bills something else');
    assert.deepEqual(
      [...stripe.invoices].filter(([, status]) => status === 'open'),
      [],
      'an invoice can be paid that nobody waits for',
    );
    const lasting = [
      'over_capacity',
      'stripe_key_forbidden',
      'paid_for_nothing',
      'duplicate_subscription',
      'payment_overdue',
    ];
    assert.deepEqual(
      this.openIncidents().filter((kind) => !lasting.includes(kind)),
      [],
      'an incident of nothing',
    );
  }
}

/** What a subscription may be besides. */
function oddities(number: number): Partial<Observation> {
  const odd: readonly Partial<Observation>[] = [
    { schedule: 'sub_sched_1' },
    { cancelAtPeriodEnd: true },
    { pausedCollection: 'void' },
    { collectionMethod: 'send_invoice' },
    { otherItems: [{ id: 'si_other', price: null, quantity: 1 }] },
  ];
  return odd[number % 23] ?? {};
}

/** Stripe when nothing goes wrong any more: what is asked for is done, paid or declined, and what is there is shown. */
class HonestStripe {
  quantity: number;
  readonly invoices = new Map<string, string>();
  readonly #story: RandomStory;
  readonly #choices: readonly number[];
  readonly #stored = new Map<string, Answer>();
  #pending: { readonly invoice: string; readonly target: number; looks: number } | null = null;
  #asked = 0;

  constructor(story: RandomStory, choices: readonly number[]) {
    this.#story = story;
    this.#choices = choices;
    const { account } = story;
    const settled = quantityFor(account.settledSeats, account.terms);
    const { push } = account;
    this.quantity = pick(
      [
        settled,
        push?.from.quantity ?? settled,
        push?.target.quantity ?? settled,
        account.observed?.item?.quantity ?? settled,
        4,
      ],
      this.#next(),
    );
    const waitsFor = push?.payment?.invoice ?? null;
    if (push === null || waitsFor === null) return;
    const said = pick(['paid', 'void', 'open', 'orphaned'] as const, this.#next());
    const status = story.settledInvoices.get(waitsFor) ?? said;
    this.invoices.set(waitsFor, status === 'orphaned' ? 'open' : status);
    if (said === 'paid' && status === 'paid') this.quantity = push.target.quantity;
    if (status === 'open') this.#pending = { invoice: waitsFor, target: push.target.quantity, looks: 2 };
  }

  #next(): number {
    this.#asked += 1;
    return this.#choices[this.#asked % this.#choices.length] ?? 0;
  }

  write(push: OpenPush): Answer {
    const key = `${push.id}:${push.generation}`;
    const stored = this.#stored.get(key);
    if (stored) return { ...stored, replayed: true } as Answer;
    const answer = this.#write(push);
    this.#stored.set(key, answer);
    return answer;
  }

  #write(push: OpenPush): Answer {
    const behavior = new URLSearchParams(push.request.body).get('payment_behavior');
    const grows = push.target.quantity > this.quantity;
    const choice = this.#next();
    let pendingUpdate: Extract<Answer, { kind: 'success' }>['pendingUpdate'] = null;
    if (grows && behavior === 'error_if_incomplete' && choice % 3 === 0) {
      const said = {
        type: 'card_error',
        code: 'card_declined',
        declineCode: null,
        rateLimitedReason: null,
        requestId: null,
      };
      return { kind: 'error', status: 402, message: 'The card was declined.', replayed: false, ...said };
    }
    // One pending update at a time: the invoice of the one before is voided with it.
    if (this.#pending) this.invoices.set(this.#pending.invoice, 'void');
    this.#pending = null;
    if (grows && behavior === 'pending_if_incomplete' && choice % 3 === 0) {
      const invoice = `in_end_${push.id}_${push.generation}`;
      this.invoices.set(invoice, 'open');
      this.#pending = { invoice, target: push.target.quantity, looks: choice % 4 };
      pendingUpdate = { invoice, url: null, expiresAt: null };
    } else this.quantity = push.target.quantity;
    return {
      kind: 'success',
      expectedObject: true,
      quantity: this.quantity,
      pendingUpdate,
      replayed: false,
      observation: this.#shown(),
      requestId: null,
    };
  }

  /** true: it could not be voided. */
  void(invoice: string | null): boolean {
    if (invoice === null || this.invoices.get(invoice) !== 'open') return true;
    this.invoices.set(invoice, 'void');
    if (this.#pending?.invoice === invoice) this.#pending = null;
    return false;
  }

  read(): LookResult {
    const pending = this.#pending;
    if (pending) {
      pending.looks -= 1;
      if (pending.looks < 0) {
        const paid = this.#next() % 2 === 0;
        this.invoices.set(pending.invoice, paid ? 'paid' : 'void');
        if (paid) this.quantity = pending.target;
        this.#pending = null;
      }
    }
    const id = this.#story.account.push?.payment?.invoice ?? null;
    const invoice = id === null ? null : { id, status: this.invoices.get(id) ?? 'void', url: null };
    return { kind: 'seen', observation: this.#shown(), invoice, requestId: null };
  }

  #shown(): Observation {
    const story = this.#story;
    if (story.now >= story.period.end) story.period = { start: story.period.end, end: story.now + 30 * day };
    const ended = story.endedAs();
    if (ended !== null) return ended;
    const shown = observation(this.quantity);
    return {
      ...shown,
      item: shown.item && {
        ...shown.item,
        id: story.account.link?.item ?? 'si_1',
        currentPeriodStart: story.period.start,
        currentPeriodEnd: story.period.end,
      },
      pendingUpdate: this.#pending && { expiresAt: null, items: [] },
    };
  }
}

// ---------------------------------------------------------------------------------------------------------------
// What has to hold

/** Every constraint of the tables that is about one row. */
function assertRows(decision: Decision, story: RandomStory): void {
  const { account } = story;
  const { waiting, parked } = story.state;
  const between = (number: number, least: number, most: number, what: string) =>
    assert.ok(Number.isSafeInteger(number) && number >= least && number <= most, `${what} is ${number}`);
  between(account.settledSeats, 0, 1_000_000, 'settled_seats');
  between(account.seatCount, 0, 1_000_000, 'seat_count');
  between(account.assigned, 0, 2_147_483_647, 'assigned_seats');
  between(account.reserved, 0, 2_147_483_647, 'reserved_seats');
  between(account.anonymousAssigned, 0, account.assigned, 'anonymous_assigned');
  between(account.anonymousReserved, 0, account.reserved, 'anonymous_reserved');
  assert.ok(
    account.push !== null || waiting.length > 0 || account.seatCount === account.settledSeats,
    'accounts_settled_at_rest',
  );
  for (const change of decision.records.changes) {
    if (change.setSeats !== null) between(change.setSeats, 0, 1_000_000, 'set_seats');
    between(change.quantity, 0, 1_000_000, 'quantity');
    between(change.takes, 0, 2_147_483_647, 'takes');
    between(change.delta, -2_147_483_648, 2_147_483_647, 'delta');
    between(change.seatsBefore, -2_147_483_648, 2_147_483_647, 'seats_before');
    between(change.seatsAfter, -2_147_483_648, 2_147_483_647, 'seats_after');
    if (change.amount !== null) between(change.amount, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'amount');
    const ended = change.status === 'applied' || change.status === 'rolled_back';
    assert.equal(ended, change.endedAt !== null, 'seat_changes_end_once');
    assert.equal(change.status === 'rolled_back', change.code !== null, 'seat_changes_rolled_back_says_why');
    assert.ok(!ended || change.takes === 0, 'seat_changes_take_nothing_at_end');
    assert.ok(change.status === 'rolled_back' || !change.payment, 'seat_changes_payment_is_an_end');
    const isParked = change.status === 'scheduled' || change.status === 'awaiting_approval';
    assert.ok(!isParked || change.waitsUntil !== null, 'seat_changes_parked_until');
    assert.ok(
      !isParked || (change.takes === 0 && change.push === null && change.holders.length === 0),
      'seat_changes_parked_hold_nothing',
    );
    assert.ok(change.status !== 'awaiting_approval' || change.asked !== null, 'seat_changes_approval_of_something');
  }
  const numbers = [...story.changes.values()].map(({ number }) => number);
  assert.equal(new Set(numbers).size, numbers.length, 'seat_changes_number');
  for (const row of decision.records.holders.values())
    assert.ok(row === null || row.change === null || row.state === 'reserved', 'seats_hanging_are_reserved');
  for (const change of waiting) {
    if (change.hangsOn !== null)
      assert.ok(
        waiting.some(({ id }) => id === change.hangsOn),
        'a change hangs on one that has ended',
      );
    if (change.status === 'awaiting_payment') assert.equal(account.push?.state, 'awaiting_payment');
  }
  for (const change of parked) assert.equal(change.endedAt, null);
  const { push } = account;
  if (push !== null) {
    assert.deepEqual(
      waiting.filter(({ push: id }) => id === push.id).map(({ id }) => id),
      push.changes.filter((id) => waiting.some((change) => change.id === id)),
      'who rides',
    );
    for (const id of push.changes)
      assert.ok(
        waiting.some((change) => change.id === id),
        'a push carries what has ended',
      );
    if (push.state === 'awaiting_payment') assert.ok(push.payment !== null);
  }
  // Everybody hears of an end, once.
  for (const change of decision.records.changes) {
    const told = story.events.filter(
      (event) => event.change === change.id && (event.type === 'change.applied' || event.type === 'change.rolled_back'),
    );
    assert.equal(told.length, change.endedAt === null ? 0 : 1, `${change.status} was told ${told.length} times`);
  }
  assert.ok(available(account) <= Math.max(account.settledSeats - used(account), 0), 'more is free than there is');
}

/** Seats in use without a waiting change never grow past what both sides stand behind. */
function assertGivenOut(before: Account, waitingBefore: readonly SeatChange[], story: RandomStory): void {
  const { account } = story;
  const given = used(account) - waitingTakes(story.state.waiting);
  if (given <= used(before) - waitingTakes(waitingBefore)) return;
  const observed = account.hold === null ? null : (before.hold?.observedQuantity ?? null);
  const billed =
    observed === null ? account.settledSeats : Math.min(account.settledSeats, observed + account.terms.includedSeats);
  // What an answer confirms is there, whatever was seen before; and what was paid for before an end is.
  const over = before.push !== null && account.push === null;
  const bound = over || account.settledSeats > before.settledSeats ? account.settledSeats : billed;
  assert.ok(given <= bound, `${given} seats are given out, ${bound} are confirmed`);
  assert.ok(
    account.status !== 'ended' || before.status !== 'ended' || over,
    'seats were given out on an ended account',
  );
}

/** Nothing that is open is forgotten: somebody comes for it, or a person has to. */
function assertSomebodyComes(story: RandomStory): void {
  const { account, state, installationPaused } = story;
  if (account.dueAt !== null) return;
  if (account.pausedReason !== null || installationPaused !== null || account.link === null) return;
  assert.equal(account.push, null, 'nobody comes for the push');
  assert.equal(account.hold, null, 'nobody looks at what is held');
  assert.deepEqual(state.waiting, [], 'nobody comes for what waits');
  assert.deepEqual(state.parked, [], 'nobody comes for what is parked');
  assert.ok(account.status === 'ended' || account.marks <= account.marksSeen, 'nobody looks for what was marked');
}

function play({ seats, used: anonymous, named, invoiced, linked, terms, calm, moves, ending }: Tale): RandomStory {
  const holders: HolderRow[] = people.slice(0, named).map((holder) => ({ holder, state: 'assigned', change: null }));
  const justNow = new Array<number>(invoiced).fill(1_800_000_000_000 - second);
  const quotaUsed = { updates: justNow, invoices: justNow };
  const account: Partial<Account> = linked ? { quotaUsed } : { link: null };
  const story = new RandomStory({
    seats,
    used: Math.min(anonymous, Math.max(seats - named, 0)),
    holders: seats === 0 ? [] : holders,
    terms,
    account,
  });
  story.calm = calm;
  story.has = quantityFor(seats, story.account.terms);
  for (const move of moves) story.happen(move);
  story.end(ending);
  return story;
}

test('random commands under random terms leave every row sound, and an honest Stripe brings everything to rest', (t) => {
  const seed = Number(process.env.SEATBELT_RANDOM_SEED ?? 20_261_129);
  const numRuns = Number(process.env.SEATBELT_RANDOM_STORIES ?? 250);
  t.diagnostic(`seed ${seed}, ${numRuns} stories`);
  fc.assert(
    fc.property(tale, (told) => {
      play(told);
    }),
    { seed, numRuns },
  );
});
