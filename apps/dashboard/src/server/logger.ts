import { pino } from 'pino';
import { type LogLevel, readLogLevel, SetupError } from 'seatbelt/environment';
import { errorFields } from './error-fields.ts';

/** The structured log of this process, one line of JSON per event. Keys never belong into it. */
export const logger = pino({ name: 'dashboard', level: level(), serializers: { err: errorFields } });

/** A level that is none is said by `checkStart`, which needs a log to say it. */
function level(): LogLevel {
  try {
    return readLogLevel(process.env);
  } catch (error) {
    if (error instanceof SetupError) return 'info';
    throw error;
  }
}
