import { subscriptionShape, type WireSubscription } from '../shapes/subscription.ts';
import type { SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';

/** The shape a subscription and its items have right now, to compare with later. */
export function snapshot(unit: Unit, subscriptionId: string): WireSubscription {
  return subscriptionShape(unit.store, unit.store.subscriptions.need(subscriptionId));
}

/** One `customer.subscription.updated` for what changed since the snapshot; none when nothing did. */
export function announceSince(unit: Unit, before: WireSubscription): void {
  unit.emitChange('customer.subscription.updated', before, snapshot(unit, before.id));
}

/** Puts a changed subscription and announces it. */
export function changeRow(
  unit: Unit,
  subscriptionId: string,
  change: (row: SubscriptionRow) => SubscriptionRow,
): SubscriptionRow {
  const before = snapshot(unit, subscriptionId);
  const after = unit.store.subscriptions.put(change(unit.store.subscriptions.need(subscriptionId)));
  announceSince(unit, before);
  return after;
}
