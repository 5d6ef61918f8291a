/** A worker of the part `exhaustive-search`: searches one world at a time. */
import { parentPort } from 'node:worker_threads';
import { type Found, search } from '../search/search.ts';
import type { Beginning } from '../search/world.ts';

export interface SearchOrder {
  readonly beginning: Beginning;
  readonly worlds: number;
  /** When to stop, in milliseconds since 1970; null: at the end. */
  readonly until: number | null;
}

export type SearchReport =
  | { readonly type: 'progress'; readonly worlds: number; readonly faults: number }
  | { readonly type: 'found'; readonly found: Found };

parentPort?.on('message', ({ beginning, worlds, until }: SearchOrder) => {
  const found = search(beginning, {
    worlds,
    goesOn: (seen, faults) => {
      parentPort?.postMessage({ type: 'progress', worlds: seen, faults } satisfies SearchReport);
      return until === null || Date.now() < until;
    },
  });
  parentPort?.postMessage({ type: 'found', found } satisfies SearchReport);
});
