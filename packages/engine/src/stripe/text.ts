/**
 * Text of Stripe's as PostgreSQL takes it, or null where it is none. A NUL and half of a surrogate pair fit into JSON and
 * into no column: a commit with one of them fails for ever, and what Stripe has answered has to be written.
 */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : null;
}
