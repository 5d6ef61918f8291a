import type Stripe from 'stripe';
import { receiveEvent } from '../store/marks.ts';
import { readEvent } from '../stripe/read-event.ts';
import type { Inside } from './inside.ts';

/** A verified event, remembered by its id; the accounts it is about are marked for a look. */
export async function receive(inside: Inside, event: Stripe.Event): Promise<{ accounts: number; seenBefore: boolean }> {
  return receiveEvent(inside.database, readEvent(event), {
    onlyNew: false,
    noteUnlinked: inside.options.resolveOrganization !== undefined,
  });
}
