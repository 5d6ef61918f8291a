import type { Table } from '../state/table.ts';
import type { WireList } from '../wire.ts';
import { invalidRequest } from './errors.ts';
import { either, hash, id, integer, type Read, type ReadFields, type Shape, timestamp } from './params.ts';

/** `created` as a moment or as a range. */
export const createdFilter = either(
  timestamp,
  hash({ gt: timestamp, gte: timestamp, lt: timestamp, lte: timestamp }),
) satisfies Shape<unknown>;

/** Stripe clamps a limit outside 1 to 100 silently instead of refusing it (recorded), so the shape only asks for an integer. */
export const listFields = {
  limit: integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
  starting_after: id,
  ending_before: id,
} as const;

type ListParams = ReadFields<typeof listFields>;

type CreatedRange = Exclude<Read<typeof createdFilter>, number>;

export function createdMatches(filter: number | CreatedRange | undefined, created: number): boolean {
  if (filter === undefined) return true;
  if (typeof filter === 'number') return created === filter;
  return (
    (filter.gt === undefined || created > filter.gt) &&
    (filter.gte === undefined || created >= filter.gte) &&
    (filter.lt === undefined || created < filter.lt) &&
    (filter.lte === undefined || created <= filter.lte)
  );
}

export interface ListSource<Row extends { id: string }> {
  table: Table<Row>;
  params: ListParams;
  url: string;
  /** How the object is called in `No such ...`. */
  kind: string;
  matches?: (row: Row) => boolean;
  /** Ids from an index, oldest first, when a filter allows one; else the whole table is walked. */
  among?: string[] | undefined;
}

/** One page, newest first, by cursor. */
export function listPage<Row extends { id: string }, Out>(
  source: ListSource<Row>,
  toWire: (row: Row) => Out,
): WireList<Out> {
  const { table, params, matches = () => true } = source;
  const { cursor, backwards, limit } = placeIn(params, source.kind, (id) => table.has(id));
  const page: Row[] = [];
  let more = false;
  for (const row of rowsOf(source, cursor, backwards)) {
    if (!matches(row)) continue;
    if (page.length === limit) {
      more = true;
      break;
    }
    page.push(row);
  }
  if (backwards) page.reverse();
  return { object: 'list', data: page.map(toWire), has_more: more, url: source.url };
}

/** One page of a list that is stored whole with its owner, in the order in which it is stored. */
export function arrayPage<Element extends { id: string }>(
  elements: Element[],
  source: { params: ListParams; url: string; kind: string },
): WireList<Element> & { total_count: number } {
  const { cursor, backwards, limit } = placeIn(source.params, source.kind, (id) =>
    elements.some((element) => element.id === id),
  );
  const at = elements.findIndex((element) => element.id === cursor);
  const from = backwards ? Math.max(at - limit, 0) : at + 1;
  const to = backwards ? at : from + limit;
  return {
    object: 'list',
    data: elements.slice(from, to),
    has_more: backwards ? from > 0 : to < elements.length,
    total_count: elements.length,
    url: source.url,
  };
}

function placeIn(
  params: ListParams,
  kind: string,
  has: (id: string) => boolean,
): { cursor: string | undefined; backwards: boolean; limit: number } {
  if (params.starting_after !== undefined && params.ending_before !== undefined) {
    throw invalidRequest('You can only specify one of these parameters: starting_after, ending_before.');
  }
  const backwards = params.ending_before !== undefined;
  const cursor = params.starting_after ?? params.ending_before;
  if (cursor !== undefined && !has(cursor)) {
    const param = backwards ? 'ending_before' : 'starting_after';
    throw invalidRequest(`No such ${kind}: '${cursor}'`, param, 'resource_missing');
  }
  return { cursor, backwards, limit: Math.min(Math.max(params.limit ?? 10, 1), 100) };
}

function* rowsOf<Row extends { id: string }>(
  { table, among }: ListSource<Row>,
  cursor: string | undefined,
  backwards: boolean,
): IterableIterator<Row> {
  if (among === undefined) {
    yield* backwards ? table.oldestFirst(cursor) : table.newestFirst(cursor);
    return;
  }
  const place = cursor === undefined ? null : table.placeOf(cursor);
  const ids = backwards ? among : among.toReversed();
  for (const id of ids) {
    const at = table.placeOf(id);
    if (place !== null && (backwards ? at <= place : at >= place)) continue;
    const row = table.get(id);
    if (row !== undefined) yield row;
  }
}
