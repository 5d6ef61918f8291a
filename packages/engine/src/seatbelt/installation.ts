import type { Alerts } from '../alerts/alerts.ts';
import type { Executor } from '../db/executor.ts';
import { StripeUnavailable } from '../failures.ts';
import { plainText } from '../input.ts';
import { readOrClaimInstallation } from '../store/installation.ts';
import type { Store } from '../store/store.ts';
import type { StripeAdapter } from '../stripe/adapter.ts';
import { readBefore } from './read-before.ts';

interface InstallationContext {
  /** Which installation this process says it is. */
  readonly environment: string;
  readonly stripe: Pick<StripeAdapter, 'identity' | 'identityOfKey'>;
  readonly alerts: Pick<Alerts, 'raise'>;
}

/** Which installation the database belongs to. Where that is another one than this process, nothing is pushed from here. */
export class Installation {
  readonly #context: InstallationContext;
  #claimed: Promise<void> | null = null;
  /** `claim` has succeeded, so nothing is left to ask. */
  #settled = false;
  /** Set when the database belongs to another installation than this process says it is. */
  #foreign: string | null = null;

  constructor(context: InstallationContext) {
    this.#context = context;
  }

  /** Once per process: this database belongs to this installation, or nothing is pushed from here. */
  claim(db: Executor): Promise<void> {
    this.#claimed ??= readBefore(async () => {
      await this.#compare(db, await this.#askedIdentity());
      this.#settled = true;
    }).catch((error: unknown) => {
      this.#claimed = null;
      throw error;
    });
    return this.#claimed;
  }

  /**
   * The same on the connection of a host's transaction. Stripe is not asked while that is open, and what is found there
   * is not kept: the host may roll it back. @throws StripeUnavailable where only Stripe could say what the key is for.
   */
  async claimWithin(db: Executor): Promise<void> {
    if (this.#settled) return;
    const identity = await this.#context.stripe.identityOfKey();
    if (identity === null) {
      throw new StripeUnavailable(
        'This Stripe key does not say whether it is for live money, and Stripe is not asked inside of a transaction. ' +
          'Call `tick()`, or any command without `db`, once before. Nothing was written.',
      );
    }
    await this.#compare(db, identity);
  }

  async #askedIdentity(): Promise<{ livemode: boolean }> {
    return this.#context.stripe.identity().catch((error: unknown) => {
      throw new StripeUnavailable(
        'Stripe could not be asked whether this key is for live money. Nothing was written.',
        { cause: error },
      );
    });
  }

  async #compare(db: Executor, { livemode }: { readonly livemode: boolean }): Promise<void> {
    const { environment, alerts } = this.#context;
    const found = await readOrClaimInstallation(db, plainText('environment', environment), livemode);
    if (found.environment !== environment || found.livemode !== livemode) {
      this.#foreign =
        `this database belongs to the installation "${found.environment}" (${found.livemode ? 'live' : 'test'} money), ` +
        `and this process is "${environment}" (${livemode ? 'live' : 'test'})`;
      // Nobody else would say so: where every process was given another name, none of them heals or watches any more.
      alerts.raise({
        fingerprint: `seatbelt:another_installation:${found.environment}:${found.livemode}:${environment}:${livemode}`,
        level: 'error',
        message: `Seatbelt: nothing is pushed to Stripe and nothing is healed by this process: ${this.#foreign}.`,
        context: { organization: '', push: null, seatCountBefore: 0, seatCountAfter: 0, stripeRequestId: null },
      });
    }
  }

  /** Why nothing is pushed from here; null: the database is this installation's, or `claim` has not been called. */
  get foreign(): string | null {
    return this.#foreign;
  }

  /** A process that is not of this installation claims nothing: what is due stays for one that is. */
  guarded(store: Store): Store {
    const own = () => this.#foreign === null;
    return {
      ...store,
      ...this.guardedVerbs(store),
      locked: (key, work, linkingTo) => store.locked(key, (verbs) => work(this.guardedVerbs(verbs)), linkingTo),
      claim: async (key, owner, leaseMs) => own() && store.claim(key, owner, leaseMs),
      claimDue: async (owner, limit, leaseMs) => (own() ? store.claimDue(owner, limit, leaseMs) : []),
    };
  }

  /** Every state that is decided on says when this installation may not write; nothing that is decided so takes a claim away. */
  guardedVerbs(verbs: Pick<Store, 'load' | 'commit'>): Pick<Store, 'load' | 'commit'> {
    return {
      commit: (before, decision, lease) =>
        verbs.commit(before, decision, this.#foreign === null ? lease : { type: 'keep' }),
      load: async (key, named) => {
        const state = await verbs.load(key, named);
        return state === null || this.#foreign === null ? state : { ...state, installationPaused: this.#foreign };
      },
    };
  }
}
