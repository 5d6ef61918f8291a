/** The bounds of the HTTP edge, with their reasons. What bounds seats and texts is in the engine's `policy`. */
export const httpLimits = {
  /** A body that names a few hundred holders fits many times over. */
  bodyBytes: 64 * 1024,
  /** Stripe's largest events (invoices with many lines) stay well below this. */
  webhookBytes: 1024 * 1024,
  /** A problem document without counts is better than one that comes a second late. */
  countsMs: 1_000,
  /** The shortest time limit of a function on the hosting platforms is 10 s; what is left over is done by the next call. */
  tickBudgetMs: 8_000,
  /** Longest `?before=`: 15 digits are always a safe integer. */
  numberDigits: 15,
  /** Pages of history; the engine checks the range. */
  pageSize: 50,
} as const;

/** `Retry-After`, in seconds. */
export const retryAfter = {
  /** An open outcome is usually known within a second or two. */
  openOutcome: 2,
  /** Another process is at the same organization. */
  busy: 1,
  /** A database that restarts or fails over is back in about this time. */
  database: 5,
  /** Hundreds of waiting changes go through in a handful of Stripe calls. */
  queue: 5,
  stripe: 5,
} as const;
