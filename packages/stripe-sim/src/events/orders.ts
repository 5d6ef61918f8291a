import type { Random } from '../random.ts';

/**
 * The order in which held events are let go. The last two are orders that people reported from the real Stripe
 * (pay-rails/pay#282, laravel/cashier-stripe#1201).
 */
export type ReleaseOrder =
  | 'arrival'
  | 'reverse'
  | 'shuffle'
  | 'updated_before_created'
  | 'paid_before_finalized'
  | string[];

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
