/** One thing that was checked. */
export interface Finding {
  /** Stable, for scripts. */
  readonly check: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly message: string;
  /** What to do about it; null where nothing is to be done. */
  readonly next: string | null;
}

export function ok(check: string, message: string): Finding {
  return { check, verdict: 'ok', message, next: null };
}

export function warn(check: string, message: string, next: string): Finding {
  return { check, verdict: 'warn', message, next };
}

export function fail(check: string, message: string, next: string): Finding {
  return { check, verdict: 'fail', message, next };
}
