import { elsewhere } from '#server/handlers.ts';

/** No address of the API is answered with a page. */
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = elsewhere;
