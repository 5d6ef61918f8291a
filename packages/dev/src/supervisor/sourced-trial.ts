import { createHash } from 'node:crypto';

/** The variables that make a start no trial. */
const deciding = ['DATABASE_URL', 'STRIPE_SECRET_KEY'];

/** What SEATBELT_TRIAL says in the file that people source: which values a trial brought itself. Undefined: none. */
export function trialMark(brought: readonly string[]): string | undefined {
  return brought.length === 0 ? undefined : brought.map(fingerprint).join(' ');
}

/**
 * Whoever sourced the environment of a trial, as `npm start` tells people to, has its database and its key in the shell.
 * They are nobody's production, so the next start in that shell is a trial again. They are known by their values: any
 * other database or key is somebody's own, whatever the mark beside it says.
 */
export function withoutSourcedTrial(variables: NodeJS.ProcessEnv): { variables: NodeJS.ProcessEnv; sourced: string[] } {
  const marks = (variables.SEATBELT_TRIAL ?? '').split(' ');
  const sourced = deciding.filter((name) => marks.includes(fingerprint(variables[name] ?? '')));
  const kept = Object.entries(variables).filter(([name]) => !sourced.includes(name));
  return { variables: Object.fromEntries(kept), sourced };
}

export function sourcedSentence(sourced: readonly string[]): string {
  const those = sourced.length === 1 ? 'is that' : 'are those';
  return `${sourced.join(' and ')} ${those} of a trial, whose environment this shell has sourced: taken as not set.`;
}

/** Of text that nobody can guess, so it gives nothing away; it is short because it lies in everybody's `env`. */
function fingerprint(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 32);
}
