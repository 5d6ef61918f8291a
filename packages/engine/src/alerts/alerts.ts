import { eventIdOf } from './event-id.ts';
import { type SentryDelivery, sentryDelivery } from './sentry-delivery.ts';
import type { SentryLike } from './sentry-like.ts';
import { withoutSecrets } from './without-secrets.ts';

export type { SentryClientLike, SentryEvent, SentryLike } from './sentry-like.ts';

/** What an alert is about. Ids are opaque, and names of people are not among them. */
export interface AlertContext {
  readonly organization: string;
  readonly seatCountBefore: number;
  readonly seatCountAfter: number;
  readonly stripeRequestId: string | null;
  readonly push: string | null;
  /** What Stripe said, where it said something. */
  readonly stripeError?: string | undefined;
  /** What the database said, where it failed. */
  readonly databaseError?: string | undefined;
  readonly [more: string]: unknown;
}

/** Something that a person has to know. */
export interface Alert {
  /** One per incident: the same in every process and on every retry. */
  readonly fingerprint: string;
  /** 32 hex digits that follow from the fingerprint; Sentry's id of the event. */
  readonly eventId: string;
  readonly level: 'fatal' | 'error' | 'warning' | 'info';
  readonly message: string;
  readonly context: AlertContext;
}

/** A structured logger: pino, or anything with these methods. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
}

export interface Alerts {
  /**
   * Tells an incident to the log, to the host's hook and to Sentry: at once, never waiting and never throwing. Raising it
   * again under the same fingerprint is harmless: it then goes only where it has not arrived yet, with what is now known.
   */
  raise(alert: Omit<Alert, 'eventId'>): void;
  /** Tells that an incident is over, under its fingerprint, as information. */
  resolved(fingerprint: string, note: string, context: AlertContext): void;
  /** Alerts that Sentry has not accepted yet. */
  pending(): number;
  /** Tries those again whose wait is over. A timer does the same by itself; this is for who wants to know. */
  deliver(): Promise<{ delivered: number; left: number }>;
  /** Tries once more, whatever the waits, and stops. What is left then is lost to this process, and said in the log. */
  close(): Promise<void>;
}

export interface AlertsOptions {
  readonly logger: Logger;
  /** The host's Sentry, initialised by the host. Without it, alerts go to the log and to the hook only. */
  readonly sentry?: SentryLike;
  /** Called once per alert. One that throws, or rejects, is logged and called again when the alert is raised again. */
  readonly onAlert?: (alert: Alert) => void | Promise<void>;
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number;
  /** Milliseconds that only ever go forward; default the process's own clock. */
  readonly monotonicNow?: () => number;
  /** Waits between tries at Sentry, in milliseconds; the last one repeats. Default 1 s, growing to a minute. */
  readonly retryDelaysMs?: readonly number[];
}

/** Alerts remembered as told, so that retries do not fill the log. Far more than are ever open at one time. */
const rememberedAlerts = 5_000;

/** Makes the one place that alerts go through. */
export function createAlerts(options: AlertsOptions): Alerts {
  const { onAlert } = options;
  const logger = unbreakable(options.logger);
  const { now = Date.now, monotonicNow = () => performance.now() } = options;
  const told = new Map<string, { log: boolean; hook: boolean }>();
  const sentry: SentryDelivery | null = options.sentry
    ? sentryDelivery(options.sentry, logger, { now, monotonicNow }, options.retryDelaysMs)
    : null;

  function tell(alert: Alert): void {
    const where = remember(told, alert.eventId);
    const level = alert.level === 'warning' ? 'warn' : alert.level;
    const fields = { ...alert.context, fingerprint: alert.fingerprint, alert: alert.eventId };
    if (where.log) logger.debug(fields, alert.message);
    else logger[level](fields, alert.message);
    where.log = true;
    if (onAlert && !where.hook) void callHook(onAlert, alert, where);
    sentry?.tell(alert);
  }

  async function callHook(
    hook: NonNullable<AlertsOptions['onAlert']>,
    alert: Alert,
    where: { hook: boolean },
  ): Promise<void> {
    where.hook = true;
    try {
      await hook(alert);
    } catch (error) {
      where.hook = false;
      logger.error({ err: withoutSecrets(error), alert: alert.eventId }, 'The host’s onAlert hook failed.');
    }
  }

  return {
    raise(alert) {
      tell({
        ...alert,
        eventId: eventIdOf(alert.fingerprint),
        message: withoutSecrets(alert.message),
        context: withoutSecrets(alert.context),
      });
    },
    resolved(fingerprint, note, context) {
      tell({
        fingerprint,
        // An event of its own: under the alert's id the receiver would take it for a repetition and drop it.
        eventId: eventIdOf(`${fingerprint}:resolved`),
        level: 'info',
        message: `Resolved: ${withoutSecrets(note)}`,
        context: withoutSecrets(context),
      });
    },
    pending: () => sentry?.pending() ?? 0,
    deliver: async () => (await sentry?.deliver()) ?? { delivered: 0, left: 0 },
    async close() {
      await sentry?.close();
    },
  };
}

function remember(
  told: Map<string, { log: boolean; hook: boolean }>,
  eventId: string,
): { log: boolean; hook: boolean } {
  const known = told.get(eventId);
  if (known) return known;
  const oldest = told.keys().next().value;
  if (told.size >= rememberedAlerts && oldest !== undefined) told.delete(oldest);
  const fresh = { log: false, hook: false };
  told.set(eventId, fresh);
  return fresh;
}

/** A log that cannot be written must not stop a change or its rollback; standard error is what is left to say so on. */
export function unbreakable(logger: Logger): Logger {
  const guarded =
    (level: keyof Logger) =>
    (fields: object, message: string): void => {
      try {
        logger[level](fields, message);
      } catch (error) {
        console.error(`Seatbelt could not write to its log (${String(error)}): ${message}`);
      }
    };
  return {
    debug: guarded('debug'),
    info: guarded('info'),
    warn: guarded('warn'),
    error: guarded('error'),
    fatal: guarded('fatal'),
  };
}
