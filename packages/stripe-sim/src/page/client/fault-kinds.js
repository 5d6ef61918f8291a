/** Every fault the simulator can be told to make, in words. A test holds this list against the simulator's own. */
export const FAULT_GROUPS = [
  {
    name: 'The connection',
    kinds: {
      drop_before: ['Lose the request', 'The connection closes before anything happens. Stripe never saw it.'],
      drop_after: ['Lose the answer', 'Everything is done and kept, then the connection closes without a byte.'],
      cut_body_after: [
        'Cut the answer short',
        'Everything is done and kept; the connection closes half-way through the answer.',
      ],
      hang: [
        'Hang',
        'The request waits, unprocessed, until you release it. Then it runs, even if the client has gone.',
      ],
      delay_before: ['Delay before', 'The request waits before it is looked at.'],
      delay_execution: [
        'Delay while holding its lock',
        'The request waits while it holds its idempotency key and its lock.',
      ],
      delay_after: ['Delay the answer', 'Everything is done and kept; the answer waits.'],
    },
  },
  {
    name: 'Stripe is unwell',
    kinds: {
      error_500_before: [
        '500, nothing done',
        'Fails before execution. Nothing is stored under the key, so a retry runs.',
      ],
      error_500_after: [
        '500, yet it was done',
        'Everything is done and kept, and the 500 is stored: a replay gives it again.',
      ],
      rate_limit_429: ['429 rate limit', 'Turned away before the idempotency layer; the SDK does not retry it.'],
      lock_timeout_429: ['429 lock timeout', 'Another request holds the object; carries Stripe-Should-Retry: true.'],
      conflict_409: ['409 key in use', 'As if the same idempotency key were still being processed.'],
    },
  },
  {
    name: 'Refusals',
    kinds: {
      card_decline_402: ['402 card declined', 'A decline after execution began, so it is stored under the key.'],
      requires_action_402: ['402 needs authentication', 'The payment needs the customer (3D Secure).'],
      invalid_request_400: ['400 invalid request', 'A parameter refusal; not stored.'],
      not_found_404: ['404 not found', 'As if the object did not exist.'],
      unauthorized_401: ['401 bad API key', 'As if the key had been revoked.'],
      forbidden_403: ['403 not permitted', 'As if a restricted key lacked the permission.'],
    },
  },
];

const LABELS = new Map(
  FAULT_GROUPS.flatMap((group) => Object.entries(group.kinds).map(([kind, [label]]) => [kind, label])),
);

export function faultLabel(kind) {
  return LABELS.get(kind) ?? kind;
}

/** Kinds that hold a request, for a time or until it is released. */
export const HOLDING = new Set(['hang', 'delay_before', 'delay_execution', 'delay_after']);
