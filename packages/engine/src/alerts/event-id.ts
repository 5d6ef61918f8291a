import { createHash } from 'node:crypto';

/**
 * The id under which an incident is told to Sentry: 32 hex digits that follow from its fingerprint alone. So every
 * process, and every retry while the database is down and nobody can remember anything, tells it under the same id, and
 * the receiver sees one event.
 */
export function eventIdOf(fingerprint: string): string {
  return createHash('sha256').update(fingerprint).digest('hex').slice(0, 32);
}
