'use client';

import { useState } from 'react';

/** Why the last reading failed, also while the next one is under way: what was said about it does not flicker. */
export function useTrouble({
  error,
  isSuccess,
}: {
  readonly error: Error | null;
  readonly isSuccess: boolean;
}): Error | null {
  const [last, setLast] = useState(error);
  const trouble = error ?? (isSuccess ? null : last);
  if (trouble !== last) setLast(trouble);
  return trouble;
}
