import { handlers } from '#server/handlers.ts';

export const { POST } = handlers.preview;
