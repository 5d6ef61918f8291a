import type { Alert, Logger } from './alerts.ts';
import type { SentryClientLike, SentryEvent, SentryLike } from './sentry-like.ts';
import { withoutSecrets } from './without-secrets.ts';

/**
 * At-least-once delivery to Sentry. The SDK is fire-and-forget: `captureEvent` answers with an id whether or not anything
 * was sent, and `flush` says true also where the receiver answered 500. What became of an event is only told by the
 * client's hooks (read in @sentry/node 11.12): `beforeSendEvent` gives the event as it is sent, after scope and filters,
 * and `afterSendEvent` gives the receiver's status, or none where the request failed or was held back by a rate limit.
 *
 * A retry sends the very event that was sent before, through `sendEvent`. Capturing it again would not do: the SDK's own
 * Dedupe integration, on by default, drops an event that looks like the last one, and sampling would roll its dice again.
 */
export interface SentryDelivery {
  tell(alert: Alert): void;
  pending(): number;
  deliver(): Promise<{ delivered: number; left: number }>;
  close(): Promise<void>;
}

const limits = {
  /** Alerts kept in memory. The database keeps the incidents behind them, so this only bounds a flood. */
  queue: 1_000,
  /** Accepted ids remembered, so that the same incident raised again costs nothing. */
  accepted: 5_000,
  /** How long one try may take: the SDK has no timeout of its own for a receiver that is silent. */
  sendTimeoutMs: 5_000,
  /** How long a process that is about to end waits for what is under way, and then for one more try. */
  lastTryMs: 2_000,
  /** What the host's own sampling or `beforeSend` drops this often is theirs to drop. */
  droppedTries: 20,
  /** Waits between tries, the last one repeating: an outage is over for us within a minute of its end. */
  retryDelaysMs: [1_000, 2_000, 5_000, 15_000, 30_000, 60_000],
} as const;

interface Waiting {
  event: SentryEvent;
  readonly order: number;
  /** The event as the SDK sent it; retries send the same. */
  prepared: unknown;
  tries: number;
  dropped: number;
  /** By the monotonic clock: the system's clock may be put back while this waits. */
  nextAt: number;
}

type Outcome = 'accepted' | 'not_taken' | 'dropped_here' | 'refused';

const importance = { info: 0, warning: 1, error: 2, fatal: 3 } as const;

export function sentryDelivery(
  sentry: SentryLike,
  logger: Logger,
  clocks: { readonly now: () => number; readonly monotonicNow: () => number },
  retryDelaysMs: readonly number[] = limits.retryDelaysMs,
): SentryDelivery {
  const { now, monotonicNow } = clocks;
  const waiting = new Map<string, Waiting>();
  const accepted = new Set<string>();
  const watchers = new Map<string, (outcome: Outcome) => void>();
  const stopListening = new Map<SentryClientLike, (() => void)[]>();
  let order = 0;
  let round: Promise<number> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function tell(alert: Alert): void {
    if (accepted.has(alert.eventId)) return;
    const known = waiting.get(alert.eventId);
    if (known) {
      // What is known by now, unless it is on its way already: then the retries repeat what was sent.
      known.event = eventOf(alert, known.event.timestamp * 1_000);
      return;
    }
    if (waiting.size >= limits.queue) dropLeastImportant();
    order += 1;
    const event = eventOf(alert, now());
    waiting.set(alert.eventId, { event, order, prepared: null, tries: 0, dropped: 0, nextAt: monotonicNow() });
    start();
  }

  function dropLeastImportant(): void {
    const [least] = [...waiting.values()].sort(
      (a, b) => importance[a.event.level] - importance[b.event.level] || a.order - b.order,
    );
    if (!least) return;
    waiting.delete(least.event.event_id);
    logger.error(
      { alert: least.event.event_id },
      `More than ${limits.queue} alerts wait for Sentry; the least important one is dropped. It is in this log.`,
    );
  }

  /** One round at a time; an alert that arrives during one is taken by it. */
  function start(): Promise<number> {
    round ??= deliverDue().finally(() => {
      round = null;
      schedule();
    });
    return round;
  }

  async function deliverDue(): Promise<number> {
    let delivered = 0;
    // Begins in a later turn, so that raising an alert never waits for the SDK's own work.
    await Promise.resolve();
    for (;;) {
      const next = [...waiting.values()]
        .filter((item) => item.nextAt <= monotonicNow())
        .sort((a, b) => a.order - b.order)[0];
      if (next === undefined) return delivered;
      const outcome = await attempt(next);
      if (outcome === 'accepted') delivered += 1;
      settle(next, outcome);
    }
  }

  function settle(item: Waiting, outcome: Outcome): void {
    const { event_id: eventId } = item.event;
    item.tries += 1;
    if (outcome === 'dropped_here') item.dropped += 1;
    if (outcome === 'accepted') {
      waiting.delete(eventId);
      const oldest = accepted.keys().next().value;
      if (accepted.size >= limits.accepted && oldest !== undefined) accepted.delete(oldest);
      accepted.add(eventId);
      if (item.tries > 1) logger.info({ alert: eventId, tries: item.tries }, 'Sentry took an alert after retries.');
      return;
    }
    if (outcome === 'refused' || item.dropped >= limits.droppedTries) {
      waiting.delete(eventId);
      logger.error(
        { alert: eventId },
        outcome === 'refused'
          ? 'Sentry refuses this alert for good; it is only in this log.'
          : 'The Sentry SDK keeps dropping this alert (sampling, beforeSend or an ignore list); it is only in this log.',
      );
      return;
    }
    const delay = retryDelaysMs[Math.min(item.tries, retryDelaysMs.length) - 1] ?? 0;
    item.nextAt = monotonicNow() + delay;
    if (item.tries === 1) logger.warn({ alert: eventId }, 'Sentry did not take an alert; it is tried again.');
    // Who does not take one takes none: the others wait with it instead of each running into its own timeout.
    if (outcome === 'not_taken') {
      for (const other of waiting.values()) other.nextAt = Math.max(other.nextAt, item.nextAt);
    }
  }

  async function attempt(item: Waiting): Promise<Outcome> {
    const { event_id: eventId } = item.event;
    const late = Promise.withResolvers<Outcome>();
    const limit = setTimeout(() => late.resolve('not_taken'), limits.sendTimeoutMs);
    try {
      const client = sentry.getClient?.();
      // Not initialised (yet): the SDK would throw the event away.
      if (sentry.getClient && client === undefined) return 'not_taken';
      if (!client?.on) return await Promise.race([withoutHooks(item), late.promise]);
      listen(client);
      const watched = Promise.withResolvers<Outcome>();
      watchers.set(eventId, watched.resolve);
      if (item.prepared !== null && client.sendEvent) client.sendEvent(item.prepared as never);
      else sentry.captureEvent(worded(item), { event_id: eventId });
      return await Promise.race([watched.promise, droppedHere(item), late.promise]);
    } catch (error) {
      logger.warn({ alert: eventId, err: withoutSecrets(error) }, 'The Sentry SDK threw on an alert.');
      return 'not_taken';
    } finally {
      clearTimeout(limit);
      watchers.delete(eventId);
    }
  }

  /** The SDK drops what reads like the event before it, also where it sent neither. Grouping goes by fingerprint anyway. */
  function worded(item: Waiting): SentryEvent {
    return item.tries === 0 ? item.event : { ...item.event, message: `${item.event.message} (try ${item.tries + 1})` };
  }

  /** A Sentry without hooks does not tell what a receiver said; that everything has been sent is the most it can say. */
  async function withoutHooks(item: Waiting): Promise<Outcome> {
    sentry.captureEvent(item.event, { event_id: item.event.event_id });
    const flushed = (await sentry.flush?.(limits.sendTimeoutMs)) ?? true;
    return flushed ? 'accepted' : 'not_taken';
  }

  /** Once the SDK has nothing left to do, an event that it has not begun to send is one that it will not send. */
  async function droppedHere(item: Waiting): Promise<Outcome> {
    if (sentry.flush) {
      await sentry.flush(limits.sendTimeoutMs);
      if (item.prepared === null) return 'dropped_here';
    }
    return new Promise(() => undefined);
  }

  function listen(client: SentryClientLike): void {
    if (stopListening.has(client)) return;
    const stops = [
      client.on?.('beforeSendEvent', (event) => {
        const item = event.event_id === undefined ? undefined : waiting.get(event.event_id);
        if (item) item.prepared = event;
      }),
      client.on?.('afterSendEvent', (event, response) => {
        const item = event.event_id === undefined ? undefined : waiting.get(event.event_id);
        if (!item) return;
        const outcome = outcomeOf(response.statusCode);
        const watcher = watchers.get(item.event.event_id);
        if (watcher) watcher(outcome);
        // An answer after its try was given up on: still an answer.
        else if (outcome === 'accepted') settle(item, outcome);
      }),
    ];
    stopListening.set(
      client,
      stops.filter((stop) => typeof stop === 'function'),
    );
  }

  function schedule(): void {
    clearTimeout(timer);
    if (closed || waiting.size === 0) return;
    const nextAt = Math.min(...[...waiting.values()].map((item) => item.nextAt));
    timer = setTimeout(start, Math.max(0, nextAt - monotonicNow()));
    // Waiting for Sentry is no reason for a process to stay; the worker, and the incidents in the database, are.
    (timer as { unref?: () => void }).unref?.();
  }

  return {
    tell,
    pending: () => waiting.size,
    async deliver() {
      const delivered = await start();
      return { delivered, left: waiting.size };
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      if (round !== null) await withoutHanging(round);
      for (const item of waiting.values()) item.nextAt = monotonicNow();
      // A round that still hangs is on the first of these already; there is nothing more to try.
      if (round === null && waiting.size > 0) await withoutHanging(start());
      if (waiting.size > 0) {
        logger.warn({ alerts: [...waiting.keys()] }, `${waiting.size} alert(s) did not reach Sentry before the end.`);
      }
      for (const stops of stopListening.values()) for (const stop of stops) stop();
    },
  };
}

async function withoutHanging(round: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const limit = setTimeout(resolve, limits.lastTryMs);
  await Promise.race([round, promise]);
  clearTimeout(limit);
}

/** 413: too large, today and tomorrow. Everything else that is not a yes may become one. */
function outcomeOf(status: number | undefined): Outcome {
  if (status === undefined) return 'not_taken';
  if (status >= 200 && status < 300) return 'accepted';
  return status === 413 ? 'refused' : 'not_taken';
}

function eventOf(alert: Alert, at: number): SentryEvent {
  const { organization, push, stripeRequestId } = alert.context;
  return {
    event_id: alert.eventId,
    level: alert.level,
    message: alert.message,
    timestamp: at / 1_000,
    logger: 'seatbelt',
    fingerprint: [alert.fingerprint],
    tags: {
      organization,
      ...(push === null ? {} : { push }),
      ...(stripeRequestId === null ? {} : { stripe_request_id: stripeRequestId }),
    },
    contexts: { seatbelt: { ...alert.context } },
  };
}
