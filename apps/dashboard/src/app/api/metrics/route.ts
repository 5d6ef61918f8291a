import { handlers } from '#server/handlers.ts';

export const { GET } = handlers.metrics;
