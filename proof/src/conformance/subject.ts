/** A store under test, with what a test has to do behind its back: create accounts, pass time, see every row. */
import type {
  Account,
  EndedPush,
  HolderRow,
  HostEvent,
  Incident,
  OpenPush,
  SeatChange,
} from '../../../packages/engine/src/core/types.ts';
import type { ChainedEntry } from '../../../packages/engine/src/store/audit-chain.ts';
import type { StoredHostEvent } from '../../../packages/engine/src/store/host-events.ts';
import type { ReceivedEvent } from '../../../packages/engine/src/store/marks.ts';
import type { QuoteRow } from '../../../packages/engine/src/store/quotes.ts';
import type { AccountKey, Store } from '../../../packages/engine/src/store/store.ts';
import type { Turns, takeTurns } from '../../../packages/engine/src/store/stripe-rate.ts';

export interface Subject {
  /** `in memory`, `PostgreSQL 18`. */
  readonly name: string;
  readonly store: Store;
  /** The database's time, which only `pass` moves. */
  now(): number;
  pass(ms: number): Promise<void>;
  create(account: Account, holders?: readonly HolderRow[]): Promise<void>;
  mark(key: AccountKey): Promise<void>;
  /** A webhook arrived: remembered, and the accounts of its subscription marked. */
  receive(event: ReceivedEvent): Promise<{ accounts: number; seenBefore: boolean }>;
  pauseInstallation(reason: string | null): Promise<void>;
  takeHostEvents(types: readonly string[] | null, limit: number, retryAfterMs: number): Promise<StoredHostEvent[]>;
  delivered(ids: readonly string[]): Promise<void>;
  storeQuote(key: AccountKey, quote: QuoteRow): Promise<void>;
  readQuote(key: AccountKey, id: string): Promise<QuoteRow | null>;
  unalerted(limit: number): Promise<{ key: AccountKey; incident: Incident }[]>;
  alerted(ids: readonly string[]): Promise<void>;
  /** Turns at Stripe, of all processes. */
  takeTurns(wanted: Parameters<typeof takeTurns>[1]): Promise<Turns>;
  slowDown(by: number, least: number, recoversPerSecond: number): Promise<void>;
  /** What the views say, which the host's own queries join. */
  views(organization: string): Promise<{ seats: Record<string, unknown> | null; holders: Record<string, unknown>[] }>;
  /** Every row of one account, in the engine's words. */
  everything(key: AccountKey): Promise<Everything>;
  /** As on the first day, for the next case. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

export interface Everything {
  readonly account: Account;
  readonly lease: { readonly owner: string; readonly until: number } | null;
  /** By number. */
  readonly changes: readonly SeatChange[];
  /** By name. */
  readonly holders: readonly HolderRow[];
  /** By id. */
  readonly pushes: readonly PushRow[];
  /** By id, the closed ones among them. */
  readonly incidents: readonly Incident[];
  readonly audit: readonly ChainedEntry[];
  /** In the order of their writing. */
  readonly events: readonly HostEvent[];
}

/** A push as history keeps it: what its request consists of, and how it ended. */
export type PushRow = Pick<
  OpenPush,
  'id' | 'origin' | 'generation' | 'request' | 'from' | 'target' | 'changes' | 'intendedAt'
> & {
  readonly subscription: string;
  readonly end: Omit<EndedPush, 'push'> | null;
};

export function byText<T>(of: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0);
}
