import {
  CommandDropped,
  DatabaseUnavailable,
  InvalidInput,
  OutcomeUnknown,
  SeatRefused,
  StripeUnavailable,
  UnknownOrganization,
} from 'seatbelt';
import { SetupError } from 'seatbelt/environment';
import { DatabaseError, withoutSecrets } from 'seatbelt/operator';
import { type ExitCode, exitCodes } from './io.ts';
import { UsageError } from './usage-error.ts';

/** A failure as a person and a script hear of it. */
export interface Problem {
  /** Stable. */
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** Sorts whatever was thrown. What nobody foresaw keeps its own words, under the code `unexpected`. */
export function problemOf(error: unknown): Problem {
  const { code, message, exitCode } = sorted(error);
  return { code, message: withoutSecrets(message), exitCode };
}

function sorted(error: unknown): Problem {
  const { wrong, setup } = exitCodes;
  if (error instanceof SetupError) return { code: error.code, message: error.message, exitCode: setup };
  if (error instanceof UsageError || error instanceof InvalidInput) {
    return { code: error.code, message: error.message, exitCode: setup };
  }
  if (error instanceof UnknownOrganization) {
    return { code: error.code, message: `${error.message} See \`seatbelt status\`.`, exitCode: setup };
  }
  if (error instanceof SeatRefused) {
    // A change that is not there is a word of the command line that is wrong, and nothing wrong with the seats.
    return { code: error.code, message: error.message, exitCode: error.code === 'unknown_change' ? setup : wrong };
  }

  // The engine's own classes wrap what the database said; where that says that the set-up is wrong, it comes first.
  const database = databaseErrorIn(error);
  const known = database && setupOfDatabase(database);
  if (known) return known;
  if (error instanceof OutcomeUnknown) {
    return {
      code: error.code,
      message:
        'Nobody knows whether this was written: the connection to the database broke at that moment. Look with `seatbelt explain`, then run it again.',
      exitCode: wrong,
    };
  }
  if (error instanceof DatabaseUnavailable || error instanceof CommandDropped || error instanceof StripeUnavailable) {
    return { code: error.code, message: error.message, exitCode: wrong };
  }
  if (database) {
    return {
      code: 'database_unavailable',
      message: `The database did not answer: ${database.message}`,
      exitCode: wrong,
    };
  }
  return { code: 'unexpected', message: error instanceof Error ? error.message : String(error), exitCode: wrong };
}

function databaseErrorIn(error: unknown): DatabaseError | null {
  let found: unknown = error;
  // A cause may point back; three levels are more than we ever wrap.
  for (let depth = 0; depth < 3 && found instanceof Error; depth += 1) {
    if (found instanceof DatabaseError) return found;
    found = found.cause;
  }
  return null;
}

/** SQLSTATEs that are answered by setting something up, https://www.postgresql.org/docs/current/errcodes-appendix.html */
function setupOfDatabase(error: DatabaseError): Problem | null {
  const exitCode = exitCodes.setup;
  switch (error.failure.code) {
    case '42P01':
    case '3F000':
    case '42703':
      return {
        code: 'not_migrated',
        message:
          'The schema of Seatbelt is missing in this database or is older than this program. Run `seatbelt migrate`.',
        exitCode,
      };
    case '28P01':
    case '28000':
      return {
        code: 'database_login_refused',
        message: `The database does not accept the user or the password in DATABASE_URL: ${error.message}`,
        exitCode,
      };
    case '3D000':
      return { code: 'database_missing', message: `${error.message}. Correct DATABASE_URL.`, exitCode };
    case '42501':
      return {
        code: 'database_permission',
        message: `The user in DATABASE_URL may not do this: ${error.message}`,
        exitCode,
      };
    default:
      return null;
  }
}

/** The line, or the JSON, on standard error. The stack only where it was asked for. */
export function problemText(
  problem: Problem,
  how: { readonly json: boolean; readonly verbose: boolean; readonly error: unknown },
): string {
  const stack = how.verbose && how.error instanceof Error ? withoutSecrets(how.error.stack ?? '') : null;
  if (how.json) {
    const error = { code: problem.code, message: problem.message, ...(stack === null ? {} : { stack }) };
    return `${JSON.stringify({ error })}\n`;
  }
  return `seatbelt: ${problem.message} [${problem.code}]\n${stack === null ? '' : `${stack}\n`}`;
}
