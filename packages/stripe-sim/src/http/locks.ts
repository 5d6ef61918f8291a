/** Releases what was acquired; calling it twice does nothing. */
export type Release = () => void;

/** One lock per object id, first come first served, with a bounded wait. */
export class Locks {
  readonly #waiting = new Map<string, (() => void)[]>();

  /** True when somebody holds it. */
  held(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** The lock if it is free right now. Requests execute at once, so this is the usual way. */
  tryAcquire(id: string): Release | undefined {
    if (this.#waiting.has(id)) return undefined;
    this.#waiting.set(id, []);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#release(id);
    };
  }

  /** The lock, or undefined when it did not come free in time. */
  async acquire(id: string, waitMs: number): Promise<Release | undefined> {
    const free = this.tryAcquire(id);
    if (free !== undefined) return free;
    const queue = this.#waiting.get(id) ?? [];
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const wake = () => resolve(true);
    queue.push(wake);
    const timer = setTimeout(() => resolve(false), waitMs);
    const came = await promise;
    clearTimeout(timer);
    if (!came) {
      const place = queue.indexOf(wake);
      if (place >= 0) queue.splice(place, 1);
      return undefined;
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#release(id);
    };
  }

  /** The lock goes over to the next in line without being free in between. */
  #release(id: string): void {
    const next = this.#waiting.get(id)?.shift();
    if (next === undefined) this.#waiting.delete(id);
    else next();
  }
}
