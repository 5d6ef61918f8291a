/** What can go wrong with the PostgreSQL that we bring, by name. The names are stable; the sentences are for people. */
export type PostgresProblemCode =
  | 'no_binaries'
  | 'cannot_demote'
  | 'not_permitted'
  | 'version_differs'
  | 'not_a_cluster'
  | 'password_missing'
  | 'in_use'
  | 'port_taken'
  | 'port_not_permitted'
  | 'disk_full'
  | 'did_not_start'
  | 'did_not_stop';

/**
 * PostgreSQL could not be brought up or taken down. `message` is one or two sentences that say what is the matter and
 * what to do about it; it can be shown to a person as it is, without the stack.
 */
export class PostgresProblem extends Error {
  readonly code: PostgresProblemCode;

  constructor(code: PostgresProblemCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = 'PostgresProblem';
    this.code = code;
  }
}

/** The `code` of a Node system error (`ENOENT`, `EACCES`, ...), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
