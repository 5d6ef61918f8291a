import type { EventRow } from '../state/log-rows.ts';

/** The envelope as recorded, put together from the frozen JSON texts so that the payload is never parsed again. */
export function eventJson(row: EventRow): string {
  const previous = row.previous === null ? '' : `,"previous_attributes":${row.previous}`;
  const request = JSON.stringify({ id: row.requestId, idempotency_key: row.key });
  return (
    `{"id":"${row.id}","object":"event","api_version":"${row.apiVersion}","created":${row.created},` +
    `"data":{"object":${row.object}${previous}},"livemode":false,"pending_webhooks":${row.pendingWebhooks},` +
    `"request":${request},"type":"${row.type}"}`
  );
}
