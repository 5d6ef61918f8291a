import { createStripeSim, type StripeSim, type StripeSimOptions } from './sim.ts';

/**
 * A simulator for somebody's test suite, with the verbs that tests are written in. It needs no port and no runner, so
 * it is the same under Vitest, Jest and Node's own.
 *
 * ```ts
 * const { stripe, clock, events } = createStripeKit();
 * const sdk = new Stripe('sk_test_x', { httpClient: Stripe.createFetchHttpClient(stripe.fetch) });
 * stripe.loseNextAnswer();
 * ```
 */
export interface StripeKit {
  readonly sim: StripeSim;
  readonly stripe: {
    /** For `Stripe.createFetchHttpClient`. */
    readonly fetch: typeof fetch;
    /** The next POST is done and kept, and its answer is lost. Gives the fault's id. */
    loseNextAnswer(): string;
    /** The next POST is lost before Stripe sees it. */
    loseNextRequest(): string;
    /** The next POST gets a 402, and nothing changes. */
    declineNext(declineCode?: string): string;
    /** Stripe is away, or back. */
    outage(on: boolean): void;
  };
  readonly clock: StripeSim['clock'];
  readonly events: StripeSim['events'];
  readonly admin: StripeSim['admin'];
  readonly faults: StripeSim['faults'];
  truth: StripeSim['truth'];
  waitFor: StripeSim['waitFor'];
  close(): Promise<void>;
}

/** A fresh account for each test costs about a millisecond. */
export function createStripeKit(options: StripeSimOptions = {}): StripeKit {
  const sim = createStripeSim(options);
  const { faults, clock, events, admin } = sim;
  return {
    sim,
    stripe: {
      fetch: (input, init) => sim.fetch(new Request(input, init)),
      loseNextAnswer: () => faults.loseNextAnswer(),
      loseNextRequest: () => faults.loseNextRequest(),
      declineNext: (declineCode) => faults.declineNext(declineCode),
      outage: (on) => faults.outage(on),
    },
    clock,
    events,
    admin,
    faults,
    truth: () => sim.truth(),
    waitFor: (predicate, waiting) => sim.waitFor(predicate, waiting),
    close: () => sim.close(),
  };
}
