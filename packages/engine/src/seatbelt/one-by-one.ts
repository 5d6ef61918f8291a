import { policy } from '../core/policy.ts';
import { CommandDropped } from '../failures.ts';

/** Work of one name, one after the other in this process, in the order in which it came. */
export class OneByOne {
  readonly #last = new Map<string, Promise<void>>();

  /** @throws CommandDropped for work that did not come to its turn while somebody may still wait for it */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    this.#last.set(name, done);
    const began = performance.now();
    try {
      await before;
      if (performance.now() - began > policy.memoryWaitMs) {
        throw new CommandDropped('Too many purchases wait for their price. Nothing was written; try again.');
      }
      return await work();
    } finally {
      finish();
      if (this.#last.get(name) === done) this.#last.delete(name);
    }
  }
}
