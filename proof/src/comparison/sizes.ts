import type { ComparisonSize } from './run-program.ts';

const shape = { together: 4, atOnce: 24, share: 0.5, processes: 2, waitMs: 2_000 } as const;

/** `slice` is for `npm test`, `gate` for every CI run, `page` for what is published in `docs/comparison.md`. */
export const sizes = {
  slice: { ...shape, organizations: 12, stripeMs: 20, kills: 1, connectionCuts: 2 },
  gate: { ...shape, organizations: 28, stripeMs: 60, kills: 2, connectionCuts: 6 },
  page: { ...shape, organizations: 200, stripeMs: 100, kills: 6, connectionCuts: 16 },
} as const satisfies Record<string, ComparisonSize>;
