/**
 * A part of an address as it was meant. Next gives it to a page as it stands in the address, and to its metadata decoded
 * already, so what cannot be decoded once more was meant as it is.
 */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}
