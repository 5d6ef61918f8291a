import { notSimulated, refused } from '../http/errors.ts';
import type { ReadFields } from '../http/params.ts';
import type { resumeFields } from '../routes/subscription-params.ts';
import type { SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { announceSince, snapshot } from './announce.ts';
import { proposeChange } from './change-subscription.ts';
import { afterPaid } from './invoice-outcomes.ts';
import { finalizeInvoice } from './invoices.ts';
import { markPaid } from './payments.ts';
import { discardPendingUpdate, keepPending } from './pending-update.ts';
import { rolledItems } from './renewal.ts';

type ResumeParams = ReadFields<typeof resumeFields>;

/** Resumes a paused subscription: at once where that costs nothing, else when its invoice is paid, its payment has failed, or it is given up. */
export function resumeSubscription(unit: Unit, row: SubscriptionRow, params: ResumeParams): SubscriptionRow {
  unit.onClockOf(row);
  if (row.status !== 'paused') {
    throw refused(`You can only resume a subscription whose status is \`paused\`; this one is \`${row.status}\`.`);
  }
  if (row.collectionMethod !== 'charge_automatically') {
    throw refused('You can only resume a subscription whose `collection_method` is `charge_automatically`.');
  }
  if (row.extras?.pendingUpdate) discardPendingUpdate(unit, row);
  const present = unit.store.subscriptions.need(row.id);
  const anchor = params.billing_cycle_anchor ?? 'now';
  if ((typeof anchor === 'string' ? anchor : anchor.type) === 'unchanged') return resumeOnAnchor(unit, present, params);
  return resumeNow(unit, present);
}

/** Nothing is prorated, so nothing is invoiced before the next period. */
function resumeOnAnchor(unit: Unit, row: SubscriptionRow, params: ResumeParams): SubscriptionRow {
  if (params.proration_behavior !== 'none') {
    throw notSimulated('prorations of a subscription that resumes on its old anchor', 'proration_behavior');
  }
  const before = snapshot(unit, row.id);
  for (const item of rolledItems(unit, row, unit.now).rolled) unit.store.items.put(item);
  const resumed: SubscriptionRow = { ...row, status: 'active', extras: { ...row.extras, pausedAt: null } };
  unit.store.subscriptions.put(resumed);
  announceSince(unit, before);
  unit.emit('customer.subscription.resumed', snapshot(unit, row.id));
  return resumed;
}

/** A whole new period from now on, without prorations. The request does not pay for it: that is a call of its own. */
function resumeNow(unit: Unit, row: SubscriptionRow): SubscriptionRow {
  const anew = { billing_cycle_anchor: { type: 'now' }, proration_behavior: 'none' } as const;
  const { items, draft } = proposeChange(unit, { ...row, status: 'active' }, anew, true);
  if (draft === null) throw new Error(`invariant: the new period of ${row.id} has no invoice`);
  const open = finalizeInvoice(unit, draft);
  keepPending(
    unit,
    row,
    {
      invoice: open.id,
      items,
      itemIds: row.itemIds,
      removedItems: [],
      metadata: null,
      cancelAtPeriodEnd: null,
      trialEnd: null,
      billingCycleAnchor: unit.now,
      resumes: true,
    },
    unit.now + unit.world.settings.pendingUpdateLifetimeSeconds,
  );
  if (open.amount_due === 0) {
    markPaid(unit, open, 0);
    afterPaid(unit, open.id);
  }
  return unit.store.subscriptions.need(row.id);
}
