import type { SeatsBody, UsageRequest } from 'seatbelt/http';

/** What a person has chosen to do with seats. */
export interface SeatUse {
  readonly action: 'add' | 'assign' | 'remove';
  readonly quantity: number;
  /** Empty: nobody is named. */
  readonly holders: readonly string[];
  readonly reserve: boolean;
  /** Whether seats that are missing may be bought. */
  readonly expand: boolean;
}

/** Seats that an `add` buys where it may, by the counts on screen. 0: it fits, or fits once what is open is through. */
export function seatsBought(quantity: number, seats: Counts): number {
  if (quantity <= seats.availableSeats) return 0;
  return Math.max(seats.usedSeats + quantity - seats.purchasedSeats, 0);
}

type Counts = Pick<SeatsBody, 'availableSeats' | 'usedSeats' | 'purchasedSeats'>;

/**
 * The request for it. No more is agreed to than what the screen said: where somebody was faster, it is refused and buys nothing.
 * @param seats what the screen said that by
 */
export function usageRequest(use: SeatUse, seats: Counts): UsageRequest {
  const { action, quantity, holders, reserve, expand } = use;
  const bought = seatsBought(quantity, seats);
  return {
    action,
    quantity,
    ...(holders.length > 0 ? { holders: [...holders] } : {}),
    ...(action === 'add' ? { reserve, ...(expand && bought > 0 ? { buyAtMost: bought } : { expand: false }) } : {}),
  };
}
