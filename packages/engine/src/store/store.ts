import type { Decision, MarkReason, SeatChange, State, StripeLink } from '../core/types.ts';

/** One account: an organization's seats of one type. */
export interface AccountKey {
  readonly organization: string;
  readonly seatType: string;
}

/** What the commands at hand name, so that one load brings it. */
export interface Named {
  readonly keys: readonly string[];
  readonly holders: readonly string[];
}

/** What becomes of the claim on the account. It saves work and is never the safety argument. */
export type LeaseAction =
  | { readonly type: 'keep' }
  | { readonly type: 'take'; readonly owner: string; readonly forMs: number }
  | { readonly type: 'release' };

/**
 * The two verbs of the store, and the claim. Implemented on PostgreSQL here and in memory by the proof;
 * one conformance suite holds both to the same behaviour.
 */
export interface Store {
  /** One consistent picture by one statement, or null for an unknown account. */
  load(key: AccountKey, named: Named): Promise<State | null>;
  /**
   * One statement and one commit, guarded by the version of `before` and by the pause of everything, if `before` knows of
   * none. `conflict`: nothing was written.
   * @throws DatabaseError whose `failure.kind` says whether the commit is known not to have happened.
   */
  commit(before: State, decision: Decision, lease: LeaseAction): Promise<'committed' | 'conflict'>;
  /**
   * The same two verbs inside one transaction with the account's row locked, for an account that keeps losing races.
   * @param linkingTo the work links the account to this; nobody else links anything to that subscription meanwhile
   * @throws InvalidInput where the subscription bills another organization
   */
  locked<T>(
    key: AccountKey,
    work: (store: Pick<Store, 'load' | 'commit'>) => Promise<T>,
    linkingTo?: StripeLink,
  ): Promise<T>;
  /** The present states of some changes. */
  changes(key: AccountKey, ids: readonly string[]): Promise<SeatChange[]>;
  /** What events told that made the marks after `after` up to `upTo`, in order. */
  markReasons(key: AccountKey, after: number, upTo: number): Promise<MarkReason[]>;
  /** Claims accounts that are due and free, by the database's clock. */
  claimDue(owner: string, limit: number, leaseMs: number): Promise<AccountKey[]>;
  /** Claims one account; false when somebody else has it. */
  claim(key: AccountKey, owner: string, leaseMs: number): Promise<boolean>;
  release(key: AccountKey, owner: string): Promise<void>;
}
