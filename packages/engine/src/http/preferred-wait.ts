import { policy } from '../core/policy.ts';

/** How long the caller wants to wait for the outcome, and the header that says it was heard. */
export interface PreferredWait {
  readonly waitMs?: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * `Prefer: wait=2` (seconds) or `Prefer: respond-async` (RFC 7240): for hosts whose own time limit is shorter than ours.
 * It only shortens the wait. A preference that cannot be met is passed over, as that standard wants, and then not confirmed.
 */
export function preferredWait(request: Request): PreferredWait {
  for (const preference of (request.headers.get('prefer') ?? '').split(',')) {
    const wanted = preference.trim().toLowerCase();
    if (wanted === 'respond-async') return { waitMs: 0, headers: { 'preference-applied': 'respond-async' } };
    const seconds = /^wait *= *"?(\d{1,3})"?$/.exec(wanted)?.[1];
    if (seconds === undefined || Number(seconds) * 1_000 > policy.answerWaitMs) continue;
    return { waitMs: Number(seconds) * 1_000, headers: { 'preference-applied': `wait=${Number(seconds)}` } };
  }
  return { headers: {} };
}
