import type { Advancer } from '../advance.ts';
import type { Alerts, Logger } from '../alerts/alerts.ts';
import type { Database } from '../db/executor.ts';
import type { Listeners } from '../listeners.ts';
import { recordDuty } from '../store/duties.ts';
import { forgetOldRows } from '../store/host-events.ts';
import type { Store } from '../store/store.ts';
import { advanceDue } from './advance-due.ts';
import { deliverAlerts } from './deliver-alerts.ts';
import { deliverHostEvents } from './deliver-host-events.ts';

/** What one round did. */
export interface TickReport {
  /**
   * Accounts claimed because something was due, and how many of them could not be finished. `moreDue`: the round's time
   * was up while others were still due.
   */
  readonly accounts: { readonly claimed: number; readonly failed: number; readonly moreDue: boolean };
  readonly hostEvents: { readonly delivered: number; readonly failed: number };
  readonly alerts: { readonly told: number; readonly left: number };
  readonly tookMs: number;
}

export interface TickContext {
  readonly database: Database;
  readonly store: Store;
  readonly advancer: Advancer;
  readonly alerts: Alerts;
  readonly listeners: Listeners;
  readonly logger: Logger;
}

/** Old rows are swept out by about one round in this many; the deletes use no index worth a round of their own. */
const forgetEvery = 1_000;
let rounds = 0;

/** One round of every duty. Each of them may be called by several processes at once. */
export async function tick(context: TickContext, budgetMs: number): Promise<TickReport> {
  const began = performance.now();
  const { database, store, advancer, alerts, listeners, logger } = context;
  const accounts = await advanceDue(store, advancer, logger, {
    left: () => performance.now() - began < budgetMs,
    monotonicNow: () => performance.now(),
  });
  const hostEvents = await deliverHostEvents(database, listeners);
  const told = await deliverAlerts(database, store, advancer, alerts);
  rounds += 1;
  if (rounds % forgetEvery === 0) await forgetOldRows(database);
  const report = { accounts, hostEvents, alerts: told, tookMs: Math.round(performance.now() - began) };
  await recordDuty(database, 'tick', report);
  return report;
}
