/**
 * The numbers that decisions use, and the leases, polls and rates of those who carry them out, each with its reason. Times are
 * milliseconds. A part's own timing (how long the worker waits after failures, how long a quote is good, what the database and
 * HTTP are given) stands in that part.
 */
export const policy = {
  /** A Stripe write is given up on after this. Shorter than the lease, so that a live sender never outlives its own claim. */
  stripeTimeoutMs: 10_000,
  /** How long a claim on an account lasts. A crash costs its account at most this plus one poll. */
  leaseMs: 15_000,
  /**
   * How long a request may be decided on the state that this process left behind, instead of a load. The commit finds
   * what has changed since, so this only keeps the clock of that state near and a lost race rare.
   */
  rememberedMs: 10_000,
  /** How often an idle worker asks for due accounts. With the lease it bounds pick-up after a crash to about 17 s. */
  pollMs: 2_000,
  /** How long an engine that is being closed waits for listeners of the host; supervisors kill after ten seconds. */
  lastWordsMs: 5_000,
  /** How long a round of all duties begins something new; what was begun then comes to its end. */
  roundMs: 10_000,
  /**
   * Accounts one worker has under way at a time. With a Stripe that takes 300 ms this is about 130 calls a second, more
   * than the default limit of an account; each one is reached well within its lease.
   */
  advancedAtOnce: 40,
  /**
   * After a "too many requests" recovery goes at this part of what Stripe took in the second before, so that what comes
   * closer together on its way than it was sent is not turned away again.
   */
  paceOfTaken: 0.98,
  /**
   * It then gets faster by the square of the time: from 98 it meets a limit of 100 again after two seconds, and what was slow
   * because others were busy is twice as fast after this and a hundred times after two and a half minutes.
   */
  paceDoublesAfterMs: 15_000,
  /** Accounts under way have requests for two seconds between them, so that none waits for its turn until its lease is over. */
  paceAheadMs: 2_000,
  /** A rate above this is no limit: the places end before it. Far above the documented 100 a second. */
  paceForgottenPerSecond: 500,

  /**
   * The part of the account's limit at Stripe that Seatbelt uses: the rest is for the host's own requests, and for requests
   * that come closer together on their way than they were sent.
   */
  rateShare: 0.8,
  /** Stripe's documented limits of an account, in requests a second. https://docs.stripe.com/rate-limits */
  liveRequestsPerSecond: 100,
  testRequestsPerSecond: 25,
  /** How far ahead people's requests may queue for Stripe: what of a lease is left beside the request itself. */
  turnAheadMs: 5_000,
  /** Recovery takes turns this far ahead, which is all that a person waits for it. */
  recoveryAheadMs: 50,
  /** What recovery, and the sweep, may take of the rate although others are before them, so that nobody starves. */
  rateLowerShare: 0.1,
  /** A "too many requests" takes a fifth of the rate away from all processes, down to a tenth; it is back within seconds. */
  rateAfterTooMany: 0.8,
  rateLeast: 0.1,
  rateRecoversPerSecond: 0.05,
  /** How long reading a list waits for its turn; then it is tried again as after any failure. */
  listTurnMs: 30_000,
  /** How often a process that got no turn asks again at the latest. */
  turnPollMs: 250,
  /** A process that cannot read the common rate goes on by itself so many times slower: as if seven others did the same. */
  rateAloneSlower: 8,

  /**
   * After this a request that was sent can no longer be executing: Stripe cuts its own requests at about a minute.
   * A process that was paused before it sent is not covered by this; the tail looks are for it.
   */
  requestLifetimeMs: 60_000,
  /** Stripe keeps an idempotency key for at least 24 h; an hour is left for clock differences. After this nothing is replayed. */
  keyLifetimeMs: 23 * 3_600_000,
  /** Three 500s over this time say that the key is spent. */
  spentAfterMs: 60_000,
  spentAfterServerErrors: 3,
  /** New keys tried after a spent one, before a person is asked. */
  generations: 3,

  /**
   * Waits between replays of one push in doubt; the last one repeats. Most doubts are over after the first, and whoever waits
   * for a Stripe that is back after an hour waits no longer than this (0020); how many ask at once is for `pace` to bound.
   */
  replayDelaysMs: [500, 1_000, 2_000, 5_000, 10_000, 30_000],
  /** The same where a quota of the subscription is used up, which is filled for hours. */
  quotaReplayDelaysMs: [500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000],
  /** Waits after a 429: that send surely did not run, whatever became of earlier ones. */
  backOffDelaysMs: [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000],
  /** An owner waits no longer than this for a Stripe that only says "too many requests". */
  backOffLimitMs: 600_000,
  /** A quota of the subscription is filled for hours, so asking often only wastes it. */
  quotaDelayMs: 600_000,

  /**
   * Stripe's quotas of a subscription, less what others need of them: the renewal and a person make invoices too, and a
   * late write is reversed without asking. https://docs.stripe.com/rate-limits
   */
  quotas: { updatesPerHour: 190, invoicesPerMinute: 9, invoicesPerDay: 18 },

  /** Looks after a push that did not end with a clean first answer: our own late write shows up in one of them. */
  tailLooksMs: [60_000, 600_000, 3_600_000, 25 * 3_600_000],
  /** A held account is looked at this often, in case the cause went away by itself. */
  heldLookMs: 3_600_000,
  /** When it is tried again where another account's push is open on the same subscription. */
  busySubscriptionMs: 2_000,
  /** After Stripe refused our API key an account is looked at this often, to see when it is accepted again. */
  refusedKeyLookMs: 600_000,
  /** Waits between looks that failed; the last one repeats. */
  lookDelaysMs: [1_000, 5_000, 15_000, 30_000],
  /** When Stripe is read again whose invoice is paid and whose quantity does not show; after the last a person is asked. */
  paidLookDelaysMs: [1_000, 5_000, 15_000, 60_000, 300_000],
  /** A push in doubt for longer than this is shown to a person as an incident. */
  doubtIncidentMs: 300_000,

  /** Foreign changes put back within `revertWindowMs`; the next one is a person's: two programs must not fight over a number. */
  revertsInWindow: 2,
  revertWindowMs: 24 * 3_600_000,
  /**
   * Late writes of our own reversed within `revertWindowMs`; the next one is a person's. One push has three keys, so one
   * accident makes three at most; more than two accidents' worth in a day is something else that repeats our requests.
   */
  reversalsInWindow: 6,
  /**
   * A scheduled decrease is told to Stripe this long before the period ends, so that the renewal is billed at the new
   * quantity: long enough for a Stripe that is away for a while, and no customer is short of a seat for long.
   */
  scheduleLeadMs: 3_600_000,
  /** A change that waits for an owner's approval lapses after this; nobody expects a purchase of last week. */
  approvalLifetimeMs: 7 * 86_400_000,
  /** The longest settling time terms may ask for: changes that wait longer would hardly be one burst. */
  settleLimitMs: 3_600_000,
  /** What the guard adds up over. */
  guardWindowMs: 86_400_000,
  /** How finely the guard remembers when: a day is at most 145 entries on the account, and nothing counts for longer by more than this. */
  guardSlotMs: 600_000,
  /**
   * How often the price of one purchase is asked for anew because others bought meanwhile. In one process they come one
   * after the other, so this is about other processes; after it an owner is asked.
   */
  priceTries: 5,
  /**
   * How often a payment is asked for while its invoice is open, by its age: customers pay within minutes or much later,
   * and the webhook of the payment makes the account due anyway.
   */
  paymentLooks: [
    { youngerThanMs: 600_000, everyMs: 15_000 },
    { youngerThanMs: 7_200_000, everyMs: 60_000 },
    { youngerThanMs: Number.POSITIVE_INFINITY, everyMs: 600_000 },
  ],
  /** An open invoice without its pending update is read again this often, and then voided: paying it would bring nothing. */
  orphanLooks: 3,
  orphanLookMs: 2_000,

  /** How often Stripe's own list of events is read, by one process for all: what a lost webhook told is late by this at most. */
  eventsEveryMs: 30_000,
  /** Events become visible out of order for a moment, so the newest ones are read again; those known already mark nothing. */
  eventsOverlapMs: 30_000,
  /** Pages of events in one round, so that catching up after a long silence does not keep the other duties waiting. */
  eventPages: 20,

  /** Everything is compared once in this time, whatever events told. */
  sweepEveryMs: 24 * 3_600_000,
  /** List calls a sweep makes in a second. A fifth of Stripe's limit of 100 a second, which changes need more. */
  sweepCallsPerSecond: 20,
  /** A worker polls every two seconds, and waits half a minute after failures; after this it is not late but silent. */
  roundSilentMs: 60_000,
  /** How often a cron calls the tick route, unless the host says otherwise. */
  tickEveryMs: 60_000,
  /** Where seats are changed and nobody has ever begun a round, a person hears of it after this. */
  firstRoundMs: 600_000,
  /** How often a process looks after the duties of all; it finds a silent one at most this much later. */
  watchEveryMs: 15_000,
  /** How often it is looked for what is open and due at no time, which no commit should leave behind. */
  forgottenEveryMs: 60_000,
  /** The part of a worker's round that a sweep may take. */
  sweepSliceMs: 1_000,
  /** A sweep under way is another process's after this much silence. */
  sweepLeaseMs: 60_000,
  /** Accounts a sweep may change before it stops and a person is asked: so many differences are one mistake, not many. */
  sweepRepairs: 100,
  /** Subscriptions without an account that one sweep names; the rest is only counted. */
  sweepUnlinkedNamed: 10_000,

  /** Second subscriptions of linked customers that one round reads, and how often each of them is read without an event. */
  duplicatesRead: 20,
  duplicateLookMs: 3_600_000,

  /** Subscriptions without an account that one round asks the host about. */
  firstPurchases: 20,
  /** How long the host has to say whose a subscription is: a look into its own database. */
  resolveMs: 10_000,
  /** Waits between tries to find out whose a subscription is; the last one repeats. */
  firstPurchaseDelaysMs: [5_000, 30_000, 300_000, 3_600_000],

  /** Extra Stripe calls spent on telling apart the increases of a refused joint push. */
  retriesAlone: 3,
  /** Waiting changes per account; one more is refused. Far above any burst seen, far below what one load can carry. */
  waitingLimit: 5_000,
  /** Optimistic attempts of one commit before the row is locked, so that no account starves. */
  conflictsBeforeLock: 3,
  /** How long a command may wait in this process before it is dropped uncommitted. */
  memoryWaitMs: 10_000,
  /** How long a caller waits for an outcome before it hears 202. */
  answerWaitMs: 10_000,
  /** How long one `advance` stays with an account whose next step is near, instead of leaving it to the next poll. */
  lingerMs: 3_000,
  /** Waits between attempts to write an outcome that is known but could not be committed; the last one repeats. */
  commitDelaysMs: [100, 250, 500, 1_000, 2_000, 5_000],
  /** How often somebody who waits for an outcome asks the database, when another process may bring it. */
  outcomePollMs: 250,
  /** Commands committed together at most: one statement of this size stays well under a second. */
  jointLimit: 1_000,
  /** Steps of one `advance` call: bounds the loop; what is left is found by the next one. */
  advanceSteps: 24,

  /**
   * Where there are this many accounts, what takes reading all of them (totals for people and scrapers) is counted once in
   * this time by each process: a million take most of a second.
   */
  totalsKeptFromAccounts: 100_000,
  totalsKeptMs: 60_000,

  /** The largest number of seats anywhere. Stripe's own bound on quantity is far above it. */
  seatsLimit: 1_000_000,
  /** The longest string a caller may give us (holder, actor, reason, key). */
  textLimit: 200,
} as const;

/** The wait before the next try after `tries` tries; the last delay repeats. */
export function delayAfter(delays: readonly number[], tries: number): number {
  const delay = delays[Math.min(Math.max(tries, 1), delays.length) - 1];
  return delay ?? 0;
}
