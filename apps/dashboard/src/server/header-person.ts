import { type PersonCaller, personOf } from './caller.ts';
import { logger } from './logger.ts';

/** Who the header greets. A database that is away takes the greeting, and not the page that says so. */
export async function headerPerson(headers: Headers): Promise<PersonCaller | null> {
  try {
    return await personOf(headers);
  } catch (error) {
    logger.warn({ err: error }, 'Who is signed in could not be read for the header.');
    return null;
  }
}
