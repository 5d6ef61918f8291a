import { invalidRequest, noSuch, StripeFailure } from '../http/errors.ts';
import type { ReadFields } from '../http/params.ts';
import type { previewFields } from '../routes/invoice-params.ts';
import { invoiceShape, type WireInvoice } from '../shapes/invoice.ts';
import type { InvoiceRow, SubscriptionRow } from '../state/rows.ts';
import { Unit } from '../unit.ts';
import type { ChangeParams } from './change-params.ts';
import { proposeChange } from './change-subscription.ts';
import { newSubscription } from './create-subscription.ts';
import { draftInvoice } from './invoices.ts';
import { periodLines, trialLine } from './lines.ts';
import { refuseOtherCurrency } from './prices.ts';
import { prorationOf, writeProrationItems } from './proration-items.ts';
import { refuseByState } from './refusals.ts';
import { draftCycle, rolledItems } from './renewal.ts';

export type PreviewParams = ReadFields<typeof previewFields>;

/**
 * Shows an invoice before it exists. The change is really made, by the same code as an update, and everything is then
 * undone: a preview that had its own arithmetic would sooner or later show another amount than is charged.
 */
export function previewInvoice(unit: Unit, params: PreviewParams): WireInvoice {
  return unit.store.rehearse(() => {
    // A unit of its own, so that no event of the rehearsal is ever written.
    const rehearsal = new Unit(unit.world, unit.cause, unit.now);
    const draft = draftFor(rehearsal, params);
    refuseOtherCurrency(draft.currency, params.currency);
    return asUpcoming(draft);
  });
}

function draftFor(unit: Unit, params: PreviewParams): InvoiceRow {
  if (params.subscription === undefined) return draftOfNew(unit, params);
  const row = unit.store.subscriptions.get(params.subscription);
  if (row === undefined) throw noSuch('subscription', params.subscription, { param: 'subscription' });
  if (params.customer !== undefined && params.customer !== row.customer) {
    throw invalidRequest(
      `The subscription ${row.id} does not belong to the customer ${params.customer}.`,
      'subscription',
    );
  }
  unit.onClockOf(row);
  const details = params.subscription_details ?? {};
  if (details.cancel_now === true) return draftOfCancel(unit, row, details);
  const change: ChangeParams = {
    items: details.items,
    proration_behavior: details.proration_behavior,
    proration_date: details.proration_date,
    trial_end: details.trial_end,
    cancel_at: details.cancel_at,
    cancel_at_period_end: details.cancel_at_period_end,
    billing_cycle_anchor:
      typeof details.billing_cycle_anchor === 'string'
        ? { type: details.billing_cycle_anchor }
        : details.billing_cycle_anchor,
  };
  refuseByState(row, change);
  if (details.proration_date !== undefined && details.items === undefined && details.trial_end === undefined) {
    throw invalidRequest(
      'You must pass `subscription_details[items]` or `subscription_details[trial_end]` when `proration_date` is set.',
      'subscription_details[proration_date]',
    );
  }
  const proposed = proposeChange(
    unit,
    row,
    params.preview_mode === 'recurring' ? { ...change, proration_behavior: 'none', proration_date: undefined } : change,
  );
  if (proposed.draft !== null && params.preview_mode !== 'recurring') return proposed.draft;
  for (const item of proposed.items) unit.store.items.put(item);
  const changed = unit.store.subscriptions.put({ ...row, itemIds: proposed.items.map((item) => item.id) });
  return draftOfNext(unit, changed, params);
}

/** The next regular invoice, at the end of the earliest period. */
function draftOfNext(unit: Unit, row: SubscriptionRow, params: PreviewParams): InvoiceRow {
  const ends = row.itemIds.map((id) => unit.store.items.need(id).currentPeriodEnd);
  const nextAt = Math.min(...ends);
  const details = params.subscription_details;
  const cancelAt =
    details?.cancel_at ?? (details?.cancel_at_period_end === true ? nextAt : (row.extras?.cancelAt ?? null));
  const over =
    row.status === 'canceled' || row.status === 'incomplete_expired' || (cancelAt !== null && cancelAt <= nextAt);
  if (over) {
    throw new StripeFailure(404, {
      type: 'invalid_request_error',
      code: 'invoice_upcoming_none',
      message: `No upcoming invoices for customer: ${row.customer}`,
    });
  }
  unit.now = nextAt;
  if (params.preview_mode === 'recurring') {
    for (const id of unit.store.pendingItemsBySubscription.ids(row.id)) unit.store.invoiceItems.remove(id);
  }
  return draftCycle(unit, row, rolledItems(unit, row, nextAt).rolled, false);
}

function draftOfCancel(
  unit: Unit,
  row: SubscriptionRow,
  details: NonNullable<PreviewParams['subscription_details']>,
): InvoiceRow {
  if (details.proration_behavior !== 'none') {
    for (const id of row.itemIds) {
      const change = { before: unit.store.items.need(id), after: undefined };
      writeProrationItems(unit, row, id, prorationOf(unit, row, change, details.proration_date ?? unit.now), change);
    }
  }
  return draftInvoice(unit, {
    reason: 'subscription_update',
    customer: row.customer,
    subscription: row,
    currency: row.currency,
    period: { start: unit.store.items.need(row.itemIds[0] ?? '').currentPeriodStart, end: unit.now },
    lines: () => [],
  });
}

/** A subscription that does not exist yet. */
function draftOfNew(unit: Unit, params: PreviewParams): InvoiceRow {
  if (params.customer === undefined) {
    throw invalidRequest(
      'You must provide one of `customer`, `subscription` or `schedule`.',
      'customer',
      'parameter_missing',
    );
  }
  const customer = unit.store.customers.get(params.customer);
  if (customer === undefined) throw noSuch('customer', params.customer, { param: 'customer' });
  unit.onClockOf(customer);
  const details = params.subscription_details;
  const items = (details?.items ?? []).map(({ price, plan, quantity, metadata }) => ({
    price,
    plan,
    quantity,
    metadata,
  }));
  const row = newSubscription(unit, customer, { customer: customer.id, items, trial_end: details?.trial_end });
  const stored = row.itemIds.map((id) => unit.store.items.need(id));
  return draftInvoice(unit, {
    reason: 'subscription_create',
    customer: customer.id,
    subscription: row,
    currency: row.currency,
    period: { start: unit.now, end: unit.now },
    lines: (invoiceId) =>
      stored.flatMap((item) =>
        row.status === 'trialing' ? [trialLine(unit, invoiceId, row, item)] : periodLines(unit, invoiceId, row, item),
      ),
  });
}

/** Documented marks of a preview: ids that cannot be retrieved, and a draft. */
function asUpcoming(draft: InvoiceRow): WireInvoice {
  const id = `upcoming_${draft.id}`;
  const lines = draft.lines.map((line) => ({ ...line, id: line.id.replace('il_', 'il_tmp_'), invoice: id }));
  return invoiceShape({ ...draft, id, billing_reason: 'upcoming', ending_balance: null, lines });
}
