import type { ListResult } from './adapter.ts';
import { type Exchange, isObject } from './exchange.ts';
import { describe, readError } from './read-answer.ts';

/** A page of one of Stripe's lists. One object that cannot be read fails the page: what is skipped silently is never found. */
export function readList<T>(exchange: Exchange, read: (body: unknown) => T | null): ListResult<T> {
  if (exchange.kind === 'no_answer') return { kind: 'failed', message: exchange.message };
  const { status, body } = exchange;
  if (status === 200 && isObject(body) && body.object === 'list' && Array.isArray(body.data)) {
    const data: T[] = [];
    for (const object of body.data) {
      const known = read(object);
      if (known === null) return { kind: 'failed', message: 'Stripe listed something that is not what was asked for.' };
      data.push(known);
    }
    return { kind: 'listed', data, hasMore: body.has_more === true };
  }
  const error = readError(body);
  const message = describe(status, error);
  // A cursor that Stripe does not know is told as a bad parameter, not as a missing page.
  if ((status === 400 || status === 404) && error?.code === 'resource_missing')
    return { kind: 'unknown_position', message };
  return { kind: 'failed', message };
}
