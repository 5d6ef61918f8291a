import { Problem, Unreachable } from './api.ts';

/** What a person is told about a request that did not end well. */
export interface Trouble {
  readonly title: string;
  readonly detail: string;
  readonly code: string | null;
}

/**
 * What a request does that is sent again after a lost answer. It counts once where it carries its key or says what is to
 * be in the end; otherwise it makes another one of what it made.
 */
export type Repeated = 'counts_once' | 'makes_another';

/** Words for a failed request. What is not known is called unknown. */
export function troubleOf(error: Error, repeated: Repeated = 'counts_once'): Trouble {
  if (error instanceof Problem) {
    const { code, title, detail } = error.body;
    // Who typed it knows of no request.
    return { title: code === 'invalid_input' ? 'What was entered cannot be taken.' : title, detail, code };
  }
  if (error instanceof Unreachable) {
    return {
      title: 'The server did not answer.',
      detail: `It is not known whether the request arrived. ${tryingAgain[repeated]}`,
      code: null,
    };
  }
  throw error;
}

const tryingAgain: Readonly<Record<Repeated, string>> = {
  counts_once: 'Trying again sends the same request; it counts only once.',
  makes_another: 'Look whether it is there before trying again, because that can make a second one.',
};
