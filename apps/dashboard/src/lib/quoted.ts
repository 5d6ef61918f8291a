/**
 * What somebody typed, as it stands in a sentence of ours. It is set apart (Unicode's first strong isolate), because a
 * character that turns the direction of text would turn our own words with it.
 */
export function quoted(typed: string): string {
  return `“\u2068${typed}\u2069”`;
}
