import type { Random } from '../random.ts';

/** The last two are orders that people reported from the real Stripe (pay-rails/pay#282, laravel/cashier-stripe#1201). */
const orders = ['arrival', 'reverse', 'shuffle', 'updated_before_created', 'paid_before_finalized'] as const;

/** The order in which held events are let go: one of these, or the ids of the events. */
export type ReleaseOrder = (typeof orders)[number] | string[];

/** Throws a `RangeError` for what is neither an order nor a list of event ids. */
export function checkOrder(order: ReleaseOrder): void {
  const known = Array.isArray(order)
    ? order.every((id) => typeof id === 'string')
    : orders.some((name) => name === order);
  if (!known) throw new RangeError(`Events are released in the order ${orders.join(', ')}, or of a list of their ids.`);
}

interface Ordered {
  event: string;
  type: string;
}

export function ordered<T extends Ordered>(deliveries: T[], order: ReleaseOrder, random: Random): T[] {
  if (Array.isArray(order)) {
    const place = (delivery: T) => {
      const at = order.indexOf(delivery.event);
      return at < 0 ? order.length : at;
    };
    return deliveries.toSorted((left, right) => place(left) - place(right));
  }
  switch (order) {
    case 'arrival':
      return deliveries;
    case 'reverse':
      return deliveries.toReversed();
    case 'shuffle':
      return deliveries
        .map((delivery) => ({ delivery, key: random.next() }))
        .sort((left, right) => left.key - right.key)
        .map(({ delivery }) => delivery);
    case 'updated_before_created':
      return last(deliveries, 'customer.subscription.created');
    case 'paid_before_finalized':
      return last(deliveries, 'invoice.finalized');
  }
}

function last<T extends Ordered>(deliveries: T[], type: string): T[] {
  return [
    ...deliveries.filter((delivery) => delivery.type !== type),
    ...deliveries.filter((delivery) => delivery.type === type),
  ];
}
