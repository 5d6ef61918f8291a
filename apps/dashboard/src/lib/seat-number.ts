/** The largest number of seats that the engine accepts anywhere. The server checks it again. */
export const seatsLimit = 1_000_000;

/**
 * Reads what a person typed as a number of seats. Nothing is rounded or cut: anything that is not a whole number
 * in bounds is null. Points and commas are refused, because 1.500 is not the same number everywhere.
 */
export function readSeatNumber(text: string, bounds: { from: number; to: number }): number | null {
  const digits = text.replaceAll(/\s/g, '');
  if (!/^\d{1,9}$/.test(digits)) return null;
  const seats = Number(digits);
  return seats >= bounds.from && seats <= bounds.to ? seats : null;
}
