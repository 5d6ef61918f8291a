/** What `within` gives where the answer takes longer. */
export const tooLate = Symbol('too late');

/** The answer of somebody else's code, or `tooLate` after that many milliseconds. What it does then is not stopped. */
export async function within<T>(answer: T | Promise<T>, ms: number): Promise<T | typeof tooLate> {
  const { promise, resolve } = Promise.withResolvers<typeof tooLate>();
  const timer = setTimeout(resolve, ms, tooLate);
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}
