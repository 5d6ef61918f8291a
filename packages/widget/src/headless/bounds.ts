import type { SeatsBody } from 'seatbelt/http';
import type { Words } from './words.ts';

/** What the engine takes at most anywhere. */
export const seatsLimit = 1_000_000;

export interface Bounds {
  readonly lowest: number;
  readonly highest: number;
}

/** What the server is sure to look at; it checks again. One who is above the maximum may stay there. */
export function boundsOf(seats: SeatsBody): Bounds {
  const maximum = seats.maximumSeats === null ? seatsLimit : Math.max(seats.maximumSeats, seats.purchasedSeats);
  return { lowest: Math.max(seats.minimumSeats, seats.usedSeats, 1), highest: Math.min(maximum, seatsLimit) };
}

/** A whole number as people type it, or null. Nothing is rounded or clamped. */
export function readSeats(text: string): number | null {
  const trimmed = text.trim();
  if (!/^\d{1,7}$/.test(trimmed)) return null;
  const number = Number(trimmed);
  return number >= 1 && number <= seatsLimit ? number : null;
}

/** Why this number cannot be asked for, as a sentence; null where it can. */
export function complaintAbout(
  wanted: number | null,
  seats: SeatsBody,
  words: Words,
  write: (count: number) => string,
): string | null {
  const { highest } = boundsOf(seats);
  if (wanted === null) return words.notWhole(write(seatsLimit));
  if (wanted === seats.purchasedSeats) return null;
  const counted = (count: number) => words.seats(count, write(count));
  if (wanted < seats.usedSeats) return words.belowUsed(counted(seats.usedSeats), write(seats.usedSeats - wanted));
  if (wanted < seats.minimumSeats) return words.belowMinimum(counted(seats.minimumSeats));
  if (wanted > highest) return words.aboveMaximum(counted(highest));
  return null;
}
