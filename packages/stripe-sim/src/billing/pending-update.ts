import { invalidRequest } from '../http/errors.ts';
import { subscriptionShape } from '../shapes/subscription.ts';
import type { InvoiceRow, PendingUpdateRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { announceSince, changeRow, snapshot } from './announce.ts';
import type { ChangeParams } from './change-params.ts';
import { voidInvoice } from './invoice-outcomes.ts';

/** What may accompany `pending_if_incomplete` (documented list; metadata since 2026-05, cancel_at_period_end since endive). */
const allowedOnSubscription = new Set([
  'expand',
  'payment_behavior',
  'proration_behavior',
  'proration_date',
  'billing_cycle_anchor',
  'items',
  'trial_end',
  'trial_from_plan',
  'add_invoice_items',
  'metadata',
  'cancel_at_period_end',
]);
const allowedOnItem = new Set(['id', 'price', 'plan', 'quantity', 'deleted']);

export function checkPendingParams(params: ChangeParams): void {
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && !allowedOnSubscription.has(name)) throw notSupported(name);
  }
  for (const item of params.items ?? []) {
    for (const [name, value] of Object.entries(item)) {
      if (value !== undefined && !allowedOnItem.has(name)) throw notSupported(`items[${name}]`);
    }
  }
}

function notSupported(name: string): Error {
  return invalidRequest(
    'When `payment_behavior` is set to `pending_if_incomplete`, you can only pass supported params. ' +
      `\`${name}\` is not supported.`,
    name,
  );
}

/** It expires 23 hours after the request, or earlier at the trial's end or the end of the earliest item's period. */
export function pendingExpiry(unit: Unit, row: SubscriptionRow): number {
  const ends = row.itemIds.map((id) => unit.store.items.need(id).currentPeriodEnd);
  const limit = unit.now + unit.world.settings.pendingUpdateLifetimeSeconds;
  return Math.min(limit, ...ends, row.extras?.trialEnd ?? limit);
}

/** Remembers a change that waits for its payment. The subscription itself stays as it is. */
export function keepPending(
  unit: Unit,
  row: SubscriptionRow,
  waiting: Omit<PendingUpdateRow, 'expiresAt'>,
  expiresAt = pendingExpiry(unit, row),
): SubscriptionRow {
  const pendingUpdate: PendingUpdateRow = { ...waiting, expiresAt };
  return changeRow(unit, row.id, (present) => ({
    ...present,
    latestInvoice: waiting.invoice,
    extras: { ...present.extras, pendingUpdate },
  }));
}

/** The invoice was paid: the change takes place at once and the hash is cleared. */
export function applyPendingUpdate(unit: Unit, invoice: InvoiceRow): void {
  const { store } = unit;
  const row = store.subscriptions.need(invoice.sim.subscription ?? '');
  const pending = row.extras?.pendingUpdate;
  if (!pending || pending.invoice !== invoice.id) return;
  const before = snapshot(unit, row.id);
  for (const change of pending.items) putItem(unit, change);
  for (const id of pending.removedItems) store.items.remove(id);
  store.subscriptions.put({
    ...row,
    itemIds: pending.itemIds,
    metadata: pending.metadata ?? row.metadata,
    cancelAtPeriodEnd: pending.cancelAtPeriodEnd ?? row.cancelAtPeriodEnd,
    billingCycleAnchor: pending.billingCycleAnchor ?? row.billingCycleAnchor,
    status: pending.resumes || (row.status === 'trialing' && pending.trialEnd !== null) ? 'active' : row.status,
    extras: {
      ...row.extras,
      pendingUpdate: null,
      ...(pending.resumes ? { pausedAt: null } : {}),
      ...(pending.trialEnd === null ? {} : { trialEnd: pending.trialEnd }),
    },
  });
  announceSince(unit, before);
  const event = pending.resumes ? 'resumed' : 'pending_update_applied';
  unit.emit(`customer.subscription.${event}`, snapshot(unit, row.id));
}

/** Puts an item as a change left it, and writes the history of its quantity. */
export function putItem(unit: Unit, item: SubscriptionItemRow): void {
  const before = unit.store.items.get(item.id);
  unit.store.items.put(item);
  if (before === undefined || before.quantity !== item.quantity) {
    unit.quantityChanged(item.id, before?.quantity ?? 0, item.quantity);
  }
}

/**
 * The change will not happen: its invoice is voided, which clears the hash. Used on expiry, on replacement and when a
 * schedule phase begins.
 */
export function discardPendingUpdate(unit: Unit, row: SubscriptionRow): void {
  const pending = row.extras?.pendingUpdate;
  if (!pending) return;
  const invoice = unit.store.invoices.need(pending.invoice);
  if (invoice.status === 'open' || invoice.status === 'uncollectible') voidInvoice(unit, invoice);
  else clearPendingUpdate(unit, row.id, pending.invoice);
}

/** Called when the invoice of a pending update became void, by whatever hand. */
export function clearPendingUpdate(unit: Unit, subscriptionId: string, invoiceId: string): void {
  const row = unit.store.subscriptions.get(subscriptionId);
  if (row?.extras?.pendingUpdate?.invoice !== invoiceId) return;
  const withHash = subscriptionShape(unit.store, row);
  changeRow(unit, subscriptionId, (present) => ({ ...present, extras: { ...present.extras, pendingUpdate: null } }));
  unit.emit('customer.subscription.pending_update_expired', withHash);
}
