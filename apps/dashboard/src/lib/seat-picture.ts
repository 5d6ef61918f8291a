import type { SeatsBody } from 'seatbelt/http';

export type PartName = 'assigned' | 'reserved' | 'available' | 'asked' | 'leaving';

/** A run of equal seats in the meter, left to right. */
export interface Part {
  readonly name: PartName;
  readonly seats: number;
}

/** What the meter draws. The parts always add up to `total`. */
export interface SeatPicture {
  readonly parts: readonly Part[];
  readonly total: number;
  /** Seats in use beyond what is confirmed, while no open change explains it; 0 otherwise. */
  readonly over: number;
  /** Where the over-full part begins, in seats from the left. */
  readonly confirmed: number;
}

type Counts = Pick<
  SeatsBody,
  'status' | 'purchasedSeats' | 'settledSeats' | 'usedSeats' | 'assignedSeats' | 'reservedSeats'
>;

/**
 * Lays the seats side by side: those in use first, then the free ones, then those that an open change asks Stripe for
 * (`asked`) or gives back (`leaving`). The server's `availableSeats` is not recomputed here; the free part of the
 * picture equals it whenever nobody sits past the confirmed seats.
 */
export function seatPicture(counts: Counts): SeatPicture {
  const { purchasedSeats, settledSeats, usedSeats, assignedSeats, reservedSeats } = counts;
  const total = Math.max(purchasedSeats, settledSeats, usedSeats);
  const confirmed = Math.min(purchasedSeats, settledSeats);
  const free = Math.max(confirmed - usedSeats, 0);
  const rest = total - usedSeats - free;
  const parts: Part[] = [
    { name: 'assigned', seats: assignedSeats },
    { name: 'reserved', seats: reservedSeats },
    { name: 'available', seats: free },
    { name: purchasedSeats >= settledSeats ? 'asked' : 'leaving', seats: rest },
  ];
  return {
    parts: parts.filter((part) => part.seats > 0),
    total,
    over: counts.status === 'over_capacity' ? Math.max(usedSeats - confirmed, 0) : 0,
    confirmed,
  };
}
