import { handlers } from '#server/handlers.ts';

/**
 * The front door. GET: the seats there are. POST: members take seats and free them. PUT: the owner sets how many are paid for.
 * The rules are in the package `seatbelt`; who is asking, and for which organization, is decided in `server/authorize.ts`.
 */
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = handlers.seats;
