import type { Terms } from './types.ts';

/** The quantity Stripe is to be billed for. The only way from seats to Stripe's number. */
export function quantityFor(seats: number, terms: Terms): number {
  return Math.max(seats - terms.includedSeats, terms.minimumQuantity, 0);
}

/**
 * The seats that a quantity found in Stripe stands for. Where several seat counts have that quantity (included seats,
 * contract minimum), `present` is kept if it is one of them; otherwise the largest seat count billed at it is taken,
 * so that a customer never loses a seat that is paid for.
 */
export function seatsFor(quantity: number, terms: Terms, present: number): number {
  if (quantityFor(present, terms) === quantity) return present;
  return quantity + terms.includedSeats;
}
