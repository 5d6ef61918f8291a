import type { Route } from '../http/route.ts';
import type { Random } from '../random.ts';
import { checkedRule } from './checked-rule.ts';
import { type FaultKind, type FaultRule, type FaultTarget, matches } from './rules.ts';

/** A rule as it stands: how often it was met, and how often it had its effect. */
export interface FaultState extends FaultRule {
  id: string;
  seen: number;
  struck: number;
  /** Requests that it holds right now. */
  holding: number;
}

interface Armed {
  id: string;
  rule: FaultRule;
  seen: number;
  struck: number;
  waiting: Set<() => void>;
}

/** A rule that strikes the request at hand. */
export interface Strike {
  id: string;
  kind: FaultKind;
  rule: FaultRule;
  /** False while the request has not come to where the fault happens; one refused before never does. */
  tookEffect: boolean;
  /** Resolves when the delay is over or the rule is released or removed. */
  wait(): Promise<void>;
}

/** The faults that are armed. All of them are off until asked for. */
export class Faults {
  readonly #random: Random;
  /** As in `POST /v1/subscriptions/:id`. */
  readonly #routes: ReadonlySet<string>;
  readonly #armed = new Map<string, Armed>();
  #next = 1;

  constructor(random: Random, routes: Route[]) {
    this.#random = random;
    this.#routes = new Set(routes.map(({ method, pattern }) => `${method} ${pattern}`));
  }

  /** Arms a rule and gives its id. Throws a `RangeError` for a rule that could never strike or that has unknown fields. */
  add(given: FaultRule): string {
    const rule = checkedRule(given, this.#routes);
    const id = `fault_${this.#next}`;
    this.#next += 1;
    this.#armed.set(id, { id, rule: { ...rule, times: rule.times ?? 1 }, seen: 0, struck: 0, waiting: new Set() });
    return id;
  }

  /** Disarms a rule; requests it holds go on. */
  remove(id: string): void {
    this.release(id);
    this.#armed.delete(id);
  }

  clear(): void {
    for (const id of [...this.#armed.keys()]) this.remove(id);
  }

  list(): FaultState[] {
    return [...this.#armed.values()].map(({ id, rule, seen, struck, waiting }) => ({
      ...rule,
      times: rule.times === Number.POSITIVE_INFINITY ? null : (rule.times ?? 1),
      id,
      seen,
      struck,
      holding: waiting.size,
    }));
  }

  /** Lets the requests go on that a delay or a hang holds. The rule stays armed for the times it has left. */
  release(id: string): number {
    const armed = this.#armed.get(id);
    if (armed === undefined) return 0;
    const waiting = [...armed.waiting];
    armed.waiting.clear();
    for (const go of waiting) go();
    return waiting.length;
  }

  /** The next POST is done and kept, and its answer is lost. */
  loseNextAnswer(match: FaultRule['match'] = {}): string {
    return this.add({ kind: 'drop_after', match: { method: 'POST', ...match } });
  }

  /** The next POST is lost before Stripe sees it. */
  loseNextRequest(match: FaultRule['match'] = {}): string {
    return this.add({ kind: 'drop_before', match: { method: 'POST', ...match } });
  }

  /** The next POST gets a 402; nothing changes. For a card that is really bad see `admin.breakCard`. */
  declineNext(declineCode = 'generic_decline', match: FaultRule['match'] = {}): string {
    return this.add({ kind: 'card_decline_402', declineCode, match: { method: 'POST', ...match } });
  }

  /** Stripe is away: every connection is dropped until it is switched off again. */
  outage(on: boolean): void {
    for (const { id, rule } of [...this.#armed.values()]) {
      if (rule === this.#outage) this.remove(id);
    }
    this.#outage = null;
    if (!on) return;
    const id = this.add({ kind: 'drop_before', times: Number.POSITIVE_INFINITY });
    this.#outage = this.#armed.get(id)?.rule ?? null;
  }
  #outage: FaultRule | null = null;

  /** All rules that strike this request. Counting happens here, so ask once per request, and `settle` at its end. */
  strike(target: FaultTarget): Strike[] {
    if (this.#armed.size === 0) return [];
    const strikes: Strike[] = [];
    for (const armed of this.#armed.values()) {
      const { rule } = armed;
      if (armed.struck >= (rule.times ?? 1) || !matches(rule.match, target)) continue;
      armed.seen += 1;
      if (rule.match?.nth !== undefined && armed.seen !== rule.match.nth) continue;
      if (rule.probability !== undefined && this.#random.next() >= rule.probability) continue;
      armed.struck += 1;
      strikes.push({ id: armed.id, kind: rule.kind, rule, tookEffect: false, wait: () => hold(armed) });
    }
    return strikes;
  }

  /** At the end of a request: a rule that had no effect on it has that strike left, for another request. */
  settle(strikes: Strike[]): void {
    for (const { id, tookEffect } of strikes) {
      const armed = this.#armed.get(id);
      if (armed !== undefined && !tookEffect) armed.struck -= 1;
    }
  }
}

function hold(armed: Armed): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  armed.waiting.add(resolve);
  const { delayMs } = armed.rule;
  if (delayMs !== undefined && armed.rule.kind !== 'hang') {
    const timer = setTimeout(() => {
      armed.waiting.delete(resolve);
      resolve();
    }, delayMs);
    void promise.then(() => clearTimeout(timer));
  }
  return promise;
}
