import { DatabaseError } from '../db/executor.ts';
import { DatabaseUnavailable } from '../failures.ts';

/** Reads what a command needs before anything of it is tried, so its failure is a known one. @throws DatabaseUnavailable */
export async function readBefore<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    throw new DatabaseUnavailable(
      `The database cannot be used. Nothing was written and Stripe was not called. (${error.message})`,
      { cause: error },
    );
  }
}
