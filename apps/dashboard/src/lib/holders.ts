/** The names a person typed, separated by commas or line breaks; empty ones are left out, repeated ones named once. */
export function readHolders(text: string): string[] {
  const names = text
    .split(/[,\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return [...new Set(names)];
}
