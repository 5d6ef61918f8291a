import type { SeatsBody } from 'seatbelt/http';

/** One stretch of the meter. */
export interface MeterPart {
  readonly name: 'assigned' | 'reserved' | 'available' | 'unconfirmed';
  readonly seats: number;
}

export interface Meter {
  /** In order; together they are `total`. */
  readonly parts: readonly MeterPart[];
  readonly total: number;
  /** Seats in use beyond what is confirmed. */
  readonly over: number;
}

/** The four numbers as one picture. Nothing is stretched to fit: seats beyond what is confirmed are drawn beyond it. */
export function meterOf(seats: SeatsBody): Meter {
  const { assignedSeats, reservedSeats, availableSeats, purchasedSeats, settledSeats } = seats;
  const used = assignedSeats + reservedSeats;
  const total = Math.max(purchasedSeats, settledSeats, used);
  const parts: MeterPart[] = [
    { name: 'assigned', seats: assignedSeats },
    { name: 'reserved', seats: reservedSeats },
    { name: 'available', seats: availableSeats },
    { name: 'unconfirmed', seats: total - used - availableSeats },
  ];
  return {
    parts: parts.filter((part) => part.seats > 0),
    total,
    over: seats.status === 'over_capacity' ? Math.max(used - Math.min(settledSeats, purchasedSeats), 0) : 0,
  };
}
