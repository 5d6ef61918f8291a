import type Stripe from 'stripe';
import { receiveEvent } from '../store/marks.ts';
import { readEvent } from '../stripe/read-event.ts';
import type { Inside } from './inside.ts';
import type { ReceivedEventReport } from './options.ts';

/**
 * A verified event, remembered by its id; the accounts it is about are marked for a look. One about money of the other
 * kind (test where this installation is live, or live where it is a test) changes nothing, is logged and counted.
 */
export async function receive(inside: Inside, event: Stripe.Event): Promise<ReceivedEventReport> {
  const { accounts, seenBefore, otherLivemode } = await receiveEvent(inside.database, readEvent(event), {
    onlyNew: false,
    noteUnlinked: inside.options.resolveOrganization !== undefined,
  });
  if (!otherLivemode) return { accounts, seenBefore };
  inside.counters.eventIgnored('other_livemode');
  inside.logger.warn(
    { event: event.id, type: event.type, livemode: event.livemode },
    `An event about ${event.livemode ? 'live' : 'test'} money was ignored: this installation is for ${event.livemode ? 'test' : 'live'} money.`,
  );
  return { accounts: 0, seenBefore: false, ignored: 'other_livemode' };
}
