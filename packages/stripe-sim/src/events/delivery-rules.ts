import { checkedFields, type FieldsOf, isCount, isSpan, isText } from '../checked-fields.ts';
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

const ruleFields: FieldsOf<DeliveryRule> = {
  kind: { takes: (value) => deliveryFaults.some((kind) => kind === value), says: 'Unknown delivery fault' },
  type: { takes: isText, says: 'The type of an event is a text' },
  about: { takes: isText, says: 'What an event is about is the text of an id' },
  times: {
    takes: (value) => value === Number.POSITIVE_INFINITY || isCount(value),
    says: 'A rule strikes a whole number of events, at least one, or all (null)',
  },
  delaySeconds: { takes: isSpan, says: 'A delay is a number of seconds and not negative' },
};

/** The rules that are armed, in the order they were added. */
export class DeliveryRules {
  #rules: { rule: DeliveryRule; left: number }[] = [];

  /** Throws a `RangeError` for a kind that does not exist and for a field that is wrong or unknown. */
  add(given: DeliveryRule): void {
    const rule = checkedFields<DeliveryRule>(given, ruleFields, 'A rule for deliveries');
    if (!('kind' in rule)) throw new RangeError('A rule for deliveries needs a kind.');
    this.#rules.push({ rule, left: given.times === null ? Number.POSITIVE_INFINITY : (rule.times ?? 1) });
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
