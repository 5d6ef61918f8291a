import type { SeatChangeBody } from './contract.ts';
import { retryAfter } from './limits.ts';
import { jsonResponse } from './problem.ts';
import { rolledBackStatus } from './rolled-back-status.ts';

/** The answer to an accepted change: the body says what is known, the status says it once more. */
export function outcomeResponse(body: SeatChangeBody, headers: Readonly<Record<string, string>>): Response {
  switch (body.status) {
    case 'applied':
      return jsonResponse(200, body, headers);
    case 'rolled_back':
      return jsonResponse(rolledBackStatus(body.code ?? null, body.change?.payment ?? false), body, headers);
    case 'awaiting_payment':
    case 'scheduled':
    case 'awaiting_approval':
      // It takes a person or a date to bring the end of these, so asking again soon brings nothing.
      return jsonResponse(202, body, { ...headers, ...whereToFollow(body) });
    case 'requested':
    case 'in_doubt':
    case 'rollback_pending':
      return jsonResponse(202, body, {
        ...headers,
        ...whereToFollow(body),
        'retry-after': String(retryAfter.openOutcome),
      });
    default:
      return unknownStatus(body.status);
  }
}

function whereToFollow(body: SeatChangeBody): Record<string, string> {
  return body.change === undefined ? {} : { location: body.change.url };
}

function unknownStatus(status: never): never {
  throw new Error(`Bug: a change has the status ${JSON.stringify(status)}, which HTTP has no answer for.`);
}
