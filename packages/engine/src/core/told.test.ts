/**
 * Everything that stories make the core write, word for word: the trail, what hosts hear, what people read, and every
 * field of the account that moves. `told.golden.txt` is meant to be read, and a change of it to be reviewed like one of
 * the rules:
 *
 *   SEATBELT_WRITE_GOLDEN=1 node --test packages/engine/src/core/told.test.ts
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { SeatRefused } from './refusals.ts';
import {
  type AskedFor,
  type Beginning,
  badKey,
  busy,
  declined,
  failure,
  hour,
  invalid,
  minute,
  noAnswer,
  observation,
  ok,
  paymentPending,
  Story,
  second,
  somePendingUpdate,
} from './testing.ts';
import type {
  Account,
  Answer,
  AuditEntry,
  Decision,
  MarkReason,
  Observation,
  SeatChange,
  SeatRequest,
  Terms,
} from './types.ts';

const golden = new URL('./told.golden.txt', import.meta.url);
const day = 24 * hour;
const periodEnd = 1_801_592_000_000;

/** A story that writes down what is decided. */
class Told {
  readonly lines: string[] = [];
  readonly #changes = new Map<string, SeatChange>();
  readonly story: Story;

  constructor(beginning: Beginning) {
    this.story = new Story(beginning);
  }

  step(what: string, run: (story: Story) => unknown): this {
    const { story } = this;
    const before = story.account;
    this.lines.push(`> ${what}`);
    story.last = null;
    try {
      run(story);
    } catch (error) {
      if (!(error instanceof SeatRefused)) throw new Error(`At "${what}": ${String(error)}`, { cause: error });
      this.lines.push(`  refused ${error.code}: ${error.message}`);
      return this;
    }
    const { last } = story as { last: Decision | null };
    if (last !== null) this.#write(before, last);
    return this;
  }

  ask(asked: AskedFor, more: Partial<Pick<SeatRequest, 'idempotencyKey' | 'actor' | 'reason'>> = {}): this {
    return this.step(`${more.actor ?? 'olga'} asks: ${shown(asked, this.story.now)}`, (story) =>
      story.request(asked, more),
    );
  }

  fold(sendNow = true): this {
    return this.step(sendNow ? 'it is folded and sent' : 'it is folded', (story) => story.fold(sendNow));
  }

  answer(answer: Answer): this {
    const said =
      answer.kind === 'error'
        ? `${answer.status} ${answer.code ?? ''}`
        : answer.kind === 'success'
          ? `${answer.quantity}`
          : answer.reason;
    if (this.story.account.push === null) {
      this.lines.push('> nothing is open, so Stripe has nothing to answer');
      return this;
    }
    return this.step(`Stripe answers ${said}`, (story) => story.answer(answer));
  }

  sees(quantity: number | null, more: Partial<Observation> = {}): this {
    return this.step(`Stripe shows ${quantity} ${shown(more, this.story.now)}`, (story) => story.sees(quantity, more));
  }

  pass(ms: number): this {
    this.lines.push(`> ${ms / second} seconds pass`);
    this.story.pass(ms);
    return this;
  }

  until(moment: number): this {
    return this.pass(moment - this.story.now);
  }

  wake(): this {
    return this.step('somebody comes by', (story) => story.wake());
  }

  #write(before: Account, { records, state, effect }: Decision): void {
    const { now } = this.story;
    const line = (word: string, value: unknown) => this.lines.push(`  ${word.padEnd(9)}${shown(value, now)}`);
    for (const change of records.changes)
      line('change', { number: change.number, ...difference(this.#changes.get(change.id), change) });
    for (const [name, row] of records.holders) line('holder', row ?? `${name} is gone`);
    for (const { push, ...end } of records.pushesEnded) line('push ends', { push: push.id, ...end });
    for (const entry of records.audit) line('trail', moved(entry));
    for (const event of records.events) line('host', event);
    for (const incident of records.incidents) line('incident', incident);
    const { push, observed, audit: _audit, version: _version, ...rest } = state.account;
    const known = before.push !== null && before.push.id === push?.id ? before.push : undefined;
    if (push !== before.push) line('push', push === null ? 'none' : difference(known, push));
    if (observed !== before.observed) line('observed', difference(before.observed ?? undefined, observed ?? {}));
    const account = difference(before, rest);
    if (Object.keys(account).length > 0) line('account', account);
    for (const change of records.changes) this.#changes.set(change.id, change);
    if (effect.type !== 'none') line('then', effect.type);
  }
}

/** The fields that are not what they were; what was not there at all is told whole. */
function difference(before: object | undefined, after: object): Record<string, unknown> {
  const was = (before ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(after)
      .filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(was[field]))
      .map(([field, value]) => [field, value === null && before !== undefined ? 'none' : value]),
  );
}

/** An entry of the trail without the counts that it did not move. */
function moved(entry: AuditEntry): Record<string, unknown> {
  const {
    seatCountBefore,
    seatCountAfter,
    settledBefore,
    settledAfter,
    usedBefore,
    usedAfter,
    at: _at,
    ...said
  } = entry;
  const counts = {
    count: [seatCountBefore, seatCountAfter],
    settled: [settledBefore, settledAfter],
    used: [usedBefore, usedAfter],
  };
  return { ...said, ...Object.fromEntries(Object.entries(counts).filter(([, [from, to]]) => from !== to)) };
}

/** Fields that say something; times from now, and ids by their last digits. */
function shown(value: unknown, now: number): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'number') return value > 1_600_000_000_000 ? `${(value - now) / second}s` : String(value);
  if (typeof value === 'string') return value.replaceAll(/00000000-0000-4000-8000-0*(\d+)/g, '#$1');
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => shown(item, now)).join(', ')}]`;
  const fields = Object.entries(value).filter(
    ([field, one]) => one !== null && one !== undefined && !untold.has(field),
  );
  return `{${fields.map(([field, one]) => `${field}: ${shown(one, now)}`).join(', ')}}`;
}
/** What is the same in every story, or says the same as another field. */
const untold: ReadonlySet<string> = new Set([
  'link',
  'terms',
  'apiVersion',
  'path',
  'fingerprint',
  'otherItems',
  'moreItems',
  'collectionMethod',
]);

const guarded: Partial<Terms> = { guard: { seatsPerDay: 5, amountPerDay: null } };
const dated: Partial<Terms> = {
  decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'period_end' },
};
const paidFirst: Partial<Terms> = {
  increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' },
};
const ops = { actor: 'ops', reason: 'asked by phone' } as const;

function invoice(status: 'open' | 'paid' | 'void', quantity: number): (story: Story) => unknown {
  return (story) =>
    story.look({
      kind: 'seen',
      observation: observation(quantity, { pendingUpdate: status === 'open' ? somePendingUpdate : null }),
      invoice: { id: 'in_1', status, url: 'https://pay.example/in_1' },
      requestId: 'req_look',
    });
}

function event(more: Partial<MarkReason>): MarkReason {
  return {
    mark: 1,
    eventType: 'customer.subscription.updated',
    quantityBefore: null,
    quantityAfter: null,
    requestId: null,
    key: null,
    push: null,
    portalSession: false,
    ...more,
  };
}

function told(quantity: number, reasons: readonly MarkReason[]): (story: Story) => unknown {
  return (story) =>
    story.tell({
      type: 'looked',
      look: { kind: 'seen', observation: observation(quantity), requestId: 'req_look' },
      pushId: story.id(),
      reasons,
    });
}

const stories: Readonly<Record<string, () => Told>> = {
  'seats are bought, used and given back': () =>
    new Told({ seats: 5, used: 2, holders: [{ holder: 'dora', state: 'reserved', change: null }] })
      .ask({ type: 'add', quantity: 1, holders: ['anna'] }, { idempotencyKey: 'k1', reason: 'new hire' })
      .ask({ type: 'add', quantity: 1, holders: ['anna'] })
      .ask({ type: 'add', quantity: 2, reserve: true, holders: ['ben', 'cleo'] })
      .fold()
      .ask({ type: 'set', seats: 9 })
      .answer(ok(6))
      .answer(ok(9))
      .ask({ type: 'transfer', quantity: 1, holders: [{ from: 'dora', to: 'emil' }] })
      .ask({ type: 'assign', quantity: 1, holders: ['fay'] })
      .ask({ type: 'assign', quantity: 1 })
      .ask({ type: 'remove', quantity: 1, holders: ['anna'] })
      .ask({ type: 'remove', quantity: 1 })
      .ask({ type: 'set', seats: 9 })
      .ask({ type: 'set', seats: 2 })
      .ask({ type: 'set', seats: 7, expectedSeats: 3 })
      .ask({ type: 'remove', quantity: 40 })
      .ask({ type: 'remove', quantity: 1, holders: ['nobody'] })
      .ask({ type: 'add', quantity: 9, expand: false }),
  'billing follows use': () =>
    new Told({ seats: 3, used: 3, terms: { mode: 'follow', includedSeats: 1, minimumQuantity: 2 } })
      .ask({ type: 'add', quantity: 2 })
      .fold()
      .ask({ type: 'remove', quantity: 3 })
      .ask({ type: 'add', quantity: 1, holders: ['anna'] })
      .answer(ok(4))
      .answer(ok(2)),
  'a card is declined, and what hung on it goes': () =>
    new Told({ seats: 3, used: 3 })
      .ask({ type: 'add', quantity: 2, reserve: true, holders: ['anna', 'ben'] }, { reason: 'invitation' })
      .fold()
      .answer(declined),
  'of several changes a decline takes only those that cost': () =>
    new Told({ seats: 5, used: 1 })
      .ask({ type: 'add', quantity: 6 })
      .ask({ type: 'add', quantity: 1 })
      .ask({ type: 'remove', quantity: 1 })
      .ask({ type: 'set', seats: 4 })
      .fold()
      .answer(declined)
      .answer(ok(4)),
  'of two sets the later one counts': () =>
    new Told({ seats: 5 }).ask({ type: 'set', seats: 9 }).ask({ type: 'set', seats: 7 }).fold().answer(ok(7)),
  'a rollback that could not be written for a while': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .step('Stripe declines, and the commit failed twice', (story) =>
        story.answer(declined, { commitFailures: { count: 2, error: 'connection refused' } }),
      ),
  'in doubt, replayed, and settled': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(noAnswer())
      .wake()
      .pass(second)
      .wake()
      .answer(failure(409, { code: 'idempotency_key_in_use' }))
      .pass(6 * minute)
      .wake()
      .answer(ok(6, { replayed: true }))
      .wake()
      .sees(6)
      .pass(minute)
      .wake()
      .sees(6),
  'in doubt for 23 hours': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(noAnswer('connection'))
      .pass(23 * hour)
      .wake()
      .sees(5)
      .pass(hour)
      .wake()
      .sees(6)
      .answer(ok(5)),
  'its first sender dies, and a later refusal is unclear': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold(false)
      .wake()
      .pass(16 * second)
      .wake()
      .answer(invalid)
      .sees(5)
      .pass(minute)
      .wake()
      .sees(5),
  'errors of the server until the key is spent, three times': () => {
    const story = new Told({ seats: 5 }).ask({ type: 'set', seats: 6 }).fold();
    for (let generation = 1; generation <= 3; generation += 1) {
      story
        .answer(failure(500, { type: 'api_error', replayed: true }))
        .sees(5)
        .pass(minute)
        .wake();
    }
    return story;
  },
  'our key is refused, and then broken': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(badKey)
      .ask({ type: 'set', seats: 7 })
      .fold()
      .answer(noAnswer())
      .pass(second)
      .wake()
      .answer(badKey)
      .pass(minute)
      .wake()
      .answer(failure(400, { type: 'idempotency_error' }))
      .sees(9),
  'Stripe is busy, and its quota is used up': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(busy)
      .pass(second)
      .wake()
      .answer(failure(429, { code: 'rate_limit', rateLimitedReason: 'resource-specific' }))
      .pass(10 * minute)
      .wake()
      .answer(busy),
  'this account has used up its quota': () =>
    new Told({
      seats: 5,
      terms: paidFirst,
      account: {
        quotaUsed: {
          updates: [1_799_990_000_000],
          invoices: Array.from({ length: 18 }, (_, index) => 1_799_914_000_000 + index * minute),
        },
      },
    })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .pass(10 * minute)
      .wake()
      .answer(ok(6)),
  'a payment is open, paid, and shows a moment later': () =>
    new Told({ seats: 5, used: 5, terms: paidFirst })
      .ask({ type: 'add', quantity: 2, holders: ['anna', 'ben'], reserve: true })
      .fold()
      .answer(paymentPending(5))
      .pass(15 * second)
      .wake()
      .step('the invoice is open', invoice('open', 5))
      .pass(11 * minute)
      .wake()
      .step('the invoice is paid', invoice('paid', 5))
      .pass(second)
      .step('and it shows', invoice('paid', 7)),
  'a payment lapses': () =>
    new Told({ seats: 5, terms: paidFirst })
      .ask({ type: 'set', seats: 7 })
      .fold()
      .answer(paymentPending(5))
      .step('the invoice is void', invoice('void', 5)),
  'a payment is taken back, and one is overtaken': () =>
    new Told({ seats: 5, terms: paidFirst })
      .ask({ type: 'set', seats: 7 })
      .fold()
      .answer(paymentPending(5))
      .ask({ type: 'set', seats: 8 })
      .fold()
      .step('Stripe voids it', (story) =>
        story.tell({ type: 'withdrawn', push: story.push.id, attempt: 1, refused: false }),
      )
      .wake()
      .step('the invoice is void', invoice('void', 5))
      .answer(paymentPending(5))
      .step('olga cancels', (story) =>
        story.tell({ type: 'cancel', change: story.push.changes[0] ?? '', actor: 'olga', reason: 'too dear' }),
      )
      .step('Stripe refuses to void it', (story) =>
        story.tell({ type: 'withdrawn', push: story.push.id, attempt: 1, refused: true }),
      )
      .step('the invoice is open', invoice('open', 5))
      .pass(minute)
      .wake()
      .step('the invoice is void', invoice('void', 5)),
  'an owner approves, declines, and is too late': () =>
    new Told({ seats: 5, used: 5, terms: guarded })
      .ask({ type: 'set', seats: 20 }, { idempotencyKey: 'k1', reason: 'growth' })
      .ask({ type: 'add', quantity: 7 })
      .ask({ type: 'set', seats: 30 })
      .step('ops approve the first', (story) =>
        story.tell({
          type: 'approve',
          change: '00000000-0000-4000-8000-000000000001',
          holders: [],
          pushId: story.id(),
          ...ops,
        }),
      )
      .step('ops decline the second', (story) =>
        story.tell({ type: 'decline', change: '00000000-0000-4000-8000-000000000002', ...ops }),
      )
      .answer(ok(20))
      .pass(7 * day)
      .wake(),
  'a decrease waits for the end of the period': () =>
    new Told({ seats: 10, used: 4, terms: dated })
      .ask({ type: 'set', seats: 6 })
      .sees(10)
      .ask({ type: 'set', seats: 6 }, { reason: 'fewer people' })
      .ask({ type: 'set', seats: 7 })
      .ask({ type: 'add', quantity: 1 })
      .until(periodEnd - hour)
      .wake()
      .sees(10)
      .answer(ok(7)),
  'its period is renewed first': () =>
    new Told({ seats: 10, used: 4, terms: dated })
      .sees(10)
      .ask({ type: 'set', seats: 6 })
      .until(periodEnd + minute)
      .wake()
      .sees(10, {
        item: {
          id: 'si_1',
          price: 'price_1',
          quantity: 10,
          currentPeriodStart: periodEnd,
          currentPeriodEnd: periodEnd + 30 * day,
        },
      })
      .answer(ok(6))
      .sees(6),
  'a scheduled decrease moves, is taken back, is overtaken, and ends with the subscription': () =>
    new Told({ seats: 10, used: 4, terms: dated })
      .sees(10)
      .ask({ type: 'set', seats: 6 })
      .sees(10, {
        item: {
          id: 'si_1',
          price: 'price_1',
          quantity: 10,
          currentPeriodStart: 1_799_000_000_000,
          currentPeriodEnd: periodEnd + day,
        },
      })
      .step('olga cancels it', (story) =>
        story.tell({
          type: 'cancel',
          change: '00000000-0000-4000-8000-000000000001',
          actor: 'olga',
          reason: 'a mistake',
        }),
      )
      .ask({ type: 'set', seats: 5 })
      .ask({ type: 'set', seats: 12 })
      .fold()
      .answer(ok(12))
      .ask({ type: 'set', seats: 8 })
      .ask({ type: 'add', quantity: 3 })
      .sees(12, { status: 'canceled' }),
  'changes settle down before they are sent': () =>
    new Told({ seats: 5, terms: { settleMs: 30 * second, maxWaitMs: minute } })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .pass(20 * second)
      .ask({ type: 'set', seats: 7 })
      .pass(20 * second)
      .wake()
      .step('it is flushed', (story) => story.tell({ type: 'flush', pushId: story.id() }))
      .answer(ok(7)),
  'somebody else in the portal, adopted': () =>
    new Told({ seats: 5, used: 4, account: { marks: 1 }, terms: { onForeignChange: { portal: 'adopt' } } }).step(
      'Stripe shows 8, set in the portal',
      told(8, [event({ portalSession: true, quantityBefore: 5, quantityAfter: 8 })]),
    ),
  'somebody else in the dashboard, put back three times': () => {
    const story = new Told({ seats: 5, account: { marks: 1 }, terms: { onForeignChange: { dashboard: 'revert' } } });
    for (let time = 1; time <= 3; time += 1) {
      story.step('Stripe shows 8', told(8, [event({ quantityBefore: 5, quantityAfter: 8 })]));
      if (story.story.account.push !== null) story.answer(ok(5));
      story.pass(hour);
    }
    return story;
  },
  'somebody else, and a person is asked, who says what counts': () =>
    new Told({ seats: 5, used: 5, account: { marks: 1 } })
      .step('Stripe shows 3', told(3, [event({ key: 'another-program', quantityBefore: 5, quantityAfter: 3 })]))
      .ask({ type: 'add', quantity: 1 })
      .ask({ type: 'remove', quantity: 1 })
      .step('ops say Stripe', (story) => story.tell({ type: 'resolve', by: 'stripe', pushId: story.id(), ...ops }))
      .step('Stripe shows 9', told(9, [event({ quantityBefore: 3, quantityAfter: 9 })]))
      .step('ops say the database', (story) =>
        story.tell({ type: 'resolve', by: 'database', pushId: story.id(), ...ops }),
      )
      .answer(ok(3)),
  'a write of ours that comes late is taken back': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(noAnswer())
      .pass(second)
      .wake()
      .answer(invalid)
      .sees(5)
      .pass(minute)
      .wake()
      .sees(5)
      .pass(minute)
      .wake()
      .sees(6)
      .answer(ok(5)),
  'our write has overwritten somebody else`s': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(ok(6))
      .step('its event tells of another quantity before', (story) =>
        told(6, [
          event({
            quantityBefore: 9,
            quantityAfter: 6,
            push: { id: story.ended[0]?.push.id ?? '', fromQuantity: 5, outcome: 'confirmed' },
          }),
        ])(story),
      ),
  'Stripe does not know the subscription, has lost the item, and cannot be read': () =>
    new Told({ seats: 5, account: { marks: 1 } })
      .step('it cannot be read', (story) => story.look({ kind: 'failed', message: 'timeout' }))
      .step('it is gone', (story) => story.look({ kind: 'gone', requestId: 'req_gone' }))
      .sees(null)
      .sees(5),
  'the subscription ends with something open': () =>
    new Told({ seats: 5, used: 3 })
      .ask({ type: 'add', quantity: 4 })
      .fold()
      .ask({ type: 'set', seats: 8 })
      .answer(noAnswer())
      .pass(day)
      .wake()
      .sees(5, { status: 'canceled' })
      .ask({ type: 'set', seats: 9 })
      .ask({ type: 'add', quantity: 1 })
      .step('another subscription bills from now on', (story) =>
        story.tell({ type: 'relink', link: { customer: 'cus_1', subscription: 'sub_2', item: 'si_2' }, ...ops }),
      ),
  'the account is paused, and its terms change': () =>
    new Told({ seats: 5, used: 2 })
      .step('ops pause', (story) => story.tell({ type: 'pause', actor: 'ops', reason: 'migration' }))
      .ask({ type: 'set', seats: 6 })
      .fold()
      .step('ops change the terms', (story) =>
        story.tell({ type: 'change_terms', terms: { maximumSeats: 9, minimumSeats: 2 }, pushId: story.id(), ...ops }),
      )
      .step('ops resume', (story) => story.tell({ type: 'resume', ...ops }))
      .wake()
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(ok(6))
      .step('ops change what is billed', (story) =>
        story.tell({ type: 'change_terms', terms: { includedSeats: 2 }, pushId: story.id(), ...ops }),
      )
      .answer(ok(4))
      .ask({ type: 'set', seats: 10 })
      .ask({ type: 'set', seats: 1 }),
  'states of a subscription in which not everything can be changed': () =>
    new Told({ seats: 5, used: 2, terms: paidFirst })
      .sees(5, { status: 'past_due' })
      .ask({ type: 'set', seats: 4 })
      .fold()
      .answer(ok(4))
      .sees(4, { status: 'unpaid' })
      .ask({ type: 'set', seats: 9 })
      .sees(4, { status: 'paused' })
      .ask({ type: 'set', seats: 9 })
      .sees(4, { status: 'incomplete' })
      .ask({ type: 'set', seats: 9 })
      .sees(4, { schedule: 'sub_sched_1' })
      .ask({ type: 'set', seats: 9 })
      .sees(4, { pausedCollection: 'void' })
      .ask({ type: 'set', seats: 9 })
      .sees(4),
  'held for nobody knows whom, until the portal is told of, and another time the dashboard': () =>
    new Told({
      seats: 5,
      used: 2,
      account: { marks: 1 },
      terms: { onForeignChange: { portal: 'adopt', dashboard: 'revert' } },
    })
      .step('Stripe shows 8', told(8, []))
      .step(
        'Stripe shows 8, and the portal is told of',
        told(8, [event({ portalSession: true, quantityBefore: 5, quantityAfter: 8 })]),
      )
      .step('Stripe shows 3', told(3, []))
      .step('Stripe shows 3, and nothing else is told', told(3, []))
      .step('Stripe shows 3, and the dashboard is told of', told(3, [event({ quantityBefore: 8, quantityAfter: 3 })]))
      .answer(ok(8)),
  'what cannot be adopted': () =>
    new Told({
      seats: 5,
      used: 4,
      account: { marks: 1 },
      terms: { minimumSeats: 5, maximumSeats: 9, onForeignChange: { portal: 'adopt' } },
    })
      .step('Stripe shows 10', told(10, [event({ portalSession: true, quantityBefore: 5, quantityAfter: 10 })]))
      .step('Stripe shows 4', told(4, [event({ portalSession: true, quantityBefore: 10, quantityAfter: 4 })]))
      .step('Stripe shows 9', told(9, [event({ portalSession: true, quantityBefore: 4, quantityAfter: 9 })]))
      .step('Stripe shows 5', told(5, [event({ portalSession: true, quantityBefore: 9, quantityAfter: 5 })])),
  'late writes that come again and again': () => {
    const story = new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(noAnswer())
      .pass(23 * hour)
      .wake()
      .sees(5);
    for (let time = 1; time <= 5; time += 1) {
      story.pass(minute).sees(6);
      if (story.story.account.push !== null) story.answer(time === 2 ? invalid : ok(5));
    }
    return story
      .step('ops pause', (one) => one.tell({ type: 'pause', actor: 'ops', reason: 'migration' }))
      .sees(6)
      .step('ops say the database', (one) => one.tell({ type: 'resolve', by: 'database', pushId: one.id(), ...ops }))
      .step('ops resume', (one) => one.tell({ type: 'resume', ...ops }))
      .step('ops say the database', (one) => one.tell({ type: 'resolve', by: 'database', pushId: one.id(), ...ops }))
      .answer(ok(5));
  },
  'a late write while writing is paused': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(noAnswer())
      .pass(23 * hour)
      .wake()
      .sees(5)
      .step('ops pause', (story) => story.tell({ type: 'pause', actor: 'ops', reason: 'migration' }))
      .sees(6)
      .step('ops resume', (story) => story.tell({ type: 'resume', ...ops }))
      .sees(6)
      .answer(ok(5)),
  'our key is refused on a retry, and accepted again': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(noAnswer())
      .pass(second)
      .wake()
      .answer(badKey)
      .pass(minute)
      .wake()
      .answer(ok(6, { replayed: true })),
  'an invariant of ours is broken, and then it turns out well': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(failure(400, { type: 'idempotency_error' }))
      .sees(6)
      .ask({ type: 'set', seats: 7 })
      .fold()
      .answer(failure(400, { type: 'idempotency_error' }))
      .sees(6)
      .pass(minute)
      .wake()
      .sees(6),
  'an open push that a person decides about, for Stripe': () =>
    new Told({ seats: 5, used: 5 })
      .step('ops decide, and nothing is held', (story) =>
        story.tell({ type: 'resolve', by: 'stripe', pushId: story.id(), ...ops }),
      )
      .ask({ type: 'add', quantity: 1, holders: ['anna'] })
      .fold()
      .answer(failure(400, { type: 'idempotency_error' }))
      .sees(9)
      .ask({ type: 'set', seats: 12 })
      .step('ops say Stripe', (story) => story.tell({ type: 'resolve', by: 'stripe', pushId: story.id(), ...ops })),
  'an open push that a person decides about, for the database': () =>
    new Told({ seats: 5, used: 5, terms: { includedSeats: 2, minimumQuantity: 2 } })
      .ask({ type: 'add', quantity: 1, holders: ['anna'] })
      .fold()
      .answer(failure(400, { type: 'idempotency_error' }))
      .sees(1)
      .step('ops say Stripe', (story) => story.tell({ type: 'resolve', by: 'stripe', pushId: story.id(), ...ops }))
      .step('ops say the database', (story) =>
        story.tell({ type: 'resolve', by: 'database', pushId: story.id(), ...ops }),
      )
      .answer(ok(4)),
  'the item is gone, and there is nothing to agree with': () =>
    new Told({ seats: 5 })
      .sees(null)
      .step('ops say the database', (story) =>
        story.tell({ type: 'resolve', by: 'database', pushId: story.id(), ...ops }),
      ),
  'a quota that is used up for a day': () =>
    new Told({ seats: 5 })
      .ask({ type: 'set', seats: 6 })
      .fold()
      .answer(failure(429, { code: 'rate_limit', rateLimitedReason: 'resource-specific' }))
      .pass(23 * hour)
      .wake(),
  'told late, and renewed before Stripe could take it': () =>
    new Told({ seats: 10, used: 4, terms: dated })
      .sees(10)
      .ask({ type: 'set', seats: 6 })
      .until(periodEnd - 2 * minute)
      .wake()
      .sees(10)
      .answer(busy)
      .until(periodEnd)
      .ask({ type: 'set', seats: 12 })
      .wake()
      .answer(ok(6))
      .answer(ok(12)),
  'told late, and in doubt over the renewal': () =>
    new Told({ seats: 10, used: 4, terms: dated })
      .sees(10)
      .ask({ type: 'set', seats: 6 })
      .until(periodEnd - 2 * minute)
      .wake()
      .sees(10)
      .answer(noAnswer())
      .until(periodEnd + minute)
      .wake()
      .answer(ok(6))
      .sees(6)
      .pass(hour - 1)
      .sees(6)
      .pass(1)
      .wake()
      .sees(6),
  'fewer seats by then than a scheduled decrease would leave': () =>
    new Told({ seats: 10, used: 4, terms: { ...dated, onForeignChange: { unknown: 'adopt' } } })
      .sees(10)
      .ask({ type: 'set', seats: 6 })
      .sees(6)
      .sees(5)
      .until(periodEnd - hour)
      .wake()
      .sees(5),
  'a scheduled decrease meets a schedule, a subscription that ends, and a period nobody knows': () =>
    new Told({ seats: 10, used: 4, terms: dated })
      .sees(10, { cancelAtPeriodEnd: true })
      .ask({ type: 'set', seats: 6 })
      .sees(10, { cancelAt: periodEnd })
      .ask({ type: 'set', seats: 6 })
      .sees(10, { cancelAt: periodEnd + day })
      .ask({ type: 'set', seats: 6 })
      .until(periodEnd - hour)
      .wake()
      .sees(10, { schedule: 'sub_sched_1' })
      .sees(10, {
        item: { id: 'si_1', price: 'price_1', quantity: 10, currentPeriodStart: null, currentPeriodEnd: null },
      })
      .ask({ type: 'set', seats: 6 }),
  'two scheduled decreases ride behind one another and give way to the later': () =>
    new Told({ seats: 10, used: 4, terms: dated })
      .sees(10)
      .ask({ type: 'set', seats: 8 })
      .until(periodEnd - hour)
      .ask({ type: 'add', quantity: 7 })
      .fold()
      .answer(declined)
      .wake()
      .sees(10)
      .ask({ type: 'set', seats: 7 })
      .answer(ok(8))
      .sees(8),
  'everything that is open when the subscription ends': () =>
    new Told({ seats: 5, used: 2, terms: dated, account: { marks: 1 } })
      .step('a second subscription', (story) =>
        story.tell({ type: 'duplicates', subscriptions: [{ subscription: 'sub_2', quantity: 3 }] }),
      )
      .step('the same', (story) =>
        story.tell({ type: 'duplicates', subscriptions: [{ subscription: 'sub_2', quantity: 3 }] }),
      )
      .step('two of them', (story) =>
        story.tell({
          type: 'duplicates',
          subscriptions: [
            { subscription: 'sub_2', quantity: 3 },
            { subscription: 'sub_3', quantity: 1 },
          ],
        }),
      )
      .step('Stripe shows 8', told(8, []))
      .sees(8, { status: 'canceled' })
      .step('a second subscription', (story) =>
        story.tell({ type: 'duplicates', subscriptions: [{ subscription: 'sub_2', quantity: 3 }] }),
      ),
  'a second subscription goes away': () =>
    new Told({ seats: 5 })
      .step('a second subscription', (story) =>
        story.tell({ type: 'duplicates', subscriptions: [{ subscription: 'sub_2', quantity: 3 }] }),
      )
      .step('none', (story) => story.tell({ type: 'duplicates', subscriptions: [] })),
  'money is bounded': () =>
    new Told({ seats: 5, used: 2, terms: { guard: { seatsPerDay: null, amountPerDay: 1_000 } } })
      .ask({ type: 'set', seats: 6, price: null })
      .ask({ type: 'set', seats: 6, price: { from: 5, target: 6, amount: 600 } })
      .ask({ type: 'set', seats: 7, price: { from: 6, target: 7, amount: 400 } })
      .ask({ type: 'set', seats: 8, price: { from: 7, target: 8, amount: 1 } })
      .fold()
      .answer(declined)
      .ask({ type: 'set', seats: 8, price: { from: 5, target: 8, amount: 1_001 } }),
  'a set that was tried alone, and what nobody paid': () =>
    new Told({ seats: 5, used: 5, terms: paidFirst })
      .ask({ type: 'add', quantity: 1, holders: ['anna'] })
      .ask({ type: 'add', quantity: 2 })
      .ask({ type: 'remove', quantity: 1 })
      .fold()
      .answer(paymentPending(5))
      .step('the invoice is void', invoice('void', 5))
      .wake(),
  'an invoice that can be paid for nothing': () => {
    const story = new Told({ seats: 5, terms: paidFirst })
      .ask({ type: 'set', seats: 7 })
      .fold()
      .answer(paymentPending(5));
    const orphaned = (one: Story) =>
      one.look({
        kind: 'seen',
        observation: observation(5),
        invoice: { id: 'in_1', status: 'open', url: null },
        requestId: 'req_look',
      });
    for (let time = 1; time <= 4; time += 1) story.step('its pending update is gone', orphaned).pass(2 * second);
    return story
      .step('Stripe voids it', (one) =>
        one.tell({ type: 'withdrawn', push: one.account.push?.id ?? 'none', attempt: 1, refused: false }),
      )
      .step('a sleeper says the same', (one) =>
        one.tell({ type: 'withdrawn', push: one.account.push?.id ?? 'none', attempt: 9, refused: true }),
      )
      .step('the invoice is void', invoice('void', 5));
  },
};

function everythingTold(): string {
  return Object.entries(stories)
    .map(([title, tell]) => [`# ${title}`, ...tell().lines].join('\n'))
    .join('\n\n')
    .concat('\n');
}

test('what is written about every step is what was reviewed', () => {
  const text = everythingTold();
  if (process.env.SEATBELT_WRITE_GOLDEN === '1') writeFileSync(golden, text);
  const wanted = readFileSync(golden, 'utf8').split('\n');
  const got = text.split('\n');
  const place = got.findIndex((line, index) => line !== wanted[index]);
  const story = got.slice(0, place + 1).findLast((line) => line.startsWith('# '));
  assert.deepEqual(
    { story, lines: got.slice(Math.max(place - 1, 0), place + 3) },
    { story, lines: wanted.slice(Math.max(place - 1, 0), place + 3) },
    'What is told has changed. Read the difference; where it is meant, write the file again (see the top of this one).',
  );
  assert.equal(got.length, wanted.length);
});
