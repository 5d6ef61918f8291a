/** Whether the engine is being closed, and waits that end when it is. */
export class Closing {
  readonly #controller = new AbortController();

  get begun(): boolean {
    return this.#controller.signal.aborted;
  }

  begin(): void {
    this.#controller.abort();
  }

  /** Resolves after that many milliseconds, or at once when the engine is being closed. */
  pause(ms: number): Promise<void> {
    const { signal } = this.#controller;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', stop));
  }
}
