import type { RefusalCode, SeatRefused } from '../core/refusals.ts';
import { StaleQuote } from '../quotes.ts';
import { retryAfter } from './limits.ts';
import { Problem } from './problem.ts';

interface RefusalAnswer {
  readonly status: 404 | 409 | 422;
  readonly title: string;
  readonly retryAfter?: number;
}

/**
 * Every refusal and its status. 409: the request does not fit the present state; the same request may fit later.
 * 422: the request itself has to change. A code without a line here does not compile.
 */
const answers: Readonly<Record<RefusalCode, RefusalAnswer>> = {
  below_used: { status: 409, title: 'Fewer seats than are in use' },
  below_minimum: { status: 422, title: 'Fewer seats than the contract has' },
  above_maximum: { status: 422, title: 'More seats than are allowed' },
  no_subscription: { status: 409, title: 'No subscription' },
  subscription_not_changeable: { status: 409, title: 'The subscription cannot be changed' },
  subscription_incomplete: { status: 409, title: 'The first invoice is not paid' },
  subscription_paused: { status: 409, title: 'The subscription is paused' },
  subscription_ending: { status: 409, title: 'The subscription ends with this period' },
  collection_paused: { status: 409, title: 'Collecting payments is paused' },
  payment_overdue: { status: 409, title: 'An invoice is overdue' },
  managed_by_schedule: { status: 409, title: 'A schedule manages the subscription' },
  unknown_change: { status: 404, title: 'Unknown change' },
  not_cancellable: { status: 409, title: 'It cannot be taken back any more' },
  price_needed: { status: 409, title: 'The price is not known' },
  terms_contradict: { status: 422, title: 'These terms contradict themselves' },
  not_awaiting_approval: { status: 409, title: 'It does not wait for an approval' },
  too_many_pending: { status: 409, title: 'Too many changes are waiting', retryAfter: retryAfter.queue },
  idempotency_key_reused: { status: 422, title: 'Idempotency key used for another request' },
  seats_changed: { status: 409, title: 'The number of seats has changed' },
  quote_stale: { status: 409, title: 'The price is not valid any more' },
  drift_unresolved: { status: 409, title: 'Stripe and the database differ' },
  not_in_use: { status: 409, title: 'Not that many seats are in use' },
  unknown_holder: { status: 422, title: 'Nobody of that name holds a seat' },
  holder_exists: { status: 409, title: 'Holds a seat already' },
  no_seat_available: { status: 409, title: 'No seat is available' },
  over_capacity: { status: 409, title: 'More seats are in use than are confirmed' },
  follows_use: { status: 409, title: 'Billing follows use' },
  paused: { status: 409, title: 'Changes are paused' },
  nothing_to_resolve: { status: 409, title: 'Nothing to resolve' },
  numbers_moved: { status: 409, title: 'The numbers have moved' },
};

/** A request that was turned down before anything was written. */
export function refusalProblem(refused: SeatRefused): Problem {
  const { status, title, retryAfter: seconds } = answers[refused.code];
  return new Problem({
    status,
    title,
    code: refused.code,
    detail: refused.message,
    withCounts: true,
    ...(refused instanceof StaleQuote && refused.fresh !== null ? { quote: refused.fresh } : {}),
    ...(seconds === undefined ? {} : { headers: { 'retry-after': String(seconds) } }),
  });
}
