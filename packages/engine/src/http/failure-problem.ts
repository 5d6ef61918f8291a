import { SeatRefused } from '../core/refusals.ts';
import { DatabaseError } from '../db/executor.ts';
import {
  CommandDropped,
  DatabaseUnavailable,
  InvalidInput,
  OutcomeUnknown,
  StripeUnavailable,
  UnknownOrganization,
} from '../failures.ts';
import { retryAfter } from './limits.ts';
import { changePath } from './paths.ts';
import { Problem } from './problem.ts';
import { refusalProblem } from './refusal-problem.ts';

/** What the engine was asked for when it failed: after a failed `change` it matters what was written, after a `read` it does not. */
export type Errand = 'read' | 'change';

/**
 * What the caller hears of a failure of the engine. "Stripe was not called" is said only where that is known; an error that
 * nobody foresaw leaves a change's outcome open, and is never dressed up as a 500.
 */
export function failureProblem(error: unknown, errand: Errand): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof SeatRefused) return refusalProblem(error);
  if (error instanceof InvalidInput) {
    return new Problem({
      status: 422,
      code: error.code,
      title: 'The request cannot be taken as it is',
      detail: error.message,
      field: error.field,
    });
  }
  if (error instanceof UnknownOrganization) {
    return new Problem({
      status: 404,
      code: error.code,
      title: 'Unknown organization',
      detail: 'This organization has no seats here yet. Link it to its Stripe subscription first.',
    });
  }
  if (error instanceof CommandDropped) {
    return new Problem({
      status: 503,
      code: error.code,
      title: 'Others were first',
      detail:
        'Other changes of this organization were first, and this one did not come to its turn in time. Nothing was written and Stripe was not called. Try again.',
      headers: { 'retry-after': String(retryAfter.busy) },
      withCounts: true,
    });
  }
  if (error instanceof DatabaseUnavailable && errand === 'change') {
    return new Problem({
      status: 503,
      code: error.code,
      title: 'The database did not take the change',
      detail: 'The database did not take the change. Nothing was written and Stripe was not called. Try again.',
      headers: { 'retry-after': String(retryAfter.database) },
      withCounts: true,
    });
  }
  if (error instanceof StripeUnavailable) {
    return new Problem({
      status: 502,
      code: error.code,
      title: 'Stripe could not be asked',
      detail: 'Stripe could not be asked just now. Nothing was changed. Try again.',
      headers: { 'retry-after': String(retryAfter.stripe) },
    });
  }
  if (error instanceof OutcomeUnknown) return outcomeUnknown(error.change);
  if (errand === 'change') return outcomeUnknown(null);
  if (error instanceof DatabaseError || error instanceof DatabaseUnavailable) {
    return new Problem({
      status: 503,
      code: 'database_unavailable',
      title: 'The database could not be read',
      detail: 'The database could not be read just now. Nothing was changed. Try again.',
      headers: { 'retry-after': String(retryAfter.database) },
    });
  }
  return internalError();
}

/** A bug of ours where nothing was to be written. */
export function internalError(): Problem {
  return new Problem({
    status: 500,
    code: 'internal_error',
    title: 'A bug',
    detail: 'This could not be answered, and the reason is in the log. Nothing was changed.',
  });
}

function outcomeUnknown(change: string | null): Problem {
  return new Problem({
    status: 503,
    code: 'outcome_unknown',
    title: 'Nobody knows yet',
    detail:
      'Nobody knows yet whether the change was written. Ask again with the same Idempotency-Key to get its outcome; ' +
      'if you sent none, read the seats before you ask again.',
    headers: { 'retry-after': String(retryAfter.openOutcome) },
    withCounts: true,
    ...(change === null ? {} : { changeUrl: changePath(change) }),
  });
}
