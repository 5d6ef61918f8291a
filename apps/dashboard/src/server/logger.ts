import { pino } from 'pino';

/** The structured log of this process, one line of JSON per event. Keys never belong into it. */
export const logger = pino({ name: 'dashboard', level: process.env.LOG_LEVEL || 'info' });
