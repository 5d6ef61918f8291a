import type { Unit } from '../unit.ts';
import type { WireObject } from '../wire.ts';
import type { Fields, ReadFields } from './params.ts';

export type Method = 'GET' | 'POST' | 'DELETE';

/** What a route's function gets: the unit of work, ids from the path, and the parameters it declared. */
export interface RouteCall<F extends Fields = Fields> {
  unit: Unit;
  ids: Record<string, string>;
  params: ReadFields<F>;
}

/** One endpoint. `run` is synchronous: a request is one transaction that nothing can interleave with. */
export interface Route {
  method: Method;
  /** As in `/v1/subscriptions/:id`. */
  pattern: string;
  params: Fields;
  /** What has to be locked while it runs; an id of the object, or null. */
  lock: (call: RouteCall) => string | null;
  run: (call: RouteCall) => WireObject | string;
}

/** Declares a route with its parameters typed from their shapes. */
export function route<F extends Fields>(definition: {
  method: Method;
  pattern: string;
  params?: F;
  lock?: (call: RouteCall<F>) => string | null;
  run: (call: RouteCall<F>) => WireObject | string;
}): Route {
  return {
    method: definition.method,
    pattern: definition.pattern,
    params: definition.params ?? {},
    lock: (definition.lock ?? (() => null)) as Route['lock'],
    run: definition.run as Route['run'],
  };
}
