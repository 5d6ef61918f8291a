import { typeMatches } from '../events/delivery-rules.ts';
import { invalidRequest, noSuch } from '../http/errors.ts';
import { createdFilter, createdMatches, listFields, listPage } from '../http/list.ts';
import { flag, listOf, text } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { eventJson } from '../shapes/event.ts';
import type { EventRow } from '../state/log-rows.ts';
import { isPast } from '../state/retention.ts';
import { expand } from './common.ts';

export const eventRoutes: Route[] = [
  route({
    method: 'GET',
    pattern: '/v1/events/:id',
    params: { expand },
    run: ({ unit, ids }) => {
      const row = unit.store.events.get(ids.id ?? '');
      if (row === undefined || isPast(unit.world, row)) throw noSuch('event', ids.id ?? '', { path: true });
      return eventJson(row);
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/events',
    params: {
      ...listFields,
      expand,
      created: createdFilter,
      type: text,
      types: listOf(text),
      delivery_success: flag,
    },
    run: ({ unit, params }) => {
      if (params.type !== undefined && params.types !== undefined) {
        throw invalidRequest('You can only specify one of these parameters: type, types.', 'types');
      }
      if ((params.types?.length ?? 0) > 20) throw invalidRequest('You may specify up to 20 event types.', 'types');
      const wanted = params.types ?? (params.type === undefined ? undefined : [params.type]);
      const page = listPage(
        {
          table: unit.store.events,
          params,
          url: '/v1/events',
          kind: 'event',
          matches: (row) =>
            !isPast(unit.world, row) &&
            (wanted === undefined || wanted.some((type) => typeMatches(type, row.type))) &&
            (params.delivery_success === undefined || params.delivery_success === delivered(row)) &&
            createdMatches(params.created, row.created),
        },
        eventJson,
      );
      return `{"object":"list","data":[${page.data.join(',')}],"has_more":${page.has_more},"url":"/v1/events"}`;
    },
  }),
];

function delivered(row: EventRow): boolean {
  return row.pendingWebhooks === 0;
}
