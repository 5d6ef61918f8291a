import type { Advancer } from '../advance.ts';
import type { Logger } from '../alerts/alerts.ts';
import { policy } from '../core/policy.ts';
import type { Store } from '../store/store.ts';

/**
 * Claims accounts that are due and free, and does what they need, a bounded number at a time; a place that falls free
 * is filled at once. Ends when none is left, or when the time is up and what was begun has come to its commit.
 */
export async function advanceDue(
  store: Store,
  advancer: Advancer,
  logger: Logger,
  time: { readonly left: () => boolean; readonly monotonicNow: () => number },
): Promise<{ claimed: number; failed: number; moreDue: boolean }> {
  const counts = { claimed: 0, failed: 0 };
  const underWay = new Set<Promise<void>>();
  const times = new Map<string, number>();
  // While others wait for a place, nobody stays with an account that has to wait: its next step comes back as due.
  let othersWait = false;
  while (time.left()) {
    const free = advancer.pace.places - underWay.size;
    if (free <= 0) {
      await Promise.race(underWay);
      continue;
    }
    const claimedAt = time.monotonicNow();
    const keys = await store.claimDue(advancer.owner, free, policy.leaseMs);
    othersWait = keys.length === free;
    for (const key of keys) {
      counts.claimed += 1;
      // An account that stays due whatever is done for it is a bug; it must not eat the round of all others.
      const name = `${key.seatType}/${key.organization}`;
      times.set(name, (times.get(name) ?? 0) + 1);
      if ((times.get(name) ?? 0) > policy.advanceSteps) {
        logger.error(
          key,
          'An account stays due although it was advanced again and again; it waits for its lease to end.',
        );
        counts.failed += 1;
        continue;
      }
      const advancing = advancer
        .advance(key, claimedAt, () => !othersWait, 'recovery')
        .catch((error: unknown) => {
          // One account in trouble must not keep the others waiting; its lease ends and it is tried again.
          counts.failed += 1;
          logger.error({ ...key, err: error }, 'An account could not be advanced; it stays due.');
        })
        .finally(() => underWay.delete(advancing));
      underWay.add(advancing);
    }
    if (underWay.size === 0) break;
    await Promise.race(underWay);
  }
  await Promise.all(underWay);
  // Else the loop ended because nothing was left.
  return { ...counts, moreDue: othersWait && !time.left() };
}
