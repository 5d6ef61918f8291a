import type { Advancer } from '../advance.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { Executor } from '../db/executor.ts';
import { markAlerted, readUnalerted } from '../store/incidents.ts';
import type { Store } from '../store/store.ts';

/** Incidents told per round: a burst is spread over rounds instead of flooding the receiver. */
const batch = 50;

/**
 * Alerts of incidents whose finder may have died before it told anybody, and retries of what Sentry did not take.
 * Telling twice is harmless: the event id follows from the incident.
 */
export async function deliverAlerts(
  db: Executor,
  store: Pick<Store, 'load'>,
  advancer: Pick<Advancer, 'tellIncident'>,
  alerts: Pick<Alerts, 'deliver'>,
): Promise<{ told: number; left: number }> {
  const unalerted = await readUnalerted(db, batch);
  for (const { key, incident } of unalerted) {
    const state = await store.load(key, { keys: [], holders: [] });
    if (state) advancer.tellIncident(key, { ...incident, closedAt: null }, state);
    if (state && incident.closedAt !== null) advancer.tellIncident(key, incident, state);
  }
  const { left } = await alerts.deliver();
  // Only what surely arrived is ticked off; the rest is told again in the next round, under the same event id.
  if (left === 0 && unalerted.length > 0) {
    await markAlerted(
      db,
      unalerted.map(({ incident }) => incident.id),
    );
  }
  return { told: unalerted.length, left };
}
