import { DatabaseError } from './failure.ts';
import type { Connections, Database, Executor } from './types.ts';

/** disk_full and read_only_sql_transaction: such a server reads on, so that asking it something proves nothing. */
const refusals: readonly (string | null)[] = ['53100', '25006'];

/** Who watches may ask once in some minutes, and what nobody has tried again since then is not known any more. */
const rememberedMs = 5 * 60_000;

/**
 * What was refused lately and has not gone through since. By statement, because on a full disk a row that is changed within
 * its page is written, and one that needs a new page is not.
 */
export class RefusedWrites {
  readonly #refusedAt = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  failed(statement: string, error: unknown): void {
    if (error instanceof DatabaseError && refusals.includes(error.failure.code)) {
      this.#refusedAt.set(statement, this.#now());
    }
  }

  succeeded(statement: string): void {
    this.#refusedAt.delete(statement);
  }

  any(): boolean {
    const oldest = this.#now() - rememberedMs;
    return [...this.#refusedAt.values()].some((at) => at >= oldest);
  }
}

/** The same connections, which remember what was refused on them. */
export function rememberingRefusals(connections: Connections): Database {
  const refused = new RefusedWrites();
  const noticing = (executor: Executor, succeeded: (text: string) => void): Executor => ({
    async executeSql(text, values) {
      try {
        const answer = await executor.executeSql(text, values);
        succeeded(text);
        return answer;
      } catch (error) {
        refused.failed(text, error);
        throw error;
      }
    },
  });
  return {
    owned: connections.owned,
    ...noticing(connections, (text) => refused.succeeded(text)),
    async transaction(work, options) {
      const ran = new Set(['commit']);
      try {
        const result = await connections.transaction((tx) => work(noticing(tx, (text) => void ran.add(text))), options);
        for (const text of ran) refused.succeeded(text);
        return result;
      } catch (error) {
        refused.failed('commit', error);
        throw error;
      }
    },
    close: () => connections.close(),
    refusesWrites: () => refused.any(),
  };
}
