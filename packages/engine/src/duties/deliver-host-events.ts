import type { Executor } from '../db/executor.ts';
import type { Listeners } from '../listeners.ts';
import { markHostEventsDelivered, takeHostEvents } from '../store/host-events.ts';

/** Rows taken at once; small, so that a slow listener holds few back. */
const batch = 50;
/** First retry after this, growing with every try. Also what a crash while delivering costs. */
const retryAfterMs = 5_000;

/** Delivers what has not been heard yet, oldest first. A process without listeners leaves it to others. */
export async function deliverHostEvents(
  db: Executor,
  listeners: Listeners,
): Promise<{ delivered: number; failed: number }> {
  const counts = { delivered: 0, failed: 0 };
  if (!listeners.any) return counts;
  for (;;) {
    const events = await takeHostEvents(db, listeners.types, batch, retryAfterMs);
    const done: string[] = [];
    for (const event of events) {
      if (await listeners.tell(event)) done.push(event.id);
      else counts.failed += 1;
    }
    if (done.length > 0) await markHostEventsDelivered(db, done);
    counts.delivered += done.length;
    if (events.length < batch) return counts;
  }
}
