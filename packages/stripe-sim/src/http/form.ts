import { invalidRequest } from './errors.ts';

/** A decoded form value: text, or a hash. Arrays stay hashes with index keys until a parameter shape asks for a list. */
export type FormValue = string | FormHash;
export interface FormHash {
  [key: string]: FormValue;
}

/** Stripe answers far larger bodies with an error of the proxy in front; one megabyte is beyond any billing request. */
export const maximumBodyBytes = 1_048_576;
const maximumPairs = 5_000;
const maximumDepth = 12;

/** Decodes `a[b][0]=c` forms and query strings as the SDK sends them. Throws a Stripe-shaped 400 for what is not one. */
export function decodeForm(text: string): FormHash {
  const root: FormHash = Object.create(null);
  if (text === '') return root;
  const pairs = text.split('&');
  if (pairs.length > maximumPairs) throw invalidRequest(`Too many parameters: ${pairs.length}`);
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodePart(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decodePart(pair.slice(equals + 1));
    assign(root, name, value);
  }
  return root;
}

function decodePart(text: string): string {
  try {
    return text.includes('%') || text.includes('+') ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw invalidRequest(
      'Invalid request: the parameters could not be decoded as UTF-8 form data. Check the percent-encoding of your request.',
    );
  }
}

function assign(root: FormHash, name: string, value: string): void {
  const segments = segmentsOf(name);
  let hash = root;
  for (let index = 0; index < segments.length - 1; index += 1) {
    const key = keyFor(hash, segments.slice(index));
    const inner = hash[key];
    if (typeof inner === 'string' && inner !== '') {
      throw invalidRequest(`Invalid request: ${name} was sent both as a value and as a hash.`, name);
    }
    const next: FormHash = inner === undefined || typeof inner === 'string' ? Object.create(null) : inner;
    hash[key] = next;
    hash = next;
  }
  hash[keyFor(hash, segments.slice(-1))] = value;
}

/** `a[b][]` gives a, b and an empty segment, which stands for the next index. */
function segmentsOf(name: string): string[] {
  const open = name.indexOf('[');
  if (open <= 0) return [name];
  const segments = [name.slice(0, open)];
  let position = open;
  while (position < name.length) {
    const close = name[position] === '[' ? name.indexOf(']', position) : -1;
    if (close < 0) throw invalidRequest(`Invalid request: the parameter name ${name.slice(0, 200)} is malformed.`);
    segments.push(name.slice(position + 1, close));
    position = close + 1;
  }
  if (segments.length > maximumDepth) {
    throw invalidRequest(`Invalid request: the parameter ${segments[0]} is nested too deeply.`, segments[0]);
  }
  return segments;
}

/**
 * `a[][b]=1&a[][c]=2` is one element, as in Rack, which Stripe reads forms with: an element is complete when a name in it
 * comes again.
 */
function keyFor(hash: FormHash, [segment = '', ...rest]: string[]): string {
  if (segment !== '') return segment;
  const count = Object.keys(hash).length;
  const last = hash[String(count - 1)];
  const open = rest.length > 0 && typeof last === 'object' && !has(last, rest);
  return String(open ? count - 1 : count);
}

function has(value: FormValue | undefined, [segment, ...rest]: string[]): boolean {
  if (segment === undefined) return value !== undefined;
  // A list in an element takes one value more.
  return segment !== '' && typeof value === 'object' && has(value[segment], rest);
}
