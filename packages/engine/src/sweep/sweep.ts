import type { Advancer } from '../advance.ts';
import type { Logger } from '../alerts/alerts.ts';
import { causeOf, causeWords } from '../core/causes.ts';
import { answerOf } from '../core/drift.ts';
import { delayAfter, policy } from '../core/policy.ts';
import { quantityFor } from '../core/quantity-for.ts';
import type { Cause, State } from '../core/types.ts';
import type { Database } from '../db/executor.ts';
import { isBilled } from '../duties/watch-duplicates.ts';
import { noteDuplicates } from '../store/duplicates.ts';
import { markOrKeep } from '../store/kept-marks.ts';
import type { AccountKey, Store } from '../store/store.ts';
import {
  forgetListed,
  keepSweep,
  readAccountsOfCustomers,
  readCauseSince,
  readLinkedAccounts,
  readUnlistedAccounts,
  type SweepAnswer,
  type SweepFinding,
  type SweepRow,
  type SweepStep,
  saveSweepStep,
} from '../store/sweeps.ts';
import { noteUnlinked } from '../store/unlinked.ts';
import type { ListResult, StripeAdapter } from '../stripe/adapter.ts';
import type { SubscriptionFacts } from '../stripe/read-subscription.ts';
import { comparePage } from './compare.ts';

export interface SweepContext {
  readonly database: Database;
  readonly store: Store;
  readonly advancer: Pick<Advancer, 'advance'>;
  readonly stripe: Pick<StripeAdapter, 'listSubscriptions' | 'look'>;
  readonly logger: Logger;
  /** The host can say whose an unlinked subscription is. */
  readonly noteUnlinked: boolean;
  readonly pause: (ms: number) => Promise<void>;
  readonly monotonicNow: () => number;
}

export interface SweepPace {
  /** Asked before every page; false: what was begun is brought to its end and the sweep goes on another time. */
  readonly left: () => boolean;
  /** List calls in a second. */
  readonly callsPerSecond: number;
  readonly onProgress?: ((sweep: SweepRow) => void) | undefined;
}

/** How one stretch of a sweep ended. */
export interface SweepStretch {
  readonly sweep: SweepRow;
  /** Why Stripe could not be read any further; null: it could. */
  readonly failed: string | null;
  /** Another process has gone on with it. */
  readonly takenOver: boolean;
}

/** Tries of one page before a sweep gives up for this time. */
const pageTries = 5;
/** Accounts asked for their subscription in one statement, after the walk. */
const accountsAtOnce = 5_000;
/** Accounts whose subscription was not listed that are read before it is written how far the sweep is. */
const missingAtOnce = 100;

/**
 * Compares all subscriptions with the database by walking Stripe's list, a hundred at a time, and then looks at the accounts
 * whose subscription was not listed. After every page it is written how far it is, so whoever goes on begins there. What differs
 * is read once by itself: by a mark and `advance`, as for a webhook, or in a dry run by looking and saying what would be done.
 */
export async function runSweep(context: SweepContext, begun: SweepRow, pace: SweepPace): Promise<SweepStretch> {
  let sweep = begun;
  const save = async (step: SweepStep): Promise<boolean> => {
    const saved = await saveSweepStep(context.database, sweep, step, policy.sweepLeaseMs);
    if (saved === null) return false;
    sweep = saved;
    pace.onProgress?.(sweep);
    return true;
  };

  if (sweep.pages === 0) await forgetListed(context.database);
  const list = pacedList(context, pace);
  let next: Promise<ListResult<SubscriptionFacts>> | null = null;
  while (sweep.state === 'walking' && (next !== null || pace.left())) {
    const page = await (next ?? list(sweep.position));
    next = null;
    if (page.kind !== 'listed') {
      // Nobody can go on from a place that Stripe does not know any more, so this sweep is over and another one begins anew.
      const takenOver = page.kind === 'unknown_position' && !(await save(endOf(sweep)));
      if (sweep.finishedAt !== null) await forgetListed(context.database);
      return { sweep, failed: page.message, takenOver };
    }
    const last = page.data.at(-1)?.id ?? sweep.position;
    // The next page is on its way while this one is compared.
    if (page.hasMore && pace.left()) next = list(last);
    const step = await sweepPage(context, sweep, page.data, { last, hasMore: page.hasMore });
    if (!(await save(step))) return { sweep, failed: null, takenOver: true };
  }
  while (sweep.state === 'missing' && pace.left()) {
    if (!(await save(await sweepMissing(context, sweep)))) return { sweep, failed: null, takenOver: true };
  }
  if (sweep.finishedAt !== null) await forgetListed(context.database);
  return { sweep, failed: null, takenOver: false };
}

/** Lists no faster than it may, and tries again a few times what did not come. */
function pacedList(context: SweepContext, pace: SweepPace) {
  let nextAt = 0;
  return async (after: string | null): Promise<ListResult<SubscriptionFacts>> => {
    for (let tries = 1; ; tries += 1) {
      const wait = nextAt - context.monotonicNow();
      if (wait > 0) await context.pause(wait);
      nextAt = Math.max(nextAt, context.monotonicNow()) + 1_000 / pace.callsPerSecond;
      const listed = await context.stripe.listSubscriptions({ after, timeoutMs: policy.stripeTimeoutMs });
      if (listed.kind !== 'failed' || tries >= pageTries || !pace.left()) return listed;
      await context.pause(delayAfter(policy.lookDelaysMs, tries));
    }
  };
}

/** It ends where it is, without having compared the rest. */
function endOf({ position }: SweepRow): SweepStep {
  const nothing = { pages: 0, subscriptions: 0, listed: [], unlinked: 0, rereads: 0, repairs: 0, findings: [] };
  return { position, state: 'stopped', ...nothing };
}

async function sweepPage(
  context: SweepContext,
  sweep: SweepRow,
  subscriptions: readonly SubscriptionFacts[],
  page: { readonly last: string | null; readonly hasMore: boolean },
): Promise<SweepStep> {
  const accounts = await readLinkedAccounts(
    context.database,
    subscriptions.map(({ id }) => id),
  );
  const { listed, suspects, unlinked } = comparePage(subscriptions, accounts);
  const found = new Findings(sweep);
  await found.unlinked(context, unlinked);
  for (const suspect of suspects) await found.reread(context, suspect.account, 'listed', suspect.quantity);
  return {
    // A page that was cut short is read again by whoever asks for more repairs.
    position: found.stopped ? sweep.position : page.last,
    state: found.stopped ? 'stopped' : page.hasMore ? 'walking' : 'missing',
    pages: 1,
    subscriptions: subscriptions.length,
    listed,
    unlinked: unlinked.length,
    ...found.counts,
    ...(page.hasMore || found.stopped ? {} : { position: null }),
  };
}

async function sweepMissing(context: SweepContext, sweep: SweepRow): Promise<SweepStep> {
  const { last, missing } = await readUnlistedAccounts(context.database, sweep, accountsAtOnce);
  // Bounded, and never between two seat types of one organization, because the place is remembered by organization.
  const cut = missing.findIndex(
    ({ organization }, index) => index >= missingAtOnce && organization !== missing[index - 1]?.organization,
  );
  const now = cut === -1 ? missing : missing.slice(0, cut);
  const found = new Findings(sweep);
  for (const account of now) await found.reread(context, account, 'not_listed', null);
  return {
    position: cut === -1 ? (last ?? sweep.position) : (now.at(-1)?.organization ?? sweep.position),
    state: found.stopped ? 'stopped' : last === null ? 'finished' : 'missing',
    pages: 0,
    subscriptions: 0,
    listed: [],
    unlinked: 0,
    ...found.counts,
  };
}

/** What one step of a sweep finds, and what is done about it. */
class Findings {
  readonly #sweep: SweepRow;
  readonly #found: SweepFinding[] = [];
  #rereads = 0;
  #repairs = 0;
  stopped = false;

  constructor(sweep: SweepRow) {
    this.#sweep = sweep;
  }

  get counts(): { rereads: number; repairs: number; findings: readonly SweepFinding[] } {
    return { rereads: this.#rereads, repairs: this.#repairs, findings: this.#found };
  }

  /**
   * Subscriptions that no account has: the host is asked whose they are, or a person reads of them. One that bills a
   * linked customer at the very price of the linked one is told as an incident where no host can say whose it is; the
   * same customer may pay for other things by a subscription with another price.
   */
  async unlinked(context: SweepContext, unlinked: readonly SubscriptionFacts[]): Promise<void> {
    if (unlinked.length === 0) return;
    const { database } = context;
    const ask = context.noteUnlinked && !this.#sweep.dryRun;
    const named = unlinked.slice(0, Math.max(policy.sweepUnlinkedNamed - this.#sweep.unlinked, 0));
    const accounts = await readAccountsOfCustomers(
      database,
      named.map(({ customer }) => customer),
    );
    if (ask) {
      await noteUnlinked(
        database,
        unlinked.map(({ id }) => id),
      );
    }
    const pairs = named.map((subscription) => {
      const billed = accounts.get(subscription.customer) ?? [];
      const twice = isBilled(subscription.status)
        ? billed.find(({ price }) => price !== null && subscription.items.some((item) => item.price === price))
        : undefined;
      return { id: subscription.id, account: twice ?? billed[0] ?? null, twice: twice !== undefined };
    });
    const told = context.noteUnlinked ? [] : pairs.filter(({ twice }) => twice);
    if (told.length > 0 && !this.#sweep.dryRun) {
      await noteDuplicates(
        database,
        told.flatMap(({ id, account }) => (account === null ? [] : [{ subscription: id, key: account }])),
      );
    }
    const tells = this.#sweep.dryRun ? 'would_tell' : 'told';
    for (const { id, account, twice } of pairs) {
      const organization = account?.organization ?? null;
      this.#add({
        kind: organization === null ? 'unlinked' : 'duplicate_subscription',
        organization,
        seatType: null,
        subscription: id,
        cause: organization === null ? null : 'duplicate_subscription',
        expectedQuantity: null,
        observedQuantity: null,
        answer: ask ? 'asked' : context.noteUnlinked ? 'would_ask' : twice ? tells : 'reported',
        note:
          organization === null
            ? 'No account is linked to this subscription.'
            : `${causeWords.duplicate_subscription}, and no account is linked to that.`,
      });
    }
  }

  /** One read of Stripe about one account. */
  async reread(
    context: SweepContext,
    account: AccountKey & { readonly subscription: string },
    why: 'listed' | 'not_listed',
    /** What the list showed. */
    shown: number | null,
  ): Promise<void> {
    if (this.stopped) return;
    if (!this.#sweep.dryRun && this.#sweep.repairs + this.#repairs >= this.#sweep.repairLimit) {
      context.logger.warn(
        { sweep: this.#sweep.id, repairs: this.#sweep.repairs + this.#repairs },
        'A sweep has changed as many accounts as it may and stops. A person has to say that so many are right.',
      );
      this.stopped = true;
      return;
    }
    this.#rereads += 1;
    // Reading may take as long as Stripe likes, and there may be many in one step.
    await keepSweep(context.database, this.#sweep.id, policy.sweepLeaseMs);
    const { organization, seatType, subscription } = account;
    const key = { organization, seatType };
    const outcome = this.#sweep.dryRun ? await lookOnly(context, key) : await lookAndAct(context, key, shown);
    if (outcome === null) return;
    if (changes.has(outcome.answer)) this.#repairs += 1;
    this.#add({
      kind: why === 'not_listed' ? 'gone' : outcome.observed === null ? 'item_missing' : 'drift',
      organization,
      seatType,
      subscription,
      cause: outcome.cause,
      expectedQuantity: outcome.expected,
      observedQuantity: outcome.observed,
      answer: outcome.answer,
      note: outcome.note,
    });
  }

  #add(finding: Omit<SweepFinding, 'number'>): void {
    this.#found.push({ ...finding, number: this.#sweep.findings + this.#found.length + 1 });
  }
}

/** What is done to an account, as against what is only said of it. */
const changes: ReadonlySet<SweepAnswer> = new Set(['adopted', 'put_back', 'ended', 'being_written']);

interface Outcome {
  readonly cause: Cause | null;
  readonly expected: number;
  readonly observed: number | null;
  readonly answer: SweepAnswer;
  readonly note: string;
}

/** Marks the account and lets `advance` do the rest, exactly as a webhook does. null: both sides agree. */
async function lookAndAct(context: SweepContext, key: AccountKey, shown: number | null): Promise<Outcome | null> {
  const { store, database, advancer, logger } = context;
  const before = await store.load(key, { keys: [], holders: [] });
  if (before === null) return null;
  const expected = quantityFor(before.account.settledSeats, before.account.terms);
  if (!(await markOrKeep(database, key))) {
    const note = 'Somebody’s transaction holds the account; it is read when that has ended.';
    return { cause: null, expected, observed: shown, answer: 'left_to_another_process', note };
  }
  await advancer.advance(key, undefined, undefined, 'sweep').catch((error: unknown) => {
    // One account in trouble must not keep the others waiting; it is marked, so it is tried again.
    logger.warn({ ...key, err: error }, 'An account that a sweep found could not be advanced; it stays due.');
  });
  const after = await store.load(key, { keys: [], holders: [] });
  const answer = after === null ? null : whatWasDone(before, after);
  if (after === null || answer === null) return null;
  const cause = after.account.hold?.cause ?? (await readCauseSince(database, key, before.now));
  return {
    cause,
    expected,
    observed: after.account.hold === null ? shown : after.account.hold.observedQuantity,
    answer,
    note:
      after.account.hold?.message ?? (cause === null ? 'What Stripe shows was dealt with.' : `${causeWords[cause]}.`),
  };
}

function whatWasDone({ account: before }: State, { account: after }: State): SweepAnswer | null {
  if (after.status === 'ended') return before.status === 'ended' ? null : 'ended';
  if (after.hold !== null) return 'held';
  if (after.settledSeats !== before.settledSeats) return 'adopted';
  if (after.push !== null) return 'being_written';
  if (after.marks > after.marksSeen) return 'left_to_another_process';
  // A look at two sides that agree writes nothing into the trail.
  return after.audit.length > before.audit.length ? 'put_back' : null;
}

/** Reads Stripe and says what would be done. Nothing is written. null: both sides agree. */
async function lookOnly(context: SweepContext, key: AccountKey): Promise<Outcome | null> {
  const state = await context.store.load(key, { keys: [], holders: [] });
  if (state === null || state.account.link === null) return null;
  const { link, marks, marksSeen, terms, settledSeats, observed: seenBefore } = state.account;
  const look = await context.stripe.look(link, { timeoutMs: policy.stripeTimeoutMs });
  const expected = quantityFor(settledSeats, terms);
  const nothing = { cause: null, expected, observed: null };
  if (look.kind === 'failed') return { ...nothing, answer: 'unreadable', note: look.message };
  if (look.kind === 'gone') return { ...nothing, answer: 'would_hold', note: 'Stripe knows no such subscription.' };
  const { status, item } = look.observation;
  if (status === 'canceled' || status === 'incomplete_expired') {
    return {
      ...nothing,
      observed: item?.quantity ?? null,
      answer: 'would_end',
      note: `The subscription is ${status}.`,
    };
  }
  const observed = item?.quantity ?? null;
  if (observed === expected) return null;
  const reasons = await context.store.markReasons(key, marksSeen, marks);
  const cause = causeOf(seenBefore, look.observation, reasons);
  const would = { adopt: 'would_adopt', revert: 'would_put_back', hold: 'would_hold' } as const;
  const answer = cause === 'lost_write' ? 'would_put_back' : would[answerOf(terms, cause)];
  return { cause, expected, observed, answer, note: `${causeWords[cause]}.` };
}
