import { handlers } from '#server/handlers.ts';

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = handlers.metrics;
