import { eventJson } from '../shapes/event.ts';
import { subscriptionShape, type WireSubscription } from '../shapes/subscription.ts';
import type { DeliveryRow, LedgerRow, QuantityRow } from '../state/log-rows.ts';
import type { WireObject } from '../wire.ts';
import type { World } from '../world.ts';
import { violationsOf } from './invariants.ts';
import type { RequestEntry } from './request-log.ts';

/** All that is so in the simulated account, for tests to compare with what an application believes. */
export interface Truth {
  subscriptions: WireSubscription[];
  requests: RequestEntry[];
  /** By item id, oldest first. */
  quantityHistory: Record<string, Omit<QuantityRow, 'id' | 'item'>[]>;
  ledger: LedgerRow[];
  events: WireObject[];
  deliveries: DeliveryRow[];
  /** Broken invariants of the simulator or of its user, in words; empty when all is well. */
  violations: string[];
}

export function truthOf(world: World): Truth {
  const { store } = world;
  const quantityHistory: Truth['quantityHistory'] = {};
  for (const { id: _, item, ...change } of store.quantities.values()) {
    const history = quantityHistory[item];
    if (history === undefined) quantityHistory[item] = [change];
    else history.push(change);
  }
  return {
    subscriptions: [...store.subscriptions.values()].map((row) => subscriptionShape(store, row)),
    requests: world.requests.entries.map((entry) => ({ ...entry })),
    quantityHistory,
    ledger: [...store.ledger.values()],
    events: [...store.events.values()].map((row) => JSON.parse(eventJson(row)) as WireObject),
    deliveries: world.events.deliveries(),
    violations: violationsOf(world),
  };
}
