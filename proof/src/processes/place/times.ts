/**
 * What the product promises about time, written down again: the proof measures against these and takes none of them
 * from the engine.
 */
export const promised = {
  /** How long a claim on an account lasts after the process that holds it has died. */
  leaseMs: 15_000,
  /** How often a worker asks for due accounts. */
  pollMs: 2_000,
} as const;

/** One tick of an account that nobody works on any more: its lease runs out, and the next poll finds it. */
export function tickMs(leaseMs: number = promised.leaseMs): number {
  return leaseMs + promised.pollMs;
}

/** G11: when the faults stop, everything is settled within so many ticks. */
export const ticksToSettle = 3;
