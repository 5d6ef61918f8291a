/** Where the contract's routes are. */
export const paths = {
  health: '/api/health',
  seats: '/api/billing/seats',
  preview: '/api/billing/seats/preview',
  changes: '/api/billing/seats/changes',
  webhook: '/api/webhooks/stripe',
  tick: '/api/seatbelt/tick',
  metrics: '/api/metrics',
} as const;

/** Where one change can be asked for. */
export function changePath(id: string): string {
  return `${paths.changes}/${encodeURIComponent(id)}`;
}

/** The last segment of a path as its caller meant it, or null where it cannot be decoded. */
export function lastSegment(url: string): string | null {
  const segment = new URL(url).pathname.split('/').findLast((part) => part !== '') ?? '';
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
