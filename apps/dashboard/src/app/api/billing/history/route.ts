import { historyQuery } from '#features/history/server/bodies.ts';
import { door, readQuery } from '#server/door.ts';
import { seatbelt } from '#server/seatbelt.ts';

/** The history, newest first, filtered. */
export const GET = door('seats:read', ({ organization }, request) => {
  const { organization: _, ...query } = readQuery(request, historyQuery);
  return seatbelt().history(organization, query);
});
