import type { Spoiled } from '../state/log-rows.ts';

const deliveryFaults = [
  'duplicate',
  'twin',
  'drop',
  'delay',
  'fail',
  'wrong_secret',
  'old_timestamp',
  'stale_object',
  'old_api_version',
] as const satisfies (Spoiled | string)[];

/** What can be done to the delivery of an event. */
export type DeliveryFault = (typeof deliveryFaults)[number];

export interface DeliveryRule {
  /**
   * `duplicate` delivers the same event twice, `twin` stores and delivers a second event (new id) for the same change,
   * `drop` never delivers, `delay` waits `delaySeconds` of virtual time, `fail` lets the attempt fail as if the
   * endpoint were down, `stale_object` shows the object as it was before the change.
   */
  kind: DeliveryFault;
  /** Event type; `customer.subscription.*` stands for all under it. */
  type?: string;
  /** The id of the object the event is about. */
  about?: string;
  /** How many events it strikes; default 1, null for all. */
  times?: number | null;
  delaySeconds?: number;
}

/** The rules that are armed, in the order they were added. */
export class DeliveryRules {
  #rules: { rule: DeliveryRule; left: number }[] = [];

  /** Throws a `RangeError` for a kind that does not exist. */
  add(rule: DeliveryRule): void {
    if (!deliveryFaults.includes(rule.kind)) throw new RangeError(`Unknown delivery fault: ${String(rule.kind)}`);
    this.#rules.push({ rule, left: rule.times === null ? Number.POSITIVE_INFINITY : (rule.times ?? 1) });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The rules of these kinds that strike an event; each counts as used. */
  take(kinds: readonly DeliveryFault[], event: { type: string; about: string }): DeliveryRule[] {
    const struck: DeliveryRule[] = [];
    for (const armed of this.#rules) {
      if (armed.left <= 0 || !kinds.includes(armed.rule.kind) || !matches(armed.rule, event)) continue;
      armed.left -= 1;
      struck.push(armed.rule);
    }
    return struck;
  }
}

function matches(rule: DeliveryRule, event: { type: string; about: string }): boolean {
  return (
    (rule.type === undefined || typeMatches(rule.type, event.type)) &&
    (rule.about === undefined || rule.about === event.about)
  );
}

/** `*` is every type, `customer.subscription.*` every type under it. */
export function typeMatches(wanted: string, type: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : wanted === type;
}
