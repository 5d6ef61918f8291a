export type StartProblemCode =
  | 'already_running'
  | 'port_taken'
  | 'port_unusable'
  | 'not_writable'
  | 'file_unusable'
  | 'not_permitted'
  | 'database_unreachable'
  | 'cannot_be_kept_running';

/** `npm start` cannot go on. `message` is for a person and can be shown without the stack. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
  readonly code: StartProblemCode;

  constructor(code: StartProblemCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.code = code;
  }
}
