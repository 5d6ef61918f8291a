import { type Errand, failureProblem } from './failure-problem.ts';
import { problemResponse } from './problem.ts';

/**
 * A failure of the engine as a problem document (RFC 9457), for routes of the host's own that call the engine: the same
 * status, code and sentence that the seats routes give.
 * @param errand what the engine was asked for: after a failed `change` it matters what was written, after a `read` it does not.
 */
export function failureResponse(error: unknown, errand: Errand): Response {
  return problemResponse(failureProblem(error, errand).facts);
}
