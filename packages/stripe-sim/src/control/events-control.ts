import type { DeliveryRule } from '../events/delivery-rules.ts';
import type { EndpointOptions, EventControl } from '../events/event-control.ts';
import type { ReleaseOrder } from '../events/orders.ts';

/** `POST /_sim/events/:verb`. Throws a `RangeError` for a verb it does not have. */
export async function steerEvents(
  events: EventControl,
  verb: string,
  given: Record<string, unknown>,
): Promise<unknown> {
  switch (verb) {
    case 'addEndpoint': {
      // Nobody can hand over a function over HTTP; the rest is checked where it is stored.
      if (given.url === undefined) throw new RangeError('An endpoint needs a url.');
      return events.addEndpoint(given as EndpointOptions);
    }
    case 'removeEndpoint':
      events.removeEndpoint(String(given.id));
      return {};
    case 'rollSecret':
      return { secret: events.rollSecret(String(given.id), (given.keepOldSeconds ?? undefined) as number | undefined) };
    case 'spoil':
      events.spoil(given as unknown as DeliveryRule);
      return {};
    case 'hold':
      events.hold();
      return {};
    case 'release':
      await events.release((given.order ?? undefined) as ReleaseOrder | undefined);
      return {};
    case 'resend':
      await events.resend(String(given.eventId));
      return {};
    case 'reset':
      events.reset();
      return {};
    case 'flush':
      await events.flush();
      return {};
    default:
      throw new RangeError(`Unknown events verb: ${verb}`);
  }
}
