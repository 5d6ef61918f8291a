import { failureOf } from './fault-answers.ts';
import type { Strike } from './faults.ts';
import type { FaultKind } from './rules.ts';

/** Whether a rule of this kind strikes the request at hand. */
export function struck(strikes: Strike[], kind: FaultKind): boolean {
  return strikes.some((strike) => strike.kind === kind);
}

/** Waits as long as the rules of this kind hold the request. */
export async function waitOut(strikes: Strike[], kind: FaultKind): Promise<void> {
  for (const strike of strikes) if (strike.kind === kind) await strike.wait();
}

/** Throws the answer of the first rule of these kinds. */
export function throwIfStruck(strikes: Strike[], key: string | null, ...kinds: FaultKind[]): void {
  for (const strike of strikes) {
    const failure = kinds.includes(strike.kind) ? failureOf(strike.rule, key) : null;
    if (failure !== null) throw failure;
  }
}
