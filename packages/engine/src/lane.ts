import { decideTogether, type InternalCommand, type Item, type ItemResult } from './core/decide-together.ts';
import { policy } from './core/policy.ts';
import { SeatRefused } from './core/refusals.ts';
import { holdersOf } from './core/request.ts';
import type { Decision, Effect, OpenPush, SeatChange, SeatRequest, State, StripeLink } from './core/types.ts';
import { DatabaseError, databaseLimits } from './db/executor.ts';
import { CommandDropped, DatabaseUnavailable, OutcomeUnknown, UnknownOrganization } from './failures.ts';
import { committedState } from './store/commit.ts';
import type { AccountKey, LeaseAction, Named, Store } from './store/store.ts';

/** What a lane needs of the outside; the proof injects a store and a clock of its own. */
export interface LaneContext {
  readonly store: Store;
  readonly newId: () => string;
  /** Milliseconds that only ever go forward. */
  readonly monotonicNow: () => number;
  /** This process, as the owner of leases. */
  readonly owner: string;
  /** Hears of every commit, after it. */
  readonly committed: (key: AccountKey, decision: Decision) => void;
  /** Calls back in so many milliseconds. Without it a request that waits too long hears so when its turn comes. */
  readonly later?: ((ms: number, then: () => void) => void) | undefined;
}

/** What came of one command: the state that it ended in, and what is to be done at Stripe. */
export interface Settled {
  readonly state: State;
  readonly effect: Effect;
  readonly change: SeatChange | null;
  /** Monotonic time from before the claim: how much of the lease is left is counted from here. */
  readonly claimedAt: number;
}

interface Waiting {
  readonly item: Item;
  readonly since: number;
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: unknown) => void;
}

/** With the row locked: one for a pause of everything, one for a deadlock, and one that then has nothing in its way. */
const lockedAttempts = 3;

/**
 * One account in this process. Commands that wait at the same moment are decided and committed together, so that
 * a thousand of them cost a handful of commits; other processes are met by the version, not by this queue.
 */
export class Lane {
  readonly key: AccountKey;
  readonly #context: LaneContext;
  #waiting: Waiting[] = [];
  #running = false;
  #watching = false;
  #last: { state: State; at: number } | null = null;

  constructor(context: LaneContext, key: AccountKey) {
    this.#context = context;
    this.key = key;
  }

  get idle(): boolean {
    return !this.#running && this.#waiting.length === 0;
  }

  request(request: SeatRequest): Promise<Settled> {
    return this.#submit({ type: 'request', request });
  }

  /** @param onlyAtVersion for a look: the version of the state it began on. */
  internal(command: InternalCommand, onlyAtVersion?: number): Promise<Settled> {
    return this.#submit({ type: 'internal', command, onlyAtVersion });
  }

  #submit(item: Item): Promise<Settled> {
    const { promise, resolve, reject } = Promise.withResolvers<Settled>();
    this.#waiting.push({ item, since: this.#context.monotonicNow(), resolve, reject });
    if (!this.#running) void this.#run();
    else this.#watchAge();
    return promise;
  }

  /** Who waits behind a statement that hangs hears in time that nothing was written. */
  #watchAge(): void {
    const oldest = this.#waiting[0];
    const { later } = this.#context;
    if (oldest === undefined || later === undefined || this.#watching) return;
    this.#watching = true;
    const waited = this.#context.monotonicNow() - oldest.since;
    later(Math.max(policy.memoryWaitMs - waited, 0) + 1, () => {
      this.#watching = false;
      this.#waiting = this.#dropOld(this.#waiting);
      this.#watchAge();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#dropOld(this.#waiting.splice(0, policy.jointLimit));
        if (batch.length > 0) await this.#commitTogether(batch);
      }
    } finally {
      this.#running = false;
    }
  }

  /** A request whose caller has given up must not buy seats minutes later. */
  #dropOld(batch: Waiting[]): Waiting[] {
    const now = this.#context.monotonicNow();
    return batch.filter((waiting) => {
      if (waiting.item.type !== 'request' || now - waiting.since <= policy.memoryWaitMs) return true;
      waiting.reject(
        new CommandDropped('The command did not come to its turn within 10 seconds. Nothing was written.'),
      );
      return false;
    });
  }

  async #commitTogether(batch: Waiting[]): Promise<void> {
    try {
      const { state, effect, results, claimedAt } = await this.#decideAndCommit(batch.map(({ item }) => item));
      // What is to be done at Stripe is handed to exactly one of them.
      const doer = results.findIndex((result) => result.is === 'accepted');
      batch.forEach((waiting, index) => {
        const result = results[index];
        if (result?.is === 'refused') waiting.reject(result.error);
        else
          waiting.resolve({ state, effect: index === doer ? effect : none, change: result?.change ?? null, claimedAt });
      });
    } catch (error) {
      // What one command breaks, a constraint or an invariant, must not take the others down with it.
      const ofDatabase = error instanceof DatabaseError && error.failure.kind !== 'constraint';
      if (
        batch.length > 1 &&
        !ofDatabase &&
        !(error instanceof OutcomeUnknown || error instanceof UnknownOrganization)
      ) {
        for (const waiting of batch) await this.#commitTogether([waiting]);
        return;
      }
      for (const waiting of batch) waiting.reject(tellWhatIsKnown(error, waiting.item));
    }
  }

  async #decideAndCommit(
    items: readonly Item[],
  ): Promise<{ state: State; effect: Effect; results: ItemResult[]; claimedAt: number }> {
    const { store } = this.#context;
    const plan = { pushId: this.#context.newId(), sendNow: true };
    const named = namedBy(items);
    const doubts: Doubt[] = [];
    const began = this.#context.monotonicNow();
    // A statement that waits for a row may take all of its time, and whoever asked waits no longer than that. For what
    // Stripe has answered nobody waits: an outcome is written, however long that takes.
    const asked = items.some(({ type }) => type === 'request');
    const timeIsUp = (neededMs = 0) => asked && this.#context.monotonicNow() - began + neededMs >= policy.memoryWaitMs;
    // A row that is held may be waited for as long once more.
    const noTimeToWait = () => timeIsUp(databaseLimits.rowWaitMs);

    // Known by a commit that was turned down for it.
    let subscriptionBusy = false;

    const once = async (verbs: Pick<Store, 'load' | 'commit'>, cached: State | null) => {
      const claimedAt = this.#context.monotonicNow();
      const loaded = cached ?? (await this.#read(() => verbs.load(this.key, named)));
      const state = loaded && subscriptionBusy ? { ...loaded, subscriptionBusy } : loaded;
      if (state === null)
        throw new UnknownOrganization(`No account for organization ${JSON.stringify(this.key.organization)}.`);
      const found = doubts[0] ? await this.#alreadyCommitted(state, items, plan.pushId, doubts) : null;
      // Which of the commits in doubt took the lease is not known; counted from the first one it is surely not too long.
      if (found) return { ...found, claimedAt: doubts[0]?.claimedAt ?? claimedAt };
      const { decision, results } = decideTogether(state, items, plan);
      if (!decision.changed) return cached ? null : { state, effect: decision.effect, results, claimedAt };
      // A refusal must be true now, and a key that was used before has its answer in the table.
      if (cached && !acceptsAll(results, items)) return null;
      const outcome = await verbs
        .commit(state, decision, leaseFor(decision, items, this.#context.owner))
        .catch((error: unknown) => {
          if (error instanceof DatabaseError && error.failure.kind === 'unknown') doubts.push({ results, claimedAt });
          throw error;
        });
      if (outcome === 'conflict') return null;
      const after = committedState(state, decision);
      return { state: after, effect: decision.effect, results, claimedAt, decision };
    };
    const settle = (done: NonNullable<Awaited<ReturnType<typeof once>>>) => {
      // What one command named is not what the next one names.
      const { subscriptionBusy: _, ...state } = done.state;
      this.#last = { state: { ...state, keys: new Map(), holders: new Map() }, at: this.#context.monotonicNow() };
      if ('decision' in done) this.#context.committed(this.key, { ...done.decision, state: done.state });
      return done;
    };

    // What others may have done meanwhile is found by the commit, so only what surely commits may start from the state
    // that was left here.
    let cached = this.#cachedState(items);
    this.#last = null;
    // Who links is alone with the subscription until it is written, so that no two organizations come to share one.
    const [linkingTo] = items.flatMap(linkIn);
    const attempts = linkingTo === undefined ? policy.conflictsBeforeLock + (cached ? 1 : 0) : 0;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        const done = await once(store, cached);
        if (done) return settle(done);
      } catch (error) {
        const last = attempt === attempts - 1 || timeIsUp();
        // A key that somebody else has used shows as a row that is there twice; a load brings the change it belongs to.
        const outdated = cached !== null && error instanceof DatabaseError && error.failure.kind === 'constraint';
        const isBusy: boolean = !subscriptionBusy && !timeIsUp() && isSubscriptionBusy(error);
        if (outdated || isBusy) {
          // Nothing was written.
          subscriptionBusy ||= isBusy;
        } else if (error instanceof CouldNotRead) {
          if (last || error.cause.failure.kind === 'rejected')
            throw doubts.length > 0 ? stillUnknown(error.cause) : error.cause;
        } else if (error instanceof DatabaseError && error.failure.kind === 'unknown') {
          if (last) throw stillUnknown(error);
        } else if (!(error instanceof DatabaseError && error.failure.kind === 'conflict') || noTimeToWait()) {
          throw doubts.length > 0 && error instanceof DatabaseError ? stillUnknown(error) : error;
        }
      }
      cached = null;
    }
    // Nothing of the network happens while the row is locked. Besides the version only a pause of everything turns a
    // commit down, and the load after it knows of that. A deadlock in which the server chose this one has written nothing.
    for (let attempt = 0; attempt < lockedAttempts; attempt += 1) {
      const done = await store
        .locked(this.key, (verbs) => once(verbs, null), linkingTo)
        .catch((error: unknown) => {
          const told = error instanceof CouldNotRead ? error.cause : error;
          const last = attempt === lockedAttempts - 1 || noTimeToWait();
          if (!last && !subscriptionBusy && isSubscriptionBusy(told)) {
            subscriptionBusy = true;
            return null;
          }
          if (!last && told instanceof DatabaseError && told.failure.kind === 'conflict') return null;
          throw doubts.length > 0 && told instanceof DatabaseError ? stillUnknown(told) : told;
        });
      if (done) return settle(done);
    }
    throw new Error('A commit lost a race although the row was locked.');
  }

  /**
   * After a commit in doubt: did it happen? If one of its changes is there, or its push is, all of it is.
   * If not, deciding and winning the next version proves that it never will be.
   */
  async #alreadyCommitted(
    state: State,
    items: readonly Item[],
    pushId: string,
    doubts: readonly Doubt[],
  ): Promise<{ state: State; effect: Effect; results: ItemResult[] } | null> {
    const requested = items.flatMap((item) => (item.type === 'request' ? [item.request.changeId] : []));
    const changes =
      requested.length > 0 ? await this.#read(() => this.#context.store.changes(this.key, requested)) : [];
    const ownPush =
      state.account.push !== null && pushIdsOf(items, pushId).has(state.account.push.id) ? state.account.push : null;
    if (changes.length === 0 && ownPush === null) return null;
    const byId = new Map(changes.map((change) => [change.id, change]));
    const results = items.map((item, index): ItemResult => {
      if (item.type !== 'request') return { is: 'accepted', change: null };
      const change = byId.get(item.request.changeId);
      if (change) return { is: 'accepted', change };
      // The commit that happened refused it, or found its key used, and that is its answer. Deciding again could accept
      // what nobody has written.
      const told = doubts
        .map((doubt) => doubt.results[index])
        .find((result) => result && !accepts(result, item.request));
      if (!told) throw new Error('Bug: a commit in doubt left out a request that it had accepted.');
      return told.is === 'accepted' ? { ...told, change: byId.get(told.change?.id ?? '') ?? told.change } : told;
    });
    return { state, effect: unsent(ownPush), results };
  }

  /** Reading writes nothing, so its failure leaves no doubt about a commit; a broken connection is worth another try. */
  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw error instanceof DatabaseError ? new CouldNotRead(error) : error;
    }
  }

  /**
   * The state that the last commit left, where these commands can be decided on it: the commit's version finds whatever
   * has moved, the unique index on keys finds a key in use, and the commit asks for a pause of everything. Not for a wake,
   * which often has nothing to write; not where holders are named, since what the table says of them is not remembered.
   */
  #cachedState(items: readonly Item[]): State | null {
    if (!this.#last) return null;
    const { state, at } = this.#last;
    const elapsed = this.#context.monotonicNow() - at;
    const decidable = items.every((item) =>
      item.type === 'request'
        ? elapsed <= policy.rememberedMs && holdersOf(item.request).length === 0
        : item.command.type !== 'wake' && item.command.type !== 'approve',
    );
    return decidable ? { ...state, now: state.now + Math.round(elapsed) } : null;
  }
}

/** A commit that nobody heard the end of: what it would have told its callers, and when its claim began. */
interface Doubt {
  readonly results: readonly ItemResult[];
  readonly claimedAt: number;
}

function acceptsAll(results: readonly ItemResult[], items: readonly Item[]): boolean {
  return items.every((item, index) => {
    const result = results[index];
    return result?.is === 'accepted' && (item.type !== 'request' || accepts(result, item.request));
  });
}

/** It made a change of its own, instead of finding the one that has its key. */
function accepts(result: ItemResult, request: SeatRequest): boolean {
  return result.is === 'accepted' && result.change?.id === request.changeId;
}

/** A load failed. Whatever the connection's failure leaves open, it is not whether something was written. */
class CouldNotRead extends Error {
  override readonly name = 'CouldNotRead';
  override readonly cause: DatabaseError;
  constructor(error: DatabaseError) {
    super(error.message);
    const kind = error.failure.kind === 'rejected' ? 'rejected' : 'never_sent';
    this.cause = new DatabaseError({ ...error.failure, kind }, error);
  }
}

const none: Effect = { type: 'none' };

/** A push of ours that this very process has committed and not sent: it is still the only sender. */
function unsent(push: OpenPush | null): Effect {
  return push !== null && push.attempt === 1 && push.unproven === 1 && push.doubt === null
    ? { type: 'send', push }
    : none;
}

function pushIdsOf(items: readonly Item[], pushId: string): Set<string> {
  const ids = new Set([pushId]);
  for (const item of items) {
    if (item.type === 'internal' && 'pushId' in item.command && item.command.pushId) ids.add(item.command.pushId);
  }
  return ids;
}

function namedBy(items: readonly Item[]): Named {
  const keys = new Set<string>();
  const holders = new Set<string>();
  for (const item of items) {
    if (item.type !== 'request') {
      if (item.command.type === 'approve') for (const name of item.command.holders) holders.add(name);
      continue;
    }
    const { request } = item;
    if (request.idempotencyKey !== null) keys.add(request.idempotencyKey);
    for (const name of holdersOf(request)) holders.add(name);
  }
  return { keys: [...keys], holders: [...holders] };
}

function leaseFor(decision: Decision, items: readonly Item[], owner: string): LeaseAction {
  if (decision.effect.type !== 'none') return { type: 'take', owner, forMs: policy.leaseMs };
  return items.some((item) => item.type === 'internal') ? { type: 'release' } : { type: 'keep' };
}

function stillUnknown(error: DatabaseError): OutcomeUnknown {
  return new OutcomeUnknown(
    'Nobody knows whether the change was written. Ask again with the same idempotency key.',
    null,
    {
      cause: error,
    },
  );
}

/** "Stripe was not called" is said only where the server rejected the commit or it was never sent. */
function tellWhatIsKnown(error: unknown, item: Item): unknown {
  if (error instanceof SeatRefused || !(error instanceof DatabaseError || error instanceof OutcomeUnknown))
    return error;
  const change = item.type === 'request' ? item.request.changeId : null;
  if (error instanceof OutcomeUnknown || error.failure.kind === 'unknown') {
    return new OutcomeUnknown(
      'Nobody knows whether the change was written. Ask again with the same idempotency key.',
      change,
      { cause: error },
    );
  }
  return new DatabaseUnavailable(
    `The database did not take the change. Nothing was written and Stripe was not called. (${error.message})`,
    {
      cause: error,
    },
  );
}

/** The account of another seat type has a push open on the same subscription. */
function isSubscriptionBusy(error: unknown): boolean {
  return error instanceof DatabaseError && error.failure.constraint === 'pushes_one_open';
}

function linkIn(item: Item): StripeLink[] {
  return item.type === 'internal' && item.command.type === 'relink' ? [item.command.link] : [];
}
