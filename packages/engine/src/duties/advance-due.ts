import type { Advancer } from '../advance.ts';
import type { Logger } from '../alerts/alerts.ts';
import { policy } from '../core/policy.ts';
import type { Store } from '../store/store.ts';

export interface RoundTime {
  /** Whether anything new is begun. */
  readonly left: () => boolean;
  readonly monotonicNow: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /**
   * What is done about an account that takes longer than a poll while nothing else is due. A cron's round waits for it, since
   * its process may be frozen after it has answered. A worker's leaves it under way, because others become due meanwhile.
   */
  readonly slow: 'wait' | 'leave';
}

/**
 * Claims accounts that are due and free, and does what they need, a bounded number at a time. A place that falls free is
 * filled at once, and every poll asks again whatever is under way: a Stripe that lets one request hang keeps no other
 * account waiting.
 */
export async function advanceDue(
  store: Pick<Store, 'claimDue' | 'release'>,
  advancer: Pick<Advancer, 'owner' | 'pace' | 'underWay' | 'advance'>,
  logger: Logger,
  time: RoundTime,
): Promise<{ claimed: number; failed: number; moreDue: boolean }> {
  const counts = { claimed: 0, failed: 0 };
  const { underWay } = advancer;
  const times = new Map<string, number>();
  // While others wait for a place, nobody stays with an account that has to wait: its next step comes back as due.
  let othersWait = false;
  let ended = 0;
  let endedBefore = -1;
  let poll: Promise<void> | null = null;
  const nextPoll = () => {
    poll ??= time.pause(policy.pollMs).finally(() => {
      poll = null;
    });
    return poll;
  };
  while (time.left()) {
    const free = advancer.pace.places - underWay.size;
    if (free > 0) {
      const claimedAt = time.monotonicNow();
      const keys = await store.claimDue(advancer.owner, free, policy.leaseMs);
      othersWait = keys.length === free;
      let begun = 0;
      for (const key of keys) {
        const name = `${key.seatType}/${key.organization}`;
        // Its lease has ended while this process is still at it: it takes no second place, and others may have it.
        if (underWay.has(name)) {
          await store.release(key, advancer.owner);
          continue;
        }
        begun += 1;
        counts.claimed += 1;
        // An account that stays due whatever is done for it is a bug; it must not eat the round of all others.
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
          .advance(key, claimedAt, () => !othersWait && time.left(), 'recovery')
          .catch((error: unknown) => {
            // One account in trouble must not keep the others waiting; its lease ends and it is tried again.
            counts.failed += 1;
            logger.error({ ...key, err: error }, 'An account could not be advanced; it stays due.');
          })
          .finally(() => {
            ended += 1;
            underWay.delete(name);
          });
        underWay.set(name, advancing);
      }
      if (underWay.size === 0) break;
      // Nothing is due and a whole poll has brought nothing to its end: the other duties of the round have waited enough.
      if (time.slow === 'leave' && begun === 0 && ended === endedBefore) break;
      endedBefore = ended;
    }
    await Promise.race([...underWay.values(), nextPoll()]);
  }
  if (time.slow === 'wait') await Promise.all(underWay.values());
  // Else the loop ended because nothing was left.
  return { ...counts, moreDue: othersWait && !time.left() };
}
