import { handlers } from '#server/handlers.ts';

export const { GET, POST } = handlers.change;
