import type { Logger } from '../alerts/alerts.ts';
import { policy } from '../core/policy.ts';
import type { Executor } from '../db/executor.ts';
import { moveCursor, takeTurn, turnNow } from '../store/cursors.ts';
import { receiveEvent } from '../store/marks.ts';
import type { StripeAdapter } from '../stripe/adapter.ts';
import { type EventLike, readEvent } from '../stripe/read-event.ts';

/** What one round read. */
export interface FollowedEvents {
  /** Events listed, those among them that had been received before included. */
  readonly read: number;
  /** Accounts marked by events that no webhook had brought. */
  readonly marked: number;
  /** false: there is more to read, which the next round does. */
  readonly caughtUp: boolean;
  /** Why Stripe could not be read; null: it was. */
  readonly failed: string | null;
}

interface FollowContext {
  readonly database: Executor;
  readonly stripe: Pick<StripeAdapter, 'listEvents'>;
  readonly logger: Logger;
  readonly noteUnlinked: boolean;
}

/** The turn and the position of this duty in the table of cursors. */
export const eventsCursor = 'events';
export const sweepCursor = 'sweep';

/**
 * Reads Stripe's own list of events from where the last round stopped, in the order in which things happened, and marks
 * accounts exactly as webhooks do. What it costs follows from what changed, not from how many organizations there are.
 * null: it is not time yet, or another process has the turn.
 */
export async function followEvents(
  context: FollowContext,
  everyMs: number = policy.eventsEveryMs,
): Promise<FollowedEvents | null> {
  const { database, stripe, logger } = context;
  const turn = await takeTurn(database, eventsCursor, everyMs);
  if (turn === null) return null;
  let { position } = turn;
  // Read up to here in this round. What is remembered stays behind it, so that the newest events are read once more.
  let newest = position;
  const counts = { read: 0, marked: 0 };
  for (let page = 0; page < policy.eventPages; page += 1) {
    const listed = await stripe.listEvents({ newerThan: newest, timeoutMs: policy.stripeTimeoutMs });
    if (listed.kind === 'failed') return { ...counts, caughtUp: false, failed: listed.message };
    if (listed.kind === 'unknown_position') {
      // Stripe lists events for thirty days. Whoever was away for longer compares everything instead.
      logger.warn({ position: newest }, 'Stripe no longer lists the event that was read last; everything is compared.');
      await moveCursor(database, eventsCursor, position, null);
      await turnNow(database, sweepCursor);
      await turnNow(database, eventsCursor);
      return { ...counts, caughtUp: false, failed: null };
    }
    const oldestFirst = listed.data.toReversed();
    for (const event of oldestFirst) {
      const received = await receiveEvent(database, readEvent(event), {
        onlyNew: true,
        noteUnlinked: context.noteUnlinked,
      });
      counts.read += 1;
      counts.marked += received.accounts;
    }
    const last = oldestFirst.at(-1);
    // Without a place to begin the newest page is all that is read: what was before it is the sweep's.
    const more = listed.hasMore && newest !== null;
    newest = last?.id ?? newest;
    const surelyDone = settledPosition(oldestFirst) ?? position ?? oldestFirst[0]?.id ?? null;
    if (surelyDone !== position) {
      if (!(await moveCursor(database, eventsCursor, position, surelyDone))) {
        return { ...counts, caughtUp: false, failed: null };
      }
      position = surelyDone;
    }
    if (!more) return { ...counts, caughtUp: true, failed: null };
  }
  await turnNow(database, eventsCursor);
  return { ...counts, caughtUp: false, failed: null };
}

/** The newest event that is old enough for nothing to become visible before it any more. */
function settledPosition(oldestFirst: readonly EventLike[]): string | null {
  const newest = Number(oldestFirst.at(-1)?.created ?? 0);
  const settled = oldestFirst.findLast(
    ({ created }) => Number(created ?? 0) <= newest - policy.eventsOverlapMs / 1_000,
  );
  return settled?.id ?? null;
}
