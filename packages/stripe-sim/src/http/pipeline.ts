import { failureOf, lockTimeout, serverError } from '../faults/fault-answers.ts';
import type { Faults, Strike } from '../faults/faults.ts';
import { struck, throwIfStruck, waitOut } from '../faults/strikes.ts';
import { apiVersion } from '../settings.ts';
import { pruneOld } from '../state/retention.ts';
import type { RequestEntry } from '../truth/request-log.ts';
import { Unit } from '../unit.ts';
import type { WireObject } from '../wire.ts';
import type { World } from '../world.ts';
import type { ApiKeys } from './auth.ts';
import { invalidRequest, StripeFailure, unknownUrl } from './errors.ts';
import type { Outcome, RawRequest } from './exchange.ts';
import { expandAll } from './expand.ts';
import { decodeForm, type FormHash } from './form.ts';
import { fingerprintOf, Keys } from './keys.ts';
import { Locks } from './locks.ts';
import { readFields } from './params.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { RouteCall } from './route.ts';
import type { Match, Router } from './router.ts';

/** Old keys, events and deliveries are cleared away this often. */
const requestsBetweenPrunings = 500;

/** A finished answer before the transport faults. */
interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** One request on its way through the layers. */
interface Passage {
  raw: RawRequest;
  path: string;
  query: string;
  key: string | null;
  /** Of its parameters; empty without a key. */
  fingerprint: string;
  match: Match | undefined;
  entry: RequestEntry;
  strikes: Strike[];
  /** Set once the route runs: from then on answers name their key, also those that are not stored (recorded). */
  begun: boolean;
}

/**
 * The layers of a request, in Stripe's order: connection faults, authentication, rate limiter, idempotency,
 * validation, lock, execution, storing the answer, and the faults that lose it.
 */
export class Pipeline {
  readonly #world: World;
  readonly #router: Router;
  readonly #faults: Faults;
  readonly #apiKeys: ApiKeys;
  readonly #keys: Keys;
  readonly #limiter: RateLimiter;
  readonly locks = new Locks();
  #stopped = false;

  constructor(parts: { world: World; router: Router; faults: Faults; apiKeys: ApiKeys }) {
    this.#world = parts.world;
    this.#router = parts.router;
    this.#faults = parts.faults;
    this.#apiKeys = parts.apiKeys;
    this.#keys = new Keys(parts.world);
    this.#limiter = new RateLimiter(parts.world.settings);
  }

  /** From now on nothing more is executed; call before faults are cleared on closing. */
  stop(): void {
    this.#stopped = true;
  }

  async handle(raw: RawRequest): Promise<Outcome> {
    const passage = this.#arrive(raw);
    const { strikes, entry } = passage;
    if (strikes.length > 0) {
      await waitOut(strikes, 'delay_before');
      await waitOut(strikes, 'hang');
      // Let go because the simulator closes: nothing that was held may be done now.
      if (this.#stopped || struck(strikes, 'drop_before')) return this.#finish(passage, { kind: 'drop' });
    }
    const answer = await this.#answer(passage);
    entry.phase = 'executed';
    this.#world.requests.changed(entry);
    if (strikes.length > 0) {
      await waitOut(strikes, 'delay_after');
      if (struck(strikes, 'drop_after')) return this.#finish(passage, { kind: 'drop' });
      if (struck(strikes, 'cut_body_after')) {
        return this.#finish(passage, { kind: 'cut', ...answer, sentBytes: Math.floor(answer.body.length / 2) });
      }
    }
    return this.#finish(passage, { kind: 'answer', ...answer });
  }

  #arrive(raw: RawRequest): Passage {
    const mark = raw.target.indexOf('?');
    const path = mark < 0 ? raw.target : raw.target.slice(0, mark);
    const query = mark < 0 ? '' : raw.target.slice(mark + 1);
    const match = this.#router.find(raw.method, path);
    // Keys have an effect on POST only; on GET and DELETE Stripe ignores them.
    const key = raw.method === 'POST' ? (raw.headers['idempotency-key'] ?? null) : null;
    const route = match === undefined ? null : `${match.route.method} ${match.route.pattern}`;
    const strikes = this.#faults.strike({ method: raw.method, route, path, key, text: `${raw.target} ${raw.body}` });
    const entry = this.#world.requests.arrived({
      at: this.#world.clock.now(),
      method: raw.method,
      path,
      route,
      key,
      replayed: false,
      executed: false,
      status: null,
      fault: namesOf(strikes),
      requestId: this.#world.ids.next('req'),
      params: {},
    });
    return { raw, path, query, key, fingerprint: '', match, entry, strikes, begun: false };
  }

  #finish({ entry, strikes }: Passage, outcome: Outcome): Outcome {
    if (strikes.length > 0) {
      this.#faults.settle(strikes);
      entry.fault = namesOf(strikes.filter(({ tookEffect }) => tookEffect));
    }
    entry.status = outcome.kind === 'drop' ? null : outcome.status;
    entry.phase = 'finished';
    this.#world.requests.changed(entry);
    if (entry.seq % requestsBetweenPrunings === 0) pruneOld(this.#world);
    return outcome;
  }

  async #answer(passage: Passage): Promise<Answer> {
    try {
      const immediate = this.#beforeExecution(passage);
      return immediate ?? (await this.#executeOnce(passage));
    } catch (failure) {
      return this.#failed(passage, failure);
    }
  }

  /** Everything that can end the request before its work begins; nothing of it is stored. */
  #beforeExecution(passage: Passage): Answer | null {
    const { raw, strikes, key } = passage;
    throwIfStruck(strikes, key, 'error_500_before', 'unauthorized_401', 'forbidden_403');
    this.#apiKeys.check(raw.headers.authorization);
    throwIfStruck(strikes, key, 'rate_limit_429');
    this.#limiter.admit();
    throwIfStruck(strikes, key, 'conflict_409');
    if (key === null || key === '') return null;
    requireReadable(passage);
    passage.fingerprint = fingerprintOf(valuesOf(passage));
    const found = this.#keys.look(key, raw.method, passage.path, passage.fingerprint);
    if (found.kind === 'fresh') return null;
    passage.entry.replayed = true;
    const { answer } = found;
    return {
      status: answer.status,
      headers: {
        ...this.#headers(passage),
        'Idempotency-Key': key,
        'Original-Request': answer.requestId,
        'Idempotent-Replayed': 'true',
        'Stripe-Should-Retry': 'false',
      },
      body: answer.body,
    };
  }

  async #executeOnce(passage: Passage): Promise<Answer> {
    const { key } = passage;
    if (key === null || key === '') return this.#underLock(passage);
    this.#keys.begin(key);
    try {
      return await this.#underLock(passage);
    } finally {
      this.#keys.end(key);
    }
  }

  async #underLock(passage: Passage): Promise<Answer> {
    const { strikes, key } = passage;
    const { match, params } = this.#validate(passage);
    throwIfStruck(strikes, key, 'invalid_request_400', 'not_found_404', 'lock_timeout_429');
    const cause = { requestId: passage.entry.requestId, key, by: 'api' as const };
    const call: RouteCall = { unit: new Unit(this.#world, cause), ids: match.ids, params };
    const lockId = match.route.lock(call);
    const release = lockId === null ? () => {} : await this.#acquire(lockId);
    try {
      if (strikes.length > 0) await waitOut(strikes, 'delay_execution');
      if (this.#stopped) throw serverError();
      return this.#execute(passage, match, params);
    } finally {
      release();
    }
  }

  async #acquire(lockId: string): Promise<() => void> {
    const free = this.locks.tryAcquire(lockId);
    const release = free ?? (await this.locks.acquire(lockId, this.#world.settings.lockWaitMs));
    if (release === undefined) throw lockTimeout();
    return release;
  }

  #validate({ raw, path, query, match, entry }: Passage): { match: Match; params: RouteCall['params'] } {
    if (raw.headers['stripe-account'] !== undefined) {
      throw invalidRequest('stripe-sim has one account; the Stripe-Account header is not simulated.');
    }
    requireReadable({ raw, path, match });
    if (match === undefined) throw unknownUrl(raw.method, path);
    const values = valuesOf({ raw, query });
    entry.params = values;
    return { match, params: readFields(match.route.params, values) };
  }

  /** The transaction: run the route, keep its changes, events and answer together, or none of them. */
  #execute(passage: Passage, match: Match, params: RouteCall['params']): Answer {
    const { store } = this.#world;
    const { entry, key, strikes } = passage;
    const unit = new Unit(this.#world, { requestId: entry.requestId, key, by: 'api' });
    passage.begun = true;
    try {
      return store.transaction(
        () => {
          throwIfStruck(strikes, key, 'card_decline_402', 'requires_action_402');
          const result = runRoute(unit, match, params);
          unit.flush();
          const lost = struck(strikes, 'error_500_after');
          const failure = lost === undefined ? null : failureOf(lost.rule, key);
          entry.executed = true;
          if (failure !== null) return this.#keep(passage, this.#errorAnswer(passage, failure));
          return this.#keep(passage, { status: 200, headers: this.#headers(passage), body: result });
        },
        (failure) => failure instanceof StripeFailure && failure.keepsChanges,
      );
    } catch (failure) {
      if (!(failure instanceof StripeFailure) || !failure.stored) throw failure;
      entry.executed = failure.keepsChanges;
      return store.transaction(() => this.#keep(passage, this.#errorAnswer(passage, failure)));
    }
  }

  /** Stores the answer under its key and adds the headers that every executed POST has. */
  #keep(passage: Passage, answer: Answer): Answer {
    const { key, raw, entry } = passage;
    if (raw.method !== 'POST') return answer;
    const headers = { 'Stripe-Should-Retry': 'false', ...answer.headers };
    if (key !== null && key !== '') {
      this.#world.store.answers.put({
        id: key,
        method: raw.method,
        path: passage.path,
        fingerprint: passage.fingerprint,
        status: answer.status,
        body: answer.body,
        requestId: entry.requestId,
        at: this.#world.clock.now(),
      });
    }
    return { ...answer, headers };
  }

  #failed(passage: Passage, failure: unknown): Answer {
    if (failure instanceof StripeFailure) return this.#errorAnswer(passage, failure);
    const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    this.#world.log(`stripe-sim bug in ${passage.raw.method} ${passage.path}: ${text}`);
    return this.#errorAnswer(passage, serverError());
  }

  #errorAnswer(passage: Passage, failure: StripeFailure): Answer {
    const { requestId } = passage.entry;
    // A request that was not authenticated is in nobody's log (recorded).
    const log =
      failure.status === 401 ? {} : { request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}` };
    const error = { ...failure.error, ...log };
    return {
      status: failure.status,
      headers: { ...this.#headers(passage), ...failure.headers },
      body: JSON.stringify({ error }),
    };
  }

  #headers({ raw, entry, begun }: Passage): Record<string, string> {
    const headers: Record<string, string> = {
      'Content-Type': 'application/json',
      'Request-Id': entry.requestId,
      'Stripe-Version': raw.headers['stripe-version'] ?? apiVersion,
    };
    // On DELETE a key has no effect, but is echoed all the same (recorded).
    const key = raw.method === 'GET' ? undefined : raw.headers['idempotency-key'];
    if (begun && key !== undefined && key !== '') headers['Idempotency-Key'] = key;
    if (begun && raw.method === 'POST') headers['Original-Request'] = entry.requestId;
    return headers;
  }
}

/** Parameters are read only of what can have some, so that a key changes no error. */
function requireReadable({ raw, path, match }: Pick<Passage, 'raw' | 'path' | 'match'>): void {
  if (match === undefined) throw unknownUrl(raw.method, path);
  const type = raw.headers['content-type'];
  if (raw.body === '' || type === undefined || type.startsWith('application/x-www-form-urlencoded')) return;
  throw invalidRequest(
    `Invalid request: the content type ${type.slice(0, 100)} cannot be used with API v1; send application/x-www-form-urlencoded.`,
  );
}

/** The parameters as they were sent. Throws a Stripe-shaped 400 for what cannot be decoded. */
function valuesOf({ raw, query }: { raw: RawRequest; query: string }): FormHash {
  return decodeForm(raw.body === '' ? query : query === '' ? raw.body : `${query}&${raw.body}`);
}

function namesOf(strikes: Strike[]): string | null {
  return strikes.length === 0 ? null : strikes.map(({ kind }) => kind).join('+');
}

function runRoute(unit: Unit, match: Match, params: RouteCall['params']): string {
  try {
    const result = match.route.run({ unit, ids: match.ids, params });
    if (typeof result === 'string') return result;
    const paths = (params as { expand?: string[] }).expand;
    return JSON.stringify(paths === undefined ? result : expandAll(unit.store, result as WireObject, paths));
  } catch (failure) {
    if (failure instanceof StripeFailure && failure.keepsChanges) unit.flush();
    throw failure;
  }
}
