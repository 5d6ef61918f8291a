/** The API version that the pinned SDK speaks. */
export const apiVersion = '2026-10-28.endive';

/** Numbers of the simulated account; everything a test may want to change. */
export interface Settings {
  /** The rate limiter and the per-subscription quotas; off by default, because most tests would only trip over them. */
  limits: boolean;
  /** Requests a second in a sandbox (documented: 25). */
  requestsPerSecond: number;
  /** Documented per subscription: 10 invoices a minute, 20 a day, 200 quantity updates an hour. */
  invoicesPerMinute: number;
  invoicesPerDay: number;
  quantityUpdatesPerHour: number;
  /** How long a request waits for a locked object before it gets a 429 lock_timeout. Real milliseconds. */
  lockWaitMs: number;
  /** Keys may be removed once they are at least 24 hours old; the simulator removes them at exactly that age. */
  keyLifetimeSeconds: number;
  /** A pending update lives 23 hours, or up to the end of the period if that is earlier. */
  pendingUpdateLifetimeSeconds: number;
  /** An incomplete subscription's first invoice can be paid for 23 hours. */
  incompleteLifetimeSeconds: number;
  /** What the subscription becomes when all payment attempts failed. */
  dunningEnd: 'past_due' | 'unpaid' | 'canceled';
  /** Seconds after the first failure at which a failed renewal is tried again. */
  dunningRetries: number[];
  /** A renewal invoice stays a draft this long before it is finalized (documented: about an hour). */
  draftSeconds: number;
  /** Webhook retries after a failed delivery, in seconds after the attempt before. */
  webhookRetries: number[];
  /** Events can be listed for 30 days. */
  eventLifetimeSeconds: number;
  /** How many events are kept at most, beside their age; the oldest go first. */
  eventLimit: number;
  /** How many entries the request log and the finished deliveries keep; the oldest go first. */
  logLimit: number;
}

const day = 86_400;

export const defaultSettings: Settings = {
  limits: false,
  requestsPerSecond: 25,
  invoicesPerMinute: 10,
  invoicesPerDay: 20,
  quantityUpdatesPerHour: 200,
  lockWaitMs: 2_000,
  keyLifetimeSeconds: day,
  pendingUpdateLifetimeSeconds: 23 * 3_600,
  incompleteLifetimeSeconds: 23 * 3_600,
  dunningEnd: 'past_due',
  dunningRetries: [3 * day, 5 * day, 7 * day],
  draftSeconds: 3_600,
  webhookRetries: [10, 60, 600],
  eventLifetimeSeconds: 30 * day,
  eventLimit: 200_000,
  logLimit: 50_000,
};

/** The smallest amount Stripe charges, by currency, in the currency's smallest unit. Others are charged from 1 up. */
export const minimumCharge: Record<string, number> = {
  usd: 50,
  eur: 50,
  gbp: 30,
  aud: 50,
  cad: 50,
  chf: 50,
  sek: 300,
  nok: 300,
  dkk: 250,
  jpy: 50,
};
