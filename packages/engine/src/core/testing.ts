/**
 * A story told to `decide`, one command after another, for the tests of the core. It keeps the rows a store would keep and
 * checks after every step what must hold between them, so that each test also tests the invariants.
 */
import assert from 'node:assert/strict';
import { seatsFolded } from './batch.ts';
import { decide } from './decide.ts';
import { apart } from './parked.ts';
import { SeatRefused } from './refusals.ts';
import type {
  Account,
  Answer,
  AuditEntry,
  Command,
  Decision,
  EndedPush,
  HolderRow,
  HostEvent,
  Incident,
  LookResult,
  Observation,
  OpenPush,
  SeatChange,
  SeatRequest,
  State,
  Terms,
} from './types.ts';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Each member of the union without `keys`, so that a request can be written without the fields that are the same everywhere. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K & keyof T> : never;
export type AskedFor = Without<SeatRequest, 'changeId' | 'idempotencyKey' | 'actor' | 'reason'>;

export const prepaidTerms: Terms = {
  mode: 'prepaid',
  minimumSeats: 1,
  maximumSeats: null,
  includedSeats: 0,
  minimumQuantity: 0,
  increase: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete' },
  onForeignChange: {},
  decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'now' },
  settleMs: 0,
  maxWaitMs: 0,
  guard: { seatsPerDay: null, amountPerDay: null },
};

export interface Beginning {
  /** Settled seats, and what Stripe is billed for. */
  readonly seats: number;
  /** Anonymous assigned seats. */
  readonly used?: number;
  readonly terms?: Partial<Terms>;
  readonly account?: Partial<Account>;
  readonly holders?: readonly HolderRow[];
}

export function beginningAccount(beginning: Beginning): Account {
  const named = beginning.holders ?? [];
  const used = beginning.used ?? 0;
  const assigned = named.filter((row) => row.state === 'assigned').length;
  return {
    organization: 'org',
    seatType: 'seat',
    version: 1,
    link: { customer: 'cus_1', subscription: 'sub_1', item: 'si_1' },
    status: 'active',
    hold: null,
    pausedReason: null,
    terms: { ...prepaidTerms, ...beginning.terms },
    settledSeats: beginning.seats,
    seatCount: beginning.seats,
    assigned: used + assigned,
    reserved: named.length - assigned,
    anonymousAssigned: used,
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
    quotaUsed: { updates: [], invoices: [] },
    dueAt: null,
    audit: { length: 0, head: '' },
    ...beginning.account,
  };
}

/** One organization, told as a story. Commands are decided and committed at once; sends are what the test says they are. */
export class Story {
  now = 1_800_000_000_000;
  account: Account;
  installationPaused: string | null = null;
  readonly changes = new Map<string, SeatChange>();
  readonly holders = new Map<string, HolderRow>();
  readonly incidents = new Map<string, Incident>();
  readonly audit: AuditEntry[] = [];
  readonly events: HostEvent[] = [];
  readonly opened: OpenPush[] = [];
  readonly ended: EndedPush[] = [];
  last: Decision | null = null;
  #ids = 0;

  constructor(beginning: Beginning) {
    this.account = beginningAccount(beginning);
    for (const row of beginning.holders ?? []) this.holders.set(row.holder, row);
  }

  id(): string {
    this.#ids += 1;
    return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
  }

  get state(): State {
    const open = [...this.changes.values()]
      .filter((change) => change.endedAt === null)
      .sort((a, b) => a.number - b.number);
    const { waiting, parked } = apart(open);
    const keyed = [...this.changes.values()].flatMap((change) =>
      change.idempotencyKey === null ? [] : [[change.idempotencyKey, change] as const],
    );
    return {
      account: this.account,
      waiting,
      parked,
      keys: new Map(keyed),
      holders: new Map(this.holders),
      incidents: [...this.incidents.values()].filter((incident) => incident.closedAt === null),
      installationPaused: this.installationPaused,
      pauseRead: this.installationPaused !== null,
      now: this.now,
    };
  }

  pass(ms: number): this {
    this.now += ms;
    return this;
  }

  /** Decides and commits. */
  tell(command: Command): Decision {
    return this.commit((before) => decide(before, command));
  }

  /** What this decides on the state of now is written as the store would write it. */
  commit(decides: (before: State) => Decision, before = this.state): Decision {
    const frozen = structuredClone(before);
    const decision = decides(before);
    assert.deepEqual(before, frozen, 'decide changed the state it was given');
    this.last = decision;
    if (!decision.changed) {
      assert.equal(decision.records.audit.length, 0);
      return decision;
    }
    const { records } = decision;
    for (const change of records.changes) {
      const earlier = this.changes.get(change.id);
      assert.ok(!earlier || earlier.endedAt === null, `change ${change.id} ended twice`);
      this.changes.set(change.id, change);
    }
    for (const [name, row] of records.holders) {
      if (row === null) this.holders.delete(name);
      else this.holders.set(name, row);
    }
    for (const incident of records.incidents) this.incidents.set(incident.id, incident);
    for (const ended of records.pushesEnded) this.ended.push(ended);
    for (const push of records.pushesOpened) this.opened.push(push);
    this.audit.push(...records.audit);
    this.events.push(...records.events);
    this.account = {
      ...decision.state.account,
      version: this.account.version + 1,
      audit: { length: this.audit.length, head: `head ${this.audit.length}` },
    };
    assertSound(this);
    return decision;
  }

  // What a test says

  request(asked: AskedFor, more: Partial<Pick<SeatRequest, 'idempotencyKey' | 'actor' | 'reason'>> = {}): SeatChange {
    const request = {
      changeId: this.id(),
      idempotencyKey: null,
      actor: 'olga',
      reason: null,
      ...asked,
      ...more,
    } as SeatRequest;
    const { change } = this.tell({ type: 'request', request });
    assert.ok(change, 'a request that is not refused brings a change');
    return change;
  }

  /** The stable code of the refusal; fails when it is accepted. Nothing may be written for it. */
  refusal(asked: AskedFor, more: Partial<Pick<SeatRequest, 'idempotencyKey'>> = {}): string {
    const before = this.state;
    let code: string | null = null;
    try {
      this.request(asked, more);
    } catch (error) {
      if (!(error instanceof SeatRefused)) throw error;
      assert.ok(error.message.length > 10);
      code = error.code;
    }
    assert.ok(code !== null, 'it was accepted');
    assert.deepEqual(this.state, before, 'a refusal wrote something');
    return code;
  }

  fold(sendNow = true): Decision {
    return this.tell({ type: 'fold', pushId: this.id(), sendNow });
  }

  /** A request and the push that carries it, committed and on its way. */
  ask(asked: AskedFor, more: Partial<Pick<SeatRequest, 'idempotencyKey'>> = {}): SeatChange {
    const change = this.request(asked, more);
    this.fold();
    return this.present(change);
  }

  wake(): Decision {
    return this.tell({ type: 'wake', pushId: this.id() });
  }

  /** The answer to the newest send of the open push. */
  answer(answer: Answer, more: { commitFailures?: { count: number; error: string } } = {}): Decision {
    const { push } = this;
    return this.tell({
      type: 'answer',
      push: push.id,
      generation: push.generation,
      attempt: push.attempt,
      answer,
      pushId: this.id(),
      ...more,
    });
  }

  look(look: LookResult): Decision {
    return this.tell({ type: 'looked', look, pushId: this.id() });
  }

  sees(quantity: number | null, more: Partial<Observation> = {}): Decision {
    return this.look({ kind: 'seen', observation: observation(quantity, more), requestId: 'req_look' });
  }

  get push(): OpenPush {
    assert.ok(this.account.push, 'no push is open');
    return this.account.push;
  }

  present(change: SeatChange): SeatChange {
    const row = this.changes.get(change.id);
    assert.ok(row);
    return row;
  }

  get used(): number {
    return this.account.assigned + this.account.reserved;
  }

  openIncidents(): string[] {
    return [...this.incidents.values()]
      .filter((incident) => incident.closedAt === null)
      .map((incident) => incident.kind)
      .sort();
  }

  allIncidents(): string[] {
    return [...this.incidents.values()].map((incident) => incident.kind).sort();
  }
}

/** What holds between the rows after every commit, whatever happened. */
function assertSound(story: Story): void {
  const { account, holders, state } = story;
  const rows = [...holders.values()];
  const namedAssigned = rows.filter((row) => row.state === 'assigned').length;
  const confirmedReserved = rows.filter((row) => row.state === 'reserved' && row.change === null).length;
  const takes = state.waiting.reduce((sum, change) => sum + change.takes, 0);
  assert.equal(account.assigned, namedAssigned + account.anonymousAssigned, 'assigned = named + anonymous');
  assert.equal(
    account.reserved,
    confirmedReserved + account.anonymousReserved + takes,
    'reserved = confirmed named + anonymous + what waits',
  );
  for (const row of rows) {
    if (row.change === null) continue;
    const change = state.waiting.find((candidate) => candidate.id === row.change);
    assert.ok(change?.holders.includes(row.holder), `${row.holder} hangs on a change that does not hold the seat`);
  }
  for (const change of state.waiting) {
    assert.ok(change.takes >= change.holders.length);
    for (const holder of change.holders) assert.equal(holders.get(holder)?.change, change.id);
    if (change.push !== null) assert.equal(change.push, account.push?.id, 'a waiting change names an ended push');
  }
  const carried = new Set(account.push?.changes);
  const counted = seatsFolded(
    account.push?.target.seats ?? account.settledSeats,
    state.waiting.filter((change) => !carried.has(change.id)),
    account,
  );
  assert.equal(account.seatCount, counted, 'seat count = settled folded with what is open');
  assert.equal(account.status === 'held', account.hold !== null);
  let before = {
    seatCount: story.audit[0]?.seatCountBefore,
    settled: story.audit[0]?.settledBefore,
    used: story.audit[0]?.usedBefore,
  };
  for (const entry of story.audit) {
    assert.deepEqual(
      { seatCount: entry.seatCountBefore, settled: entry.settledBefore, used: entry.usedBefore },
      before,
      `the counts of the audit trail do not chain at ${entry.kind}`,
    );
    before = { seatCount: entry.seatCountAfter, settled: entry.settledAfter, used: entry.usedAfter };
  }
  if (story.audit.length > 0) {
    assert.deepEqual(
      before,
      { seatCount: account.seatCount, settled: account.settledSeats, used: story.used },
      'counts changed without an audit entry',
    );
  }
}

// What Stripe says

/** The subscription of the story; `quantity` null: our item is not on it. */
export function observation(quantity: number | null, more: Partial<Observation> = {}): Observation {
  return {
    status: 'active',
    collectionMethod: 'charge_automatically',
    item:
      quantity === null
        ? null
        : {
            id: 'si_1',
            price: 'price_1',
            quantity,
            currentPeriodStart: 1_799_000_000_000,
            currentPeriodEnd: 1_801_592_000_000,
          },
    otherItems: [],
    moreItems: false,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    schedule: null,
    pausedCollection: null,
    pendingUpdate: null,
    latestInvoice: null,
    organization: null,
    ...more,
  };
}

/** A pending update of somebody's that waits for its payment. */
export const somePendingUpdate: Observation['pendingUpdate'] = { expiresAt: 1_800_082_800_000, items: [] };

export function ok(quantity: number, more: { replayed?: boolean; expectedObject?: boolean } = {}): Answer {
  return {
    kind: 'success',
    expectedObject: true,
    quantity,
    pendingUpdate: null,
    replayed: false,
    observation: more.expectedObject === false ? null : observation(quantity),
    requestId: 'req_ok',
    ...more,
  };
}

export function paymentPending(quantity: number): Answer {
  return {
    kind: 'success',
    expectedObject: true,
    quantity,
    pendingUpdate: { invoice: 'in_1', url: 'https://pay.example/in_1', expiresAt: 1_800_000_500_000 },
    replayed: false,
    observation: observation(quantity, {
      pendingUpdate: somePendingUpdate,
      latestInvoice: { id: 'in_1', status: 'open', url: 'https://pay.example/in_1' },
    }),
    requestId: 'req_pending',
  };
}

export function failure(
  status: number,
  more: {
    type?: string | null;
    code?: string | null;
    declineCode?: string | null;
    replayed?: boolean;
    rateLimitedReason?: string | null;
  } = {},
): Answer {
  return {
    kind: 'error',
    status,
    type: null,
    code: null,
    declineCode: null,
    message: `Stripe answered ${status}.`,
    replayed: false,
    rateLimitedReason: null,
    requestId: 'req_failed',
    ...more,
  };
}

export const declined = failure(402, { type: 'card_error', code: 'card_declined', declineCode: 'insufficient_funds' });
export const badKey = failure(401, { type: 'invalid_request_error' });
export const busy = failure(429, { code: 'rate_limit', rateLimitedReason: 'global-rate' });
export const invalid = failure(400, { type: 'invalid_request_error', code: 'resource_missing' });

export function noAnswer(reason: 'timeout' | 'connection' | 'cut_body' = 'timeout'): Answer {
  return { kind: 'no_answer', reason, message: `no answer: ${reason}` };
}
