import type { Advancer } from '../advance.ts';
import type { Alerts, Logger } from '../alerts/alerts.ts';
import { policy } from '../core/policy.ts';
import type { Executor } from '../db/executor.ts';
import type { Listeners } from '../listeners.ts';
import { inSpan, spanNames } from '../spans.ts';
import { takeTurn } from '../store/cursors.ts';
import { wakeDueAtNoTime } from '../store/due-at-no-time.ts';
import { type DutyTold, recordDuties } from '../store/duties.ts';
import { forgetOldRows } from '../store/host-events.ts';
import { markKept } from '../store/kept-marks.ts';
import type { Store } from '../store/store.ts';
import { silentAfter } from '../watch/silent-after.ts';
import { advanceDue, type RoundTime } from './advance-due.ts';
import { deliverAlerts } from './deliver-alerts.ts';
import type { FollowedEvents } from './follow-events.ts';
import type { FirstPurchases } from './link-first-purchases.ts';
import type { SweepSlice } from './sweep-slice.ts';
import type { WatchedDuplicates } from './watch-duplicates.ts';

/** What one round did. */
export interface TickReport {
  /**
   * Accounts claimed because something was due, and how many of them could not be finished. `moreDue`: the round's time
   * was up while others were still due.
   */
  readonly accounts: { readonly claimed: number; readonly failed: number; readonly moreDue: boolean };
  readonly hostEvents: { readonly delivered: number; readonly failed: number };
  readonly alerts: { readonly told: number; readonly left: number };
  /** Stripe's own list of events; null: it was not this round's turn. */
  readonly events: FollowedEvents | null;
  /** Subscriptions that the host was asked about; null: there is no `resolveOrganization`. */
  readonly firstPurchases: FirstPurchases | null;
  /** Second subscriptions of linked customers that were read again; null: not by this installation. */
  readonly duplicates: WatchedDuplicates | null;
  /** The part of a sweep that was done; null: none is under way, or another process is at it. */
  readonly sweep: SweepSlice | null;
  readonly tookMs: number;
}

export interface TickContext {
  readonly database: Executor;
  readonly store: Pick<Store, 'claimDue' | 'release' | 'load'>;
  readonly advancer: Pick<Advancer, 'owner' | 'pace' | 'underWay' | 'advance' | 'tellIncident'>;
  readonly alerts: Pick<Alerts, 'deliver'>;
  readonly listeners: Pick<Listeners, 'deliverWithin'>;
  readonly logger: Logger;
  /** Resolves after that many milliseconds, or at once when the engine is being closed. */
  readonly pause: (ms: number) => Promise<void>;
  /** The process wants to end, so nothing new is begun. */
  readonly ending: () => boolean;
  /** What the round does about an account that takes long. */
  readonly slow: RoundTime['slow'];
  /** Looks after the duties of all, this one among them. */
  readonly watch: () => Promise<void>;
  /** How often rounds, events and sweep are done; 0: not by this process. */
  readonly everyMs: { readonly rounds: number; readonly events: number; readonly sweep: number };
  /** Duties that read Stripe besides what is due. */
  readonly besides: {
    readonly followEvents: () => Promise<FollowedEvents | null>;
    readonly linkFirstPurchases: ((left: () => boolean) => Promise<FirstPurchases>) | null;
    readonly watchDuplicates: (left: () => boolean) => Promise<WatchedDuplicates>;
    readonly sweep: (left: () => boolean) => Promise<SweepSlice | null>;
  };
}

/**
 * Old rows are swept out once an hour, whoever's round it is: where only a cron's route runs, no process has many. The deletes
 * use no index, so they are not for every round.
 */
const forgetEveryMs = 3_600_000;
const forgetCursor = 'forget';
const forgottenCursor = 'due at no time';

/**
 * One round of every duty. Each of them may be called by several processes at once.
 * @param sweepMs the part of the budget that a sweep may take at most.
 */
export function tick(context: TickContext, budgetMs: number, sweepMs: number): Promise<TickReport> {
  return inSpan(spanNames.tick, {}, async (span) => {
    const report = await round(context, budgetMs, sweepMs);
    span.setAttribute('seatbelt.claimed', report.accounts.claimed);
    span.setAttribute('seatbelt.failed', report.accounts.failed);
    return report;
  });
}

async function round(context: TickContext, budgetMs: number, sweepMs: number): Promise<TickReport> {
  const began = performance.now();
  const { database, store, advancer, alerts, listeners, logger, besides } = context;
  const { pause, slow, ending } = context;
  const monotonicNow = () => performance.now();
  // While an engine is being closed no pause takes any time, so a round that went on would do nothing but ask.
  const leftSince = (since: number) => () => !ending() && monotonicNow() - since < budgetMs;
  const left = leftSince(began);
  const advance = () => {
    const time = { left: slow === 'wait' ? left : leftSince(monotonicNow()), monotonicNow, pause, slow };
    return advanceDue(store, advancer, logger, time);
  };
  // Whatever is wrong with reading Stripe's lists must not keep what is due waiting, so they go side by side.
  const beside = <T>(what: string, duty: ((left: () => boolean) => Promise<T>) | null): Promise<T | null> =>
    duty
      ? duty(left).catch((error: unknown) => {
          logger.error({ err: error, duty: what }, 'A duty failed; it is tried again in its next turn.');
          return null;
        })
      : Promise.resolve(null);
  // A purchase that turns out to be a second one is read and told in the same round.
  const purchases = async () => {
    const linked = await beside('first purchases', besides.linkFirstPurchases);
    return { linked, duplicates: await beside('second subscriptions', besides.watchDuplicates) };
  };
  const first = advance();
  const read = Promise.all([beside('events', besides.followEvents), purchases()]);
  let accounts = await first;
  /** What waits for others may take longer than what becomes due meanwhile can; a cron's round has its budget. */
  const goOnDuring = async <T>(duty: Promise<T>): Promise<T> => {
    let underWay = true;
    const over = duty.finally(() => {
      underWay = false;
    });
    const ended = over.then(
      () => {},
      // Whoever awaits `over` hears of it.
      () => {},
    );
    while (slow === 'leave' && underWay && !ending()) {
      if (!accounts.moreDue) await Promise.race([ended, pause(policy.pollMs)]);
      if (underWay) accounts = together(accounts, await advance());
    }
    return over;
  };
  const [events, { linked: firstPurchases, duplicates }] = await goOnDuring(read);
  const freed = await beside('kept marks', () => markKept(database));
  // What the list of events has just told is done in the same round: a cron may call the next one in a minute.
  if ((events?.marked ?? 0) + (freed ?? 0) > 0) {
    const { moreDue } = accounts;
    accounts = together(accounts, await advance());
    // A cron's round whose time was up has not looked again.
    if (moreDue && slow === 'wait') accounts = { ...accounts, moreDue };
  }
  // A cron's process may be frozen after its answer, so it gives listeners all the time that it has.
  const leftMs = slow === 'wait' ? began + budgetMs - monotonicNow() : 0;
  const hostEvents = await listeners.deliverWithin(Math.max(leftMs, policy.pollMs));
  const told = await goOnDuring(deliverAlerts(database, store, advancer, alerts));
  const sweepUntil = Math.min(performance.now() + sweepMs, began + budgetMs);
  const sweep = await beside('sweep', () => besides.sweep(() => !ending() && performance.now() < sweepUntil));
  await beside('due at no time', async () => {
    if ((await takeTurn(database, forgottenCursor, policy.forgottenEveryMs)) === null) return;
    const woken = await wakeDueAtNoTime(database);
    if (woken.length > 0)
      logger.error({ woken }, 'Accounts had something open and were due at no time, which nothing should lead to.');
  });
  await beside('old rows', async () => {
    if ((await takeTurn(database, forgetCursor, forgetEveryMs)) !== null) await forgetOldRows(database);
  });
  const report: TickReport = {
    accounts,
    hostEvents,
    alerts: told,
    events,
    firstPurchases,
    duplicates,
    sweep,
    tookMs: Math.round(performance.now() - began),
  };
  await recordDuties(database, toldOf(context, report));
  await context.watch();
  return report;
}

/** The round of a process that may not touch what is here: another installation's healer does all of it. */
export function roundOfNobody(): TickReport {
  return {
    accounts: { claimed: 0, failed: 0, moreDue: false },
    hostEvents: { delivered: 0, failed: 0 },
    alerts: { told: 0, left: 0 },
    events: null,
    firstPurchases: null,
    duplicates: null,
    sweep: null,
    tookMs: 0,
  };
}

function together(before: TickReport['accounts'], after: TickReport['accounts']): TickReport['accounts'] {
  return { ...after, claimed: before.claimed + after.claimed, failed: before.failed + after.failed };
}

/** What was done, and what is meant to be done by this process. A sweep tells of itself when it is finished. */
function toldOf({ everyMs }: TickContext, report: TickReport): DutyTold[] {
  const told: DutyTold[] = [{ name: 'tick', report, silentAfterMs: silentAfter.rounds(everyMs.rounds) }];
  if (everyMs.events > 0) {
    const { events } = report;
    const silentAfterMs = silentAfter.events(everyMs.events, everyMs.rounds);
    told.push({ name: 'events', report: events?.failed === null ? events : null, silentAfterMs });
  }
  if (everyMs.sweep > 0) {
    told.push({ name: 'sweep', report: null, silentAfterMs: silentAfter.sweep(everyMs.sweep) });
  }
  return told;
}
