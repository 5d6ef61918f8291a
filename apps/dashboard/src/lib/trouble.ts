import { Problem, Unreachable } from './api.ts';

/** What a person is told about a request that did not end well. */
export interface Trouble {
  readonly title: string;
  readonly detail: string;
  readonly code: string | null;
}

/** Words for a failed request. What is not known is called unknown. */
export function troubleOf(error: Error): Trouble {
  if (error instanceof Problem) return { title: error.body.title, detail: error.body.detail, code: error.body.code };
  if (error instanceof Unreachable) {
    return {
      title: 'The server did not answer.',
      detail: 'It is not known whether the request arrived. Trying again sends the same request; it counts only once.',
      code: null,
    };
  }
  throw error;
}
