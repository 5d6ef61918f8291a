/** The part of a `postgres` client or transaction that is used here, so that the package need not be installed. */
export interface PostgresJsTransaction {
  unsafe(text: string, values?: never[], options?: { prepare?: boolean }): PromiseLike<unknown>;
}

export interface PostgresJsSql extends PostgresJsTransaction {
  /** Whether statements may be prepared under a name. */
  readonly options?: { readonly prepare?: boolean };
  begin(options: string, work: (transaction: PostgresJsTransaction) => Promise<unknown>): Promise<unknown>;
}
