/** The largest number of seats that the engine accepts anywhere. The server checks it again. */
export const seatsLimit = 1_000_000;

/**
 * Reads what a person typed as a number of seats. Nothing is rounded or cut: anything that is not a whole number
 * in bounds is null. Grouping marks and spaces between digits are accepted, as people paste them.
 */
export function readSeatNumber(text: string, bounds: { from: number; to: number }): number | null {
  const digits = text.trim().replaceAll(/(?<=\d)[\s.,'’](?=\d{3}(?!\d))/g, '');
  if (!/^\d{1,9}$/.test(digits)) return null;
  const seats = Number(digits);
  return seats >= bounds.from && seats <= bounds.to ? seats : null;
}
