import { handlers } from '#server/handlers.ts';

export const { GET, POST, PUT } = handlers.seats;
