/**
 * A small world as one immutable value: the rows of one account, Stripe, what is on the wire, and what each process is in the
 * middle of. Whatever can differ between two worlds is in here; whoever steps from one to the next is in `steps.ts`.
 */
import type {
  Account,
  Answer,
  HolderRow,
  Incident,
  LookResult,
  Observation,
  OpenPush,
  SeatChange,
  SeatRequest,
  State,
  Terms,
} from '../../../packages/engine/src/core/types.ts';
import { observation } from '../observation.ts';

export interface World {
  readonly now: number;
  readonly account: Account;
  readonly waiting: readonly SeatChange[];
  /** Changes that wait for a date. */
  readonly parked: readonly SeatChange[];
  readonly holders: ReadonlyMap<string, HolderRow>;
  readonly incidents: readonly Incident[];
  /** Every accepted change by its key, as it was written last. */
  readonly changes: ReadonlyMap<string, SeatChange>;
  /** Bodies of all pushes that were ever committed: what may be sent at all. */
  readonly intents: ReadonlyMap<string, string>;
  readonly lease: { readonly owner: number | null; readonly until: number } | null;
  readonly stripe: Stripe;
  /** Requests whose sender is gone; they arrive or are lost. */
  readonly orphans: readonly Sent[];
  /** Voidings of an invoice whose sender is gone; they arrive or are lost. */
  readonly voids: readonly Voiding[];
  readonly processes: readonly Process[];
  /** Which of the script's requests were made, one bit for each. They are made by any process, at any moment. */
  readonly asked: number;
  readonly left: Budget;
  /** Somebody else has changed Stripe. */
  readonly foreignCame: boolean;
  /** Settled seats, counted again from the changes that were applied. */
  readonly recounted: number;
}

/** What may still go wrong. */
export interface Budget {
  readonly crashes: number;
  /** Requests, replies and readings that get lost under a living process. */
  readonly losses: number;
  /** Answers of Stripe that are trouble. */
  readonly troubles: number;
  /** Processes that sleep over their lease, in the middle of something. */
  readonly sleeps: number;
  readonly foreign: number;
  /** Payments that Stripe does not get at once, so that their invoice stays open. */
  readonly unpaid: number;
  /** How often time may pass while an invoice is open; then it is paid or lapses. */
  readonly waits: number;
  /** Jumps of the database's clock, while no time passes for anybody else. */
  readonly jumps: number;
}

export interface Stripe {
  readonly quantity: number;
  /** The push that wrote last; null: nobody yet, `foreign`: somebody else. */
  readonly lastWriter: string | null;
  /** What was asked for and is not paid; it is not the quantity yet. */
  readonly pending: { readonly push: string; readonly to: number; readonly invoice: string } | null;
  readonly invoices: ReadonlyMap<string, 'open' | 'paid' | 'void'>;
  /** The first paid period that is seen, and how long each lasts; null: nobody reads when one ends. */
  readonly period: { readonly start: number; readonly lengthMs: number } | null;
  readonly keys: ReadonlyMap<string, { readonly body: string; readonly answer: Answer; readonly at: number }>;
}

export interface Sent {
  readonly push: OpenPush;
  readonly at: number;
  /** A late request of a process that slept: nothing bounds when it arrives. */
  readonly late: boolean;
}

/** The wish to void an invoice, on its way to Stripe. */
export interface Voiding {
  readonly push: OpenPush;
  readonly invoice: string;
  readonly at: number;
}

/** What a process is in the middle of. */
export type Process =
  | { readonly is: 'idle' }
  /** About to send, and asleep. */
  | { readonly is: 'sender'; readonly push: OpenPush; readonly asleep: true }
  /** Its request is on the wire. */
  | { readonly is: 'sent'; readonly sent: Sent }
  /** It has heard something and is about to write what follows. */
  | {
      readonly is: 'answered';
      readonly push: OpenPush;
      readonly answer: Answer;
      /** Who had written at Stripe last when the answer was made. */
      readonly lastWriter: string | null;
      readonly asleep: boolean;
    }
  | { readonly is: 'voiding'; readonly voiding: Voiding }
  /** It has heard what became of the voiding, or gave up waiting for it. */
  | { readonly is: 'voided'; readonly push: OpenPush; readonly attempt: number; readonly refused: boolean }
  | { readonly is: 'reader'; readonly version: number; readonly began: Began }
  | {
      readonly is: 'read';
      readonly version: number;
      readonly began: Began;
      readonly look: LookResult;
      readonly lastWriter: string | null;
      readonly asleep: boolean;
    };

export interface Began {
  readonly at: number;
  readonly marks: number;
}

/** A world to begin with: what is asked in it, and what may go wrong. */
export interface Beginning {
  readonly name: string;
  readonly processes: number;
  readonly seats: number;
  readonly assigned: number;
  readonly terms: Partial<Terms>;
  /** Quantities above this are declined, where the terms say that a decline is an error. */
  readonly cardLimit: number;
  /** Answers that are trouble, to choose from. */
  readonly troubles: readonly Trouble[];
  readonly script: readonly Asked[];
  /** Whether the requests come in the order of the script, or in every order there is. */
  readonly order: 'script' | 'any';
  readonly budget: Budget;
  readonly period?: { readonly start: number; readonly lengthMs: number };
}

export type Trouble = 'rate_limited' | 'unauthorized' | 'invalid' | 'error_before' | 'error_stored_undone';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K & keyof T> : never;
export type Asked = Without<SeatRequest, 'changeId' | 'idempotencyKey' | 'actor' | 'reason'>;

export const key = { organization: 'acme', seatType: 'seat' };

export function begin(beginning: Beginning): World {
  const { seats, assigned, period = null } = beginning;
  const terms: Terms = {
    mode: 'prepaid',
    minimumSeats: 1,
    maximumSeats: null,
    includedSeats: 0,
    minimumQuantity: 0,
    increase: { prorationBehavior: 'create_prorations', paymentBehavior: 'error_if_incomplete' },
    decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'now' },
    settleMs: 0,
    maxWaitMs: 0,
    guard: { seatsPerDay: null, amountPerDay: null },
    onForeignChange: {},
    ...beginning.terms,
  };
  return {
    now: 0,
    account: {
      ...key,
      version: 1,
      link: { customer: 'cus_1', subscription: 'sub_1', item: 'si_1' },
      status: 'active',
      hold: null,
      pausedReason: null,
      terms,
      settledSeats: seats,
      seatCount: seats,
      assigned,
      reserved: 0,
      anonymousAssigned: assigned,
      anonymousReserved: 0,
      changeCount: 0,
      push: null,
      tails: [],
      marks: 0,
      marksSeen: 0,
      lookTries: 0,
      nextLookAt: null,
      lookedAt: null,
      observed: period && { ...shown(seats, null, period, 0), at: 0 },
      revertedAt: [],
      reversedAt: [],
      quotaUsed: { updates: [], invoices: [] },
      spent: null,
      dueAt: null,
      audit: { length: 0, head: '' },
    },
    waiting: [],
    parked: [],
    holders: new Map(),
    incidents: [],
    changes: new Map(),
    intents: new Map(),
    lease: null,
    stripe: { quantity: seats, lastWriter: null, pending: null, invoices: new Map(), period, keys: new Map() },
    orphans: [],
    voids: [],
    processes: Array.from({ length: beginning.processes }, () => idle),
    asked: 0,
    left: beginning.budget,
    foreignCame: false,
    recounted: seats,
  };
}

/** What Stripe shows of the subscription at this moment. */
export function shown(
  quantity: number,
  pending: Stripe['pending'],
  period: Stripe['period'],
  now: number,
): Observation {
  const over = period === null ? 0 : Math.max(Math.floor((now - period.start) / period.lengthMs), 0);
  const start = period === null ? null : period.start + over * period.lengthMs;
  const plain = observation(quantity);
  return {
    ...plain,
    item: plain.item && {
      ...plain.item,
      currentPeriodStart: start,
      currentPeriodEnd: period === null || start === null ? null : start + period.lengthMs,
    },
    pendingUpdate: pending && { expiresAt: null, items: [{ id: 'si_1', quantity: pending.to, price: null }] },
  };
}

export const idle: Process = { is: 'idle' };

/** What `load` would bring now. */
export function stateOf(world: World): State {
  return {
    account: world.account,
    waiting: world.waiting,
    parked: world.parked,
    keys: world.changes,
    holders: world.holders,
    incidents: world.incidents,
    installationPaused: null,
    pauseRead: false,
    now: world.now,
  };
}
