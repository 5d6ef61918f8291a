/** Nesting deeper than this is cut off; alerts are flat. */
const deepest = 4;

/** A copy without what must never leave the process: Stripe's keys, passwords in connection strings, bearer tokens. */
export function withoutSecrets<T>(value: T): T;
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return textWithoutSecrets(value);
  // An error's own fields are not enumerable, so a copy of it by fields would be empty.
  if (value instanceof Error) return `${value.name}: ${textWithoutSecrets(value.message)}`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '[cut off]';
  const inner = withoutSecrets as (value: unknown, depth: number) => unknown;
  if (Array.isArray(value)) return value.map((entry) => inner(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      /password|secret|authorization|api_?key|connection_?string/i.test(name) ? '[removed]' : inner(entry, depth + 1),
    ]),
  );
}

function textWithoutSecrets(text: string): string {
  return text
    .replaceAll(/\b((?:sk|rk|whsec)_(?:live_|test_)?)[A-Za-z0-9]+/g, '$1…')
    .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]+@/gi, '$1…@')
    .replaceAll(/\b(Bearer )[\w.~+/-]+=*/gi, '$1…');
}
