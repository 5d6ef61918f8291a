import { failureOf } from './fault-answers.ts';
import type { Strike } from './faults.ts';
import type { FaultKind } from './rules.ts';

/** The first rule of this kind that strikes the request. Call where it takes effect, for it counts from then on. */
export function struck(strikes: Strike[], kind: FaultKind): Strike | undefined {
  const strike = strikes.find((candidate) => candidate.kind === kind);
  if (strike !== undefined) strike.tookEffect = true;
  return strike;
}

/** Waits as long as the rules of this kind hold the request. */
export async function waitOut(strikes: Strike[], kind: FaultKind): Promise<void> {
  for (const strike of strikes) {
    if (strike.kind !== kind) continue;
    strike.tookEffect = true;
    await strike.wait();
  }
}

/** Throws the answer of the first rule of these kinds. */
export function throwIfStruck(strikes: Strike[], key: string | null, ...kinds: FaultKind[]): void {
  for (const strike of strikes) {
    const failure = kinds.includes(strike.kind) ? failureOf(strike.rule, key) : null;
    if (failure === null) continue;
    strike.tookEffect = true;
    throw failure;
  }
}
