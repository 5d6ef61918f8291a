import { invalidRequest, noSuch } from '../http/errors.ts';
import { listFields, listPage } from '../http/list.ts';
import {
  clearable,
  flag,
  id,
  listOf,
  mergeMetadata,
  metadata,
  notModelled,
  oneOf,
  required,
  type Shape,
  text,
} from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { apiVersion } from '../settings.ts';
import type { WebhookEndpointRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';
import { eventNames } from './event-names.ts';

const enabledEvents = listOf(oneOf(...eventNames));

/** Any address that can be called, those of this machine among them, which Stripe would refuse. */
const url: Shape<string> = {
  read(value, name) {
    const read = id.read(value, name);
    if (/^https?:$/.test(URL.parse(read)?.protocol ?? '')) return read;
    throw invalidRequest('Invalid URL: An explicit scheme (such as https) must be provided.', name, 'url_invalid');
  },
};

export const webhookEndpointRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/webhook_endpoints',
    params: {
      expand,
      url: required(url),
      enabled_events: required(enabledEvents),
      description: clearable(text),
      metadata,
      api_version: text,
      connect: notModelled(['false']),
    },
    run: ({ unit, params }) => {
      const secret = `whsec_${unit.world.ids.characters(32)}`;
      const row = unit.store.webhookEndpoints.put({
        id: unit.newId('we'),
        object: 'webhook_endpoint',
        api_version: params.api_version ?? apiVersion,
        application: null,
        created: unit.now,
        description: params.description ?? null,
        enabled_events: params.enabled_events,
        livemode: false,
        metadata: mergeMetadata({}, params.metadata),
        status: 'enabled',
        url: params.url,
        sim: { secrets: [{ secret, until: null }] },
      });
      // Stripe shows the secret once, when the endpoint is made.
      return { ...shape(row), secret };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/webhook_endpoints/:id',
    params: { expand },
    run: ({ unit, ids }) => shape(find(unit, ids.id ?? '')),
  }),
  route({
    method: 'POST',
    pattern: '/v1/webhook_endpoints/:id',
    params: { expand, url, enabled_events: enabledEvents, description: clearable(text), metadata, disabled: flag },
    run: ({ unit, ids, params }) => {
      const before = find(unit, ids.id ?? '');
      const after = unit.store.webhookEndpoints.put({
        ...before,
        url: params.url ?? before.url,
        enabled_events: params.enabled_events ?? before.enabled_events,
        description: params.description === undefined ? before.description : params.description,
        metadata: mergeMetadata(before.metadata, params.metadata),
        status: params.disabled === undefined ? before.status : params.disabled ? 'disabled' : 'enabled',
      });
      return shape(after);
    },
  }),
  route({
    method: 'DELETE',
    pattern: '/v1/webhook_endpoints/:id',
    run: ({ unit, ids }) => {
      const row = find(unit, ids.id ?? '');
      unit.store.webhookEndpoints.remove(row.id);
      return { id: row.id, object: 'webhook_endpoint', deleted: true };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/webhook_endpoints',
    params: { ...listFields, expand },
    run: ({ unit, params }) => ({
      ...listPage(
        { table: unit.store.webhookEndpoints, params, url: '/v1/webhook_endpoints', kind: 'webhook_endpoint' },
        shape,
      ),
    }),
  }),
];

function find(unit: Unit, endpointId: string): WebhookEndpointRow {
  const row = unit.store.webhookEndpoints.get(endpointId);
  if (row === undefined) throw noSuch('webhook endpoint', endpointId, { path: true });
  return row;
}

function shape({ sim: _, ...wire }: WebhookEndpointRow) {
  return { ...wire };
}
