import type { Decision, SeatChange, State } from '../core/types.ts';

/** A change as it stands, and the state of its account that goes with it. */
export type Outcome = { readonly change: SeatChange; readonly state: State };

/** Who in this process waits for the end of which change. What this process commits is known here without asking. */
export class Outcomes {
  readonly #waitingFor = new Map<string, Set<(ended: Outcome | null) => void>>();

  /** Resolves with the end of the change when this process commits it, or with null after that many milliseconds. */
  ended(change: string, ms: number): Promise<Outcome | null> {
    const { promise, resolve } = Promise.withResolvers<Outcome | null>();
    const wakers = this.#waitingFor.get(change) ?? new Set();
    const done = (ended: Outcome | null) => {
      clearTimeout(timer);
      wakers.delete(done);
      if (wakers.size === 0) this.#waitingFor.delete(change);
      resolve(ended);
    };
    const timer = setTimeout(done, ms, null);
    wakers.add(done);
    this.#waitingFor.set(change, wakers);
    return promise;
  }

  committed({ records, state }: Decision): void {
    for (const change of records.changes) {
      if (change.endedAt === null) continue;
      for (const wake of this.#waitingFor.get(change.id) ?? []) wake({ change, state });
    }
  }
}
