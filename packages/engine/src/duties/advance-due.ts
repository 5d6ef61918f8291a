import type { Advancer } from '../advance.ts';
import type { Logger } from '../alerts/alerts.ts';
import { policy } from '../core/policy.ts';
import type { Store } from '../store/store.ts';

/** Claims accounts that are due and free, and does what they need. Ends when none is left or the budget is used. */
export async function advanceDue(
  store: Store,
  advancer: Advancer,
  logger: Logger,
  hasTime: () => boolean,
): Promise<{ claimed: number; failed: number }> {
  const counts = { claimed: 0, failed: 0 };
  while (hasTime()) {
    const keys = await store.claimDue(advancer.owner, policy.claimBatch, policy.leaseMs);
    if (keys.length === 0) return counts;
    counts.claimed += keys.length;
    const results = await Promise.allSettled(keys.map((key) => advancer.advance(key, true)));
    results.forEach((result, index) => {
      if (result.status === 'fulfilled') return;
      // One account in trouble must not keep the others waiting; its lease ends and it is tried again.
      counts.failed += 1;
      logger.error({ ...keys[index], err: result.reason }, 'An account could not be advanced; it stays due.');
    });
  }
  return counts;
}
