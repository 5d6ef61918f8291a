import { exportQuery } from '#features/history/server/bodies.ts';
import { exportHistory } from '#features/history/server/export.ts';
import { door, readQuery } from '#server/door.ts';

/** The history as a file. A link sets no headers, so the organization is in the address. */
export const GET = door('seats:read', ({ organization }, request) => {
  const { organization: _, format, ...filter } = readQuery(request, exportQuery);
  return exportHistory(organization, format, filter);
});
