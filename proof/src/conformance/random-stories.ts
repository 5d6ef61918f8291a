/**
 * Random stories of production commands, told to every store in step. What is decided comes from the engine's own rules,
 * so the rows are those that production writes; what the stores then show must be the same to the last field, after
 * every step, and what the engine hands on after a commit must be what the next load brings.
 */
import assert from 'node:assert/strict';
import { decideTogether, type InternalCommand, type Item } from '../../../packages/engine/src/core/decide-together.ts';
import type {
  Answer,
  Decision,
  LookResult,
  OpenPush,
  SeatRequest,
  State,
} from '../../../packages/engine/src/core/types.ts';
import { DatabaseError } from '../../../packages/engine/src/db/executor.ts';
import { committedState } from '../../../packages/engine/src/store/commit.ts';
import type { AccountKey, LeaseAction } from '../../../packages/engine/src/store/store.ts';
import { observation } from '../observation.ts';
import { Random } from '../random.ts';
import { accountOf, id, owners, seated } from './decisions.ts';
import type { Subject } from './subject.ts';

export interface Told {
  readonly commits: number;
  readonly lines: readonly string[];
  /** Which store differed first, and in what. */
  readonly failed: { readonly store: string; readonly error: unknown } | null;
}

const organizations = ['acme', 'globex'] as const;
const people = ['anna', 'ben', 'cleo', 'dora', 'emil', 'fay', "o'brien"] as const;
const keyNames = ['order 1', 'order 2', 'order 3', 'order 4', 'order 5', 'order 6'] as const;
const everybody = { keys: keyNames, holders: people };

export async function tellInStep(subjects: readonly Subject[], seed: number, steps: number): Promise<Told> {
  return new Story(subjects, seed).tell(steps);
}

class Story {
  readonly #subjects: readonly Subject[];
  readonly #random: Random;
  readonly #lines: string[] = [];
  /** An earlier state of each account, from which somebody slow may still try to commit. */
  readonly #stale = new Map<string, State>();
  readonly #quantity = new Map<string, number>();
  #ids = 0;
  #commits = 0;
  #asking = '';

  constructor(subjects: readonly Subject[], seed: number) {
    this.#subjects = subjects;
    this.#random = new Random(seed);
  }

  async tell(steps: number): Promise<Told> {
    try {
      await this.#begin();
      for (let step = 0; step < steps; step += 1) {
        await this.#step();
        await this.#compareLoads();
        // Every row is a larger question, so it is asked less often, and at the end.
        if (step % 8 === 7 || step === steps - 1) await this.#compareRows();
      }
      return { commits: this.#commits, lines: this.#lines, failed: null };
    } catch (error) {
      return { commits: this.#commits, lines: this.#lines, failed: { store: this.#asking, error } };
    }
  }

  async #begin(): Promise<void> {
    for (const organization of organizations) {
      const seats = this.#random.between(3, 10);
      const named = people.slice(0, this.#random.between(0, Math.min(3, seats)));
      const anonymous = this.#random.between(0, seats - named.length);
      const account = accountOf({
        organization,
        settledSeats: seats,
        seatCount: seats,
        assigned: anonymous + named.length,
        anonymousAssigned: anonymous,
        terms: {
          ...accountOf().terms,
          mode: this.#random.pick(['prepaid', 'follow']),
          includedSeats: this.#random.pick([0, 0, 2]),
          maximumSeats: this.#random.pick([null, null, 12]),
        },
      });
      this.#quantity.set(organization, Math.max(0, seats - account.terms.includedSeats));
      await this.#each((subject) => subject.create(account, seated(...named)));
    }
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const key: AccountKey = { organization: random.pick(organizations), seatType: 'seat' };
    if (random.chance(0.4)) {
      const ms = random.skewed(1, random.pick([2_000, 60_000, 3_600_000]));
      this.#say(`${ms} ms pass`);
      await this.#each((subject) => subject.pass(ms));
    }
    const kind = random.pick([
      'commands',
      'commands',
      'commands',
      'commands',
      'mark',
      'claim',
      'due',
      'stale',
      'late mark',
    ] as const);
    switch (kind) {
      case 'mark':
        this.#say(`${key.organization} is marked`);
        await this.#each((subject) => subject.mark(key));
        return;
      case 'claim': {
        const owner = random.pick([owners.anna, owners.ben]);
        if (random.chance(0.3)) {
          this.#say(`${key.organization} is released by ${owner.at(-1)}`);
          await this.#each((subject) => subject.store.release(key, owner));
        } else {
          this.#say(`${key.organization} is claimed by ${owner.at(-1)}`);
          await this.#agree((subject) => subject.store.claim(key, owner, 15_000));
        }
        return;
      }
      case 'due': {
        const owner = random.pick([owners.anna, owners.ben]);
        // Of two that are due at the very same moment each store may claim either first, so both are asked for.
        const limit = (await this.#dueTogether()) ? organizations.length : random.between(0, 3);
        this.#say(`what is due is claimed by ${owner.at(-1)}, at most ${limit}`);
        await this.#agree(async (subject) =>
          (await subject.store.claimDue(owner, limit, 15_000)).map(({ organization }) => organization).toSorted(),
        );
        return;
      }
      case 'stale': {
        const before = this.#stale.get(key.organization);
        if (before) await this.#commit(key, before, 'from a state that may be old');
        return;
      }
      case 'late mark': {
        const before = await this.#load(key);
        this.#say(`${key.organization} is marked between load and commit`);
        await this.#each((subject) => subject.mark(key));
        await this.#commit(key, before, 'with a mark meanwhile');
        return;
      }
      case 'commands':
        await this.#commit(key, await this.#load(key), '');
    }
  }

  async #dueTogether(): Promise<boolean> {
    const [model] = this.#subjects;
    const states = await Promise.all(
      organizations.map((organization) => model?.store.load({ organization, seatType: 'seat' }, everybody)),
    );
    const moments = states.flatMap((state) => state?.account.dueAt ?? []);
    return new Set(moments).size < moments.length;
  }

  async #load(key: AccountKey): Promise<State> {
    const [model] = this.#subjects;
    const state = await model?.store.load(key, everybody);
    assert.ok(state);
    if (this.#random.chance(0.3)) this.#stale.set(key.organization, state);
    return state;
  }

  async #commit(key: AccountKey, before: State, how: string): Promise<void> {
    const random = this.#random;
    const items = this.#items(before);
    const { decision } = decideTogether(before, items, { pushId: this.#newId(), sendNow: random.chance(0.8) });
    if (!decision.changed) return;
    const lease = random.pick<LeaseAction>([
      { type: 'keep' },
      { type: 'release' },
      { type: 'take', owner: random.pick([owners.anna, owners.ben]), forMs: random.between(1_000, 20_000) },
    ]);
    this.#say(`${key.organization}, version ${before.account.version} ${how}: ${items.map(describe).join(' + ')}`);
    const locked = random.chance(0.15);
    const outcomes = await this.#agree(async (subject) => {
      const commit = () =>
        locked
          ? subject.store.locked(key, (verbs) => verbs.commit(before, decision, lease))
          : subject.store.commit(before, decision, lease);
      try {
        return await commit();
      } catch (error) {
        if (!(error instanceof DatabaseError)) throw error;
        return [error.failure.kind, error.failure.constraint];
      }
    });
    this.#say(`  ${String(outcomes)}${locked ? ', with the row locked' : ''}`);
    if (outcomes !== 'committed') return;
    this.#commits += 1;
    this.#follow(key, decision);
    await this.#compareHandedOn(key, before, decision);
  }

  /** What the world has made of it: a push that ended well is what Stripe bills now. */
  #follow(key: AccountKey, decision: Decision): void {
    for (const { push, outcome } of decision.records.pushesEnded) {
      if (outcome === 'confirmed') this.#quantity.set(key.organization, push.target.quantity);
    }
  }

  /** `committedState` spares the engine a load: it has to be that load, but for what others did meanwhile. */
  async #compareHandedOn(key: AccountKey, before: State, decision: Decision): Promise<void> {
    const handedOn = committedState(before, decision);
    for (const subject of this.#subjects) {
      this.#asking = subject.name;
      const loaded = await subject.store.load(key, everybody);
      assert.ok(loaded);
      const { marks, dueAt } = loaded.account;
      const marked = marks !== before.account.marks;
      assert.deepEqual(
        inOrder(loaded),
        inOrder({
          ...handedOn,
          now: loaded.now,
          installationPaused: loaded.installationPaused,
          account: { ...handedOn.account, ...(marked ? { marks, dueAt } : {}) },
        }),
        'the state handed on is not the one that the next load brings',
      );
    }
  }

  async #compareLoads(): Promise<void> {
    for (const organization of organizations) {
      const key = { organization, seatType: 'seat' };
      await this.#agree(async (subject) => {
        const state = await subject.store.load(key, everybody);
        assert.ok(state);
        assert.equal(state.now, subject.now(), 'the database`s time is not what was told to it');
        return inOrder(state);
      });
    }
  }

  async #compareRows(): Promise<void> {
    for (const organization of organizations) {
      await this.#agree((subject) => subject.everything({ organization, seatType: 'seat' }));
    }
  }

  /** Asks every store the same and gives back the answer, which is one. */
  async #agree<T>(ask: (subject: Subject) => Promise<T>): Promise<T> {
    const [model, ...others] = this.#subjects;
    assert.ok(model);
    this.#asking = model.name;
    const expected = await ask(model);
    for (const other of others) {
      this.#asking = other.name;
      assert.deepEqual(await ask(other), expected);
    }
    return expected;
  }

  async #each(act: (subject: Subject) => Promise<void>): Promise<void> {
    for (const subject of this.#subjects) {
      this.#asking = subject.name;
      await act(subject);
    }
  }

  // What is asked of the engine

  #items(state: State): Item[] {
    const random = this.#random;
    const items: Item[] = [];
    const requests = random.pick([0, 1, 1, 1, 2, 3]);
    for (let count = 0; count < requests; count += 1) items.push({ type: 'request', request: this.#request() });
    if (requests === 0 || random.chance(0.4)) items.push({ type: 'internal', command: this.#internal(state) });
    return items;
  }

  #request(): SeatRequest {
    const random = this.#random;
    const base = {
      changeId: this.#newId(),
      idempotencyKey: random.chance(0.4) ? random.pick(keyNames) : null,
      actor: random.pick(['olga', "o'brien"]),
      reason: random.pick([null, 'moves "in"']),
    };
    const holders = people.filter(() => random.chance(0.3));
    const named = holders.length > 0 && random.chance(0.7);
    const some = named ? { quantity: holders.length, holders } : { quantity: random.between(1, 3) };
    switch (random.pick(['set', 'set', 'add', 'add', 'add', 'remove', 'remove', 'assign', 'transfer'] as const)) {
      case 'set':
        return { ...base, type: 'set', seats: random.between(1, 14) };
      case 'add':
        return { ...base, type: 'add', ...some, reserve: random.chance(0.4), expand: random.chance(0.85) };
      case 'remove':
        return { ...base, type: 'remove', ...some };
      case 'assign':
        return { ...base, type: 'assign', ...some };
      case 'transfer': {
        if (!named) return { ...base, type: 'transfer', quantity: 1 };
        return {
          ...base,
          type: 'transfer',
          quantity: 1,
          holders: [{ from: random.pick(people), to: random.pick(people) }],
        };
      }
    }
  }

  #internal(state: State): InternalCommand {
    const random = this.#random;
    const { push } = state.account;
    const pushId = this.#newId();
    const by = { actor: 'ops', reason: 'looked at it' };
    if (push && random.chance(0.65)) {
      const answer = this.#answer(push);
      const attempt = Math.max(1, push.attempt);
      return { type: 'answer', push: push.id, generation: push.generation, attempt, answer, pushId };
    }
    switch (
      random.pick([
        'wake',
        'wake',
        'looked',
        'looked',
        'looked',
        'pause',
        'resume',
        'resume',
        'terms',
        'resolve',
        'resolve',
      ] as const)
    ) {
      case 'wake':
        return { type: 'wake', pushId };
      case 'looked':
        return { type: 'looked', look: this.#look(state), pushId };
      case 'pause':
        return { type: 'pause', reason: 'moving house', actor: 'ops' };
      case 'resume':
        return { type: 'resume', ...by };
      case 'terms':
        return { type: 'change_terms', terms: { minimumQuantity: random.pick([0, 3, 6]) }, pushId, ...by };
      case 'resolve':
        return { type: 'resolve', by: random.pick(['stripe', 'database']), pushId, ...by };
    }
  }

  #answer(push: OpenPush): Answer {
    const random = this.#random;
    const requestId = `req_${this.#ids}`;
    const error = (status: number, more: Partial<Extract<Answer, { kind: 'error' }>> = {}): Answer => ({
      kind: 'error',
      status,
      type: null,
      code: null,
      declineCode: null,
      message: `Stripe answered ${status}.`,
      replayed: false,
      rateLimitedReason: null,
      requestId,
      ...more,
    });
    switch (
      random.pick([
        'done',
        'done',
        'done',
        'pending',
        'declined',
        'trouble',
        'limited',
        'silence',
        'unauthorized',
      ] as const)
    ) {
      case 'done':
        return {
          kind: 'success',
          expectedObject: true,
          quantity: push.target.quantity,
          pendingUpdate: null,
          replayed: random.chance(0.3),
          observation: observation(push.target.quantity),
          requestId,
        };
      case 'pending':
        return {
          kind: 'success',
          expectedObject: true,
          quantity: push.from.quantity,
          pendingUpdate: { invoice: `in_${this.#ids}`, url: 'https://pay.example/?a=1', expiresAt: null },
          replayed: false,
          observation: observation(push.from.quantity),
          requestId,
        };
      case 'declined':
        return error(402, { type: 'card_error', code: 'card_declined', declineCode: 'insufficient_funds' });
      case 'trouble':
        return error(500, { type: 'api_error', replayed: random.chance(0.3) });
      case 'limited':
        return error(429, { code: 'rate_limit', rateLimitedReason: 'global-rate' });
      case 'silence':
        return {
          kind: 'no_answer',
          reason: random.pick(['timeout', 'connection', 'cut_body']),
          message: 'Nothing came back.',
        };
      case 'unauthorized':
        return error(401, { type: 'invalid_request_error' });
    }
  }

  #look(state: State): LookResult {
    const random = this.#random;
    const { push, organization } = state.account;
    const seen = (quantity: number | null, status = 'active'): LookResult => ({
      kind: 'seen',
      observation: observation(quantity, { status }),
      requestId: `req_${this.#ids}`,
    });
    const billed = this.#quantity.get(organization) ?? 0;
    switch (random.pick(['billed', 'billed', 'billed', 'target', 'other', 'failed', 'gone'] as const)) {
      case 'billed':
        return seen(push?.from.quantity ?? billed);
      case 'target':
        return seen(push?.target.quantity ?? billed);
      case 'other':
        return seen(random.between(1, 20));
      case 'failed':
        return { kind: 'failed', message: 'no answer' };
      case 'gone':
        // A subscription that is gone ends the story of its account, so it is seldom.
        return random.chance(0.1) ? { kind: 'gone', requestId: null } : seen(billed);
    }
  }

  #newId(): string {
    this.#ids += 1;
    return id(this.#ids);
  }

  #say(line: string): void {
    this.#lines.push(line);
  }
}

function describe(item: Item): string {
  if (item.type === 'internal') {
    const { pushId: _push, ...command } = { pushId: null, ...item.command };
    return JSON.stringify(command);
  }
  const { changeId: _id, actor: _actor, reason: _reason, ...asked } = item.request;
  return JSON.stringify(asked);
}

/** What is open is a set; the order in which a store hands incidents over means nothing. */
function inOrder(state: State): State {
  return {
    ...state,
    incidents: state.incidents.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    keys: new Map([...state.keys].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    holders: new Map([...state.holders].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}
