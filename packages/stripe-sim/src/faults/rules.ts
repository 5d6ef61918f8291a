/** Every way in which a request can go wrong on command. */
export const faultKinds = [
  /** The connection closes before anything is processed. */
  'drop_before',
  /** Everything is done and kept, then the connection closes without a byte: the answer is lost. */
  'drop_after',
  /** Everything is done and kept; the connection closes in the middle of the answer's body. */
  'cut_body_after',
  /** The request waits before it is looked at. */
  'delay_before',
  /** The request waits while it holds its idempotency key and its lock, before it executes. */
  'delay_execution',
  /** Everything is done and kept; the answer waits. */
  'delay_after',
  /** The request waits, unprocessed, until released; then it is processed, even if the client has long gone. */
  'hang',
  'error_500_before',
  /** Everything is done and kept, and a 500 is stored under the key. */
  'error_500_after',
  'rate_limit_429',
  'lock_timeout_429',
  'conflict_409',
  'card_decline_402',
  'requires_action_402',
  'invalid_request_400',
  'not_found_404',
  'unauthorized_401',
  'forbidden_403',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface FaultMatch {
  method?: string;
  /** Method and pattern, as in `POST /v1/subscriptions/:id`; the pattern alone matches every method. */
  route?: string;
  /** The exact path without query. */
  path?: string;
  /** The idempotency key. */
  key?: string;
  /** An id that occurs in the path or in a parameter. */
  object?: string;
  /** Only the nth request that matches the rest, counted from 1. */
  nth?: number;
}

export interface FaultRule {
  kind: FaultKind;
  match?: FaultMatch;
  /** How often it strikes; default 1. `Infinity`, or null in JSON, means until removed. */
  times?: number | null;
  /** For the delays, in real milliseconds; default: until released. */
  delayMs?: number;
  /** Whether the answer carries `Stripe-Should-Retry`, and which; default: what Stripe sends for that error. */
  shouldRetryHeader?: boolean;
  declineCode?: string;
  /** The chance that a matching request is hit, from the simulator's seeded dice; default 1. */
  probability?: number;
}

/** What a rule is matched against. */
export interface FaultTarget {
  method: string;
  route: string | null;
  path: string;
  key: string | null;
  /** The whole request text, to find object ids in. */
  text: string;
}

export function matches(match: FaultMatch | undefined, target: FaultTarget): boolean {
  if (match === undefined) return true;
  return (
    (match.method === undefined || match.method === target.method) &&
    (match.route === undefined || match.route === target.route || match.route === target.route?.split(' ')[1]) &&
    (match.path === undefined || match.path === target.path) &&
    (match.key === undefined || match.key === target.key) &&
    (match.object === undefined || target.text.includes(match.object))
  );
}
