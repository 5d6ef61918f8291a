/**
 * Two runs side by side: while one waits for leases to run out, the other works. If one fails the other is told to stop,
 * and has cleaned up before the failure is passed on.
 */
export async function together<First, Second>(
  signal: AbortSignal,
  first: (signal: AbortSignal) => Promise<First>,
  second: (signal: AbortSignal) => Promise<Second>,
): Promise<[First, Second]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const stopOther = (error: unknown): never => {
    failed.abort();
    throw error;
  };
  const [one, other] = await Promise.allSettled([first(either).catch(stopOther), second(either).catch(stopOther)]);
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'rejected') throw other.reason;
  return [one.value, other.value];
}
