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
      /passw(or)?d|passphrase|secret|authorization|api_?key|connection_?string/i.test(name)
        ? '[removed]'
        : inner(entry, depth + 1),
    ]),
  );
}

/** Words after which a value stands that nobody may see. */
// JSON within JSON has its quotes escaped.
const named = String.raw`(?:passw(?:or)?d|passphrase|secret(?:_access_key)?|api[_-]?key)(?:\\*["'])?\s*`;
const quoted = String.raw`\\+"(?:[^"\\]|\\(?!"))*\\"|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`;

const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b((?:sk|rk)_(?:org_)?(?:live_|test_)?)\w+/g, '$1…'],
  [/\b(whsec_)[\w+/=]+/g, '$1…'],
  // A password that nobody has escaped may have an @ in it, so it lasts until the last one.
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]*:)[^\s@]+@(?:[^\s@?"]*@)*/gi, '$1…@'],
  [new RegExp(`(${named}=\\s*)(?:${quoted}|\\S+)`, 'gi'), '$1…'],
  [new RegExp(`(${named}:\\s*)(?:${quoted})`, 'gi'), '$1…'],
  // After a colon a sentence may go on. A word that nothing follows, or that has more than letters in it, does not.
  [
    new RegExp(`(${named}:\\s*)(?:[a-z]*[^\\s"',;a-z][^\\s"',;]*|[a-z]+(?=\\s*(?:[,;}"']|$)|\\s+\\w+[:=]))`, 'gi'),
    '$1…',
  ],
  [/\b(authorization["']?\s*[:=]\s*["']?(?:basic|bearer)\s+)[\w.~+/-]+=*/gi, '$1…'],
  [/\b(Bearer )[\w.~+/-]+=*/gi, '$1…'],
  // "Basic" is a word as well; what is encoded has a digit, a capital within or a = at its end.
  [/\b(Basic )(?=[\w+/]*(?:[a-z][A-Z]|\d|=))[\w+/]{6,}=*/g, '$1…'],
];

function textWithoutSecrets(text: string): string {
  return secrets.reduce((left, [secret, instead]) => left.replaceAll(secret, instead), text);
}
