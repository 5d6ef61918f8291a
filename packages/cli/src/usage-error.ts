/** The command line asks for something that cannot be; the sentence says what to change. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code: 'usage' | 'unknown_change';
  constructor(message: string, code: 'usage' | 'unknown_change' = 'usage') {
    super(message);
    this.code = code;
  }
}
