import type { Difference } from './compare.ts';

/** A difference between the simulator and a recording that is meant to be there, with the reason. */
export interface KnownDifference {
  kind: Difference['kind'];
  /** The address as in `Difference.at`. */
  at: string;
  /** Only in this scenario; everywhere when absent. */
  scenario?: string;
  reason: string;
}

/**
 * Every entry must occur: `conformance.test.ts` fails on an entry that no longer matches anything, so that this list
 * cannot outlive its reasons.
 */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];

export function reasonFor(scenario: string, difference: Difference): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (known) =>
      known.kind === difference.kind &&
      known.at === difference.at &&
      (known.scenario === undefined || known.scenario === scenario),
  );
}
