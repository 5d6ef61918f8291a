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

/**
 * The request for it. Who read that it fits agreed to no purchase: where somebody was faster, it is refused and buys nothing.
 * @param seats what the screen said that by
 */
export function usageRequest(use: SeatUse, { availableSeats }: Pick<SeatsBody, 'availableSeats'>): UsageRequest {
  const { action, quantity, holders, reserve, expand } = use;
  return {
    action,
    quantity,
    ...(holders.length > 0 ? { holders: [...holders] } : {}),
    ...(action === 'add' ? { reserve, expand: expand && quantity > availableSeats } : {}),
  };
}
