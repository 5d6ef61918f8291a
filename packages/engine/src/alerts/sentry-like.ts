/** The event that is given to Sentry. */
export interface SentryEvent {
  event_id: string;
  level: 'fatal' | 'error' | 'warning' | 'info';
  message: string;
  /** Seconds since 1970. */
  timestamp: number;
  logger: string;
  fingerprint: string[];
  tags: Record<string, string>;
  contexts: { seatbelt: Record<string, unknown> };
}

/**
 * The part of a Sentry SDK that is used. `import * as Sentry from '@sentry/node'` satisfies it, and so do Sentry's other
 * SDKs for servers. The host initialises it; this library never does.
 */
export interface SentryLike {
  captureEvent(event: SentryEvent, hint?: { event_id?: string }): string;
  /** Resolves with true when everything under way has been sent. */
  flush?(timeoutMs: number): PromiseLike<boolean>;
  getClient?(): SentryClientLike | undefined;
}

/** Sentry's client. Its hooks tell what became of an event, which nothing else does. */
export interface SentryClientLike {
  on?(hook: 'beforeSendEvent', callback: (event: { event_id?: string }) => void): () => void;
  on?(
    hook: 'afterSendEvent',
    callback: (event: { event_id?: string }, response: { statusCode?: number }) => void,
  ): () => void;
  /** Sends an event that went through the host's filters already. */
  sendEvent?(event: never): void;
}
