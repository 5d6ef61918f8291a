/** What somebody else wrote, with a full stop where it has no end, so that a sentence can follow. */
export function withFullStop(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
