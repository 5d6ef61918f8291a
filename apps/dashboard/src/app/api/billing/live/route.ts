import { liveStream } from '#features/live/server/stream.ts';
import { door } from '#server/door.ts';

/** What moves, as server-sent events. An event source sets no headers, so the organization is in the address. */
export const GET = door('seats:read', async ({ organization }, request) => liveStream(organization, request.signal));
