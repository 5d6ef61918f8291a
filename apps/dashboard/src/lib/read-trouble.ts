import { Problem } from './api.ts';

/** Why a reading failed. Only what the server said of itself is said of the server. */
export type ReadTrouble = 'signed_out' | 'no_access' | 'database' | 'unreachable';

export function readTrouble(error: Error): ReadTrouble {
  if (!(error instanceof Problem)) return 'unreachable';
  switch (error.body.status) {
    case 401:
      return 'signed_out';
    // The same answer for what does not exist and for what is somebody else's.
    case 403:
    case 404:
      return 'no_access';
    // A problem document comes from a server that is well, and says that its database is not.
    default:
      return 'database';
  }
}
