import type { SeatsBody } from 'seatbelt/http';

type Counts = Pick<SeatsBody, 'usedSeats' | 'purchasedSeats' | 'mode'>;

/**
 * How many seats would have to be bought so that `people` more can sit. The server decides; this is what the screen asks
 * the price of, and what the person agrees to.
 */
export function seatsToBuy({ usedSeats, purchasedSeats }: Counts, people: number): number {
  return Math.max(usedSeats + people - purchasedSeats, 0);
}
