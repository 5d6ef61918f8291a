import { problemResponse } from '#server/problem.ts';

/** No address of the API is answered with a page. */
function unknown(): Response {
  return problemResponse({ status: 404, code: 'not_found', title: 'Not found', detail: 'There is no such route.' });
}

export { unknown as DELETE, unknown as GET, unknown as PATCH, unknown as POST, unknown as PUT };
