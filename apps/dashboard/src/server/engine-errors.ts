import type { RefusalCode } from 'seatbelt';

/** Errors of the engine are told by their names, because Next loads a copy of its classes for each bundle. */
export function isEngineError(
  error: unknown,
  name: 'UnknownOrganization' | 'InvalidInput' | 'SeatRefused',
): error is Error {
  return error instanceof Error && error.name === name;
}

/** Why the engine turned a request down; null where that is not what happened. */
export function refusalCode(error: unknown): RefusalCode | null {
  return isEngineError(error, 'SeatRefused') && 'code' in error ? (error.code as RefusalCode) : null;
}
