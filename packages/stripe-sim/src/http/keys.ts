import { createHash } from 'node:crypto';
import type { AnswerRow } from '../state/log-rows.ts';
import type { World } from '../world.ts';
import { invalidRequest, StripeFailure } from './errors.ts';
import type { FormHash, FormValue } from './form.ts';

/** Keys may have up to 255 characters. */
const longestKey = 255;

export type KeyLookup = { kind: 'fresh' } | { kind: 'stored'; answer: AnswerRow };

/**
 * Stripe's idempotency layer, account-wide. What a key was used for is compared before anything is executed; what is
 * in flight is refused with a 409 and never kept.
 */
export class Keys {
  readonly #world: World;
  readonly #inFlight = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Finds what the key stands for, or throws one of Stripe's refusals. */
  look(key: string, method: string, path: string, fingerprint: string): KeyLookup {
    if (key.length > longestKey) {
      throw invalidRequest(
        `Idempotency keys can have up to ${longestKey} characters; yours has ${key.length}.`,
        'idempotency_key',
      );
    }
    if (this.#inFlight.has(key)) throw keyInUse(key);
    const stored = this.#world.store.answers.get(key);
    if (stored === undefined) return { kind: 'fresh' };
    const age = this.#world.clock.now() - stored.at;
    if (age >= this.#world.settings.keyLifetimeSeconds) {
      this.#world.store.transaction(() => this.#world.store.answers.remove(key));
      return { kind: 'fresh' };
    }
    if (stored.method !== method || stored.path !== path) throw otherEndpoint(key, stored.path, path);
    if (stored.fingerprint !== fingerprint) throw otherParameters(key);
    return { kind: 'stored', answer: stored };
  }

  begin(key: string): void {
    this.#inFlight.add(key);
  }

  end(key: string): void {
    this.#inFlight.delete(key);
  }
}

/**
 * The same parameters are the same request, in whatever order and encoding. Long ones are hashed so that a key does not
 * hold a body in memory.
 */
export function fingerprintOf(parameters: FormHash): string {
  const text = JSON.stringify(sorted(parameters));
  return text.length <= 200 ? text : createHash('sha256').update(text).digest('base64');
}

function sorted(value: FormValue): FormValue {
  if (typeof value === 'string') return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name] ?? '')]));
}

export function keyInUse(key: string): StripeFailure {
  return new StripeFailure(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message:
      'There is currently another in-progress request using this Idempotent Key (that probably means you submitted ' +
      `twice, and the other request is still going through): ${key}. Please try again later.`,
  });
}

function otherParameters(key: string): StripeFailure {
  return new StripeFailure(400, {
    type: 'idempotency_error',
    message:
      'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
      `Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

function otherEndpoint(key: string, first: string, now: string): StripeFailure {
  return new StripeFailure(400, {
    type: 'idempotency_error',
    message:
      `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${now}' vs '${first}'). ` +
      `Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}
