import { policy } from '../core/policy.ts';
import { CommandDropped } from '../failures.ts';

/** That a question got no answer, how long it was waited for, and when that was over. */
interface InVain {
  readonly ms: number;
  readonly at: number;
}

/** Work of one name, one after the other in this process, in the order in which it came. */
export class OneByOne {
  readonly #last = new Map<string, Promise<InVain | null>>();

  /**
   * @param work hears how long somebody before it waited in vain while it stood in the line (0: nobody did), and says so of
   * itself: who stands behind a question without an answer need not ask it again.
   * @throws CommandDropped for work that did not come to its turn while somebody may still wait for it
   */
  async run<T>(name: string, work: (inVainMs: number, sayInVain: (ms: number) => void) => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const { promise: done, resolve: finish } = Promise.withResolvers<InVain | null>();
    this.#last.set(name, done);
    const began = performance.now();
    let inVain: InVain | null = null;
    try {
      inVain = (await before) ?? null;
      // Whoever came after that was over asks for themselves.
      if (inVain !== null && inVain.at < began) inVain = null;
      if (performance.now() - began > policy.memoryWaitMs) {
        throw new CommandDropped('Too many purchases wait for their price. Nothing was written; try again.');
      }
      return await work(inVain?.ms ?? 0, (ms) => {
        inVain = { ms, at: performance.now() };
      });
    } finally {
      finish(inVain);
      if (this.#last.get(name) === done) this.#last.delete(name);
    }
  }
}
