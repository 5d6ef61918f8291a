import { invalidRequest } from '../http/errors.ts';
import { mergeMetadata } from '../http/params.ts';
import type { InvoiceLine, InvoiceRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { announceSince, snapshot } from './announce.ts';
import type { ChangeParams } from './change-params.ts';
import { type ChangePlan, planChange } from './change-plan.ts';
import { afterPaid, afterUnpaid, collect, markUncollectible, voidInvoice } from './invoice-outcomes.ts';
import { draftInvoice, finalizeInvoice } from './invoices.ts';
import { periodLines } from './lines.ts';
import { checkOwnPaymentMethod } from './own-payment-method.ts';
import { failureOfAttempt } from './payment-failure.ts';
import { attemptPayment, markPaid } from './payments.ts';
import { checkPendingParams, discardPendingUpdate, keepPending, putItem } from './pending-update.ts';
import { checkProrationDate, debitOf, prorationOf, writeProrationItems } from './proration-items.ts';
import { checkQuotas } from './quotas.ts';
import { refuseByState } from './refusals.ts';

/** A change with its bill, before anybody is asked for money: what both an update and a preview begin with. */
export interface ProposedChange {
  plan: ChangePlan;
  /** The items as they will be, with their debits for flexible billing. */
  items: SubscriptionItemRow[];
  /** The draft that bills the change now; null when it waits for the next invoice or costs nothing. */
  draft: InvoiceRow | null;
}

/**
 * Changes a subscription as both update endpoints do: check, plan, write the proration lines, and depending on the
 * two behaviors bill now and make the change hang on the payment.
 */
export function changeSubscription(unit: Unit, row: SubscriptionRow, params: ChangeParams): SubscriptionRow {
  unit.onClockOf(row);
  refuseByState(row, params);
  // An invoice that is sent is not attempted in the call, so there is no payment for the change to wait for.
  const waits = params.payment_behavior === 'pending_if_incomplete' && row.collectionMethod === 'charge_automatically';
  if (waits) checkPendingParams(params);
  if (params.items !== undefined && row.extras?.pendingUpdate) discardPendingUpdate(unit, row);
  const present = unit.store.subscriptions.need(row.id);
  const proposed = proposeChange(unit, present, params, waits);
  checkQuotas(unit, present, proposed);
  if (waits && proposed.draft !== null) return payThenApply(unit, present, params, proposed, proposed.draft);
  applyChange(unit, present, params, proposed);
  if (proposed.draft !== null) bill(unit, proposed.draft, params.payment_behavior ?? 'allow_incomplete');
  return unit.store.subscriptions.need(row.id);
}

/** Works out the change and writes its lines, and the draft when it is billed now. */
export function proposeChange(
  unit: Unit,
  row: SubscriptionRow,
  params: ChangeParams,
  pendingUpdate = false,
): ProposedChange {
  const plan = planChange(unit, row, params);
  const behavior = params.proration_behavior ?? 'create_prorations';
  const at = params.proration_date ?? unit.now;
  if (params.proration_date !== undefined) {
    if (behavior === 'none') {
      throw invalidRequest('You cannot pass `proration_date` when `proration_behavior` is `none`.', 'proration_date');
    }
    checkProrationDate(
      at,
      plan.changes.flatMap((change) => change.before ?? []),
    );
  }
  const prorates = behavior !== 'none' && isCharged(row);
  const items = plan.itemsAfter.map((item) => {
    const change = plan.billed.find((candidate) => candidate.after?.id === item.id);
    if (!prorates || change === undefined) return item;
    const billedChange = plan.restarts ? { before: change.before, after: undefined } : change;
    if (billedChange.before === undefined && billedChange.after === undefined) return item;
    const debits = writeProrationItems(unit, row, item.id, prorationOf(unit, row, billedChange, at), billedChange);
    return { ...item, debits };
  });
  for (const change of plan.billed) {
    if (!prorates || change.after !== undefined || change.before === undefined) continue;
    writeProrationItems(unit, row, change.before.id, prorationOf(unit, row, change, at), change);
  }
  const billsNow = plan.restarts || (behavior === 'always_invoice' && prorates && plan.billed.length > 0);
  if (!billsNow || row.status === 'paused') return { plan, items, draft: null };
  const draft = draftInvoice(unit, {
    reason: 'subscription_update',
    customer: row.customer,
    subscription: row,
    currency: row.currency,
    period: { start: items[0]?.currentPeriodStart ?? at, end: unit.now },
    pendingUpdate,
    held: row.status === 'unpaid' || row.extras?.pauseCollection?.behavior === 'keep_as_draft',
    lines: (invoiceId) => (plan.restarts ? items.flatMap((item) => periodLines(unit, invoiceId, row, item)) : []),
  });
  return { plan, items: plan.restarts ? items.map((item) => withDebits(row, item, draft)) : items, draft };
}

/** A trial costs nothing, so nothing is prorated in it. */
function isCharged(row: SubscriptionRow): boolean {
  return row.status !== 'trialing' && row.status !== 'paused';
}

/** The item with the lines of a whole new period as its debits. */
export function withDebits(row: SubscriptionRow, item: SubscriptionItemRow, invoice: InvoiceRow): SubscriptionItemRow {
  if (row.flexibleSince === null) return { ...item, debits: null };
  const own = invoice.lines.filter((line) => isPeriodLineOf(line, item.id));
  return {
    ...item,
    debits: own.map((line) =>
      debitOf(line.id, invoice.id, {
        amount: line.amount,
        quantity: line.quantity ?? item.quantity,
        price: item.price,
        period: line.period,
      }),
    ),
  };
}

function isPeriodLineOf(line: InvoiceLine, itemId: string): boolean {
  const details = line.parent?.subscription_item_details;
  return details?.subscription_item === itemId && !details.proration;
}

/** `pending_if_incomplete`: the money first. Only a payment makes the change; until then it waits in the hash. */
function payThenApply(
  unit: Unit,
  row: SubscriptionRow,
  params: ChangeParams,
  proposed: ProposedChange,
  draft: InvoiceRow,
): SubscriptionRow {
  const open = finalizeInvoice(unit, draft);
  const attempt = attemptPayment(unit, open);
  if (attempt.status === 'paid') {
    const settled = unit.store.invoices.need(open.id);
    unit.store.invoices.put({ ...settled, sim: { ...settled.sim, pendingUpdate: false } });
    applyChange(unit, row, params, proposed);
    afterPaid(unit, open.id);
    return unit.store.subscriptions.need(row.id);
  }
  const restarts = proposed.plan.restarts;
  return keepPending(unit, row, {
    invoice: open.id,
    items: proposed.items.filter((item) => proposed.plan.changes.some((change) => change.after?.id === item.id)),
    itemIds: proposed.items.map((item) => item.id),
    removedItems: proposed.plan.changes.flatMap(({ before, after }) => (before && !after ? [before.id] : [])),
    metadata: params.metadata === undefined ? null : mergeMetadata(row.metadata, params.metadata),
    cancelAtPeriodEnd: params.cancel_at_period_end ?? null,
    trialEnd: proposed.plan.endsTrial ? unit.now : null,
    billingCycleAnchor: restarts ? unit.now : null,
  });
}

/** Makes the change real: items, history of quantities, the subscription's own fields. */
function applyChange(unit: Unit, row: SubscriptionRow, params: ChangeParams, proposed: ProposedChange): void {
  const { store } = unit;
  const before = snapshot(unit, row.id);
  const { plan, items, draft } = proposed;
  for (const change of plan.changes) {
    const item = items.find((candidate) => candidate.id === change.after?.id);
    if (item !== undefined) putItem(unit, item);
    else if (change.before !== undefined) {
      unit.quantityChanged(change.before.id, change.before.quantity, 0);
      store.items.remove(change.before.id);
    }
  }
  store.subscriptions.put({
    ...withFields(unit, row, params),
    itemIds: items.map((item) => item.id),
    latestInvoice: draft?.id ?? row.latestInvoice,
    ...(plan.restarts ? { billingCycleAnchor: unit.now } : {}),
    ...(typeof params.trial_end === 'number' ? { billingCycleAnchor: params.trial_end } : {}),
    ...(plan.endsTrial ? { status: 'active' as const } : {}),
  });
  announceSince(unit, before);
}

/** The fields of the request that have nothing to do with money. */
function withFields(unit: Unit, row: SubscriptionRow, params: ChangeParams): SubscriptionRow {
  const extras = { ...row.extras };
  if (params.description !== undefined) extras.description = params.description;
  if (params.days_until_due !== undefined) extras.daysUntilDue = params.days_until_due;
  if (params.trial_end === 'now' && row.status === 'trialing') extras.trialEnd = unit.now;
  if (typeof params.trial_end === 'number') extras.trialEnd = params.trial_end;
  if (params.payment_settings?.save_default_payment_method !== undefined) {
    extras.savesMethod = params.payment_settings.save_default_payment_method === 'on_subscription';
  }
  if (params.trial_settings !== undefined) {
    extras.trialMissingMethod = params.trial_settings.end_behavior.missing_payment_method;
  }
  if (params.default_payment_method !== undefined) {
    const method = params.default_payment_method;
    if (method !== null) checkOwnPaymentMethod(unit, row.customer, method, 'default_payment_method');
    extras.defaultPaymentMethod = method;
  }
  if (params.pause_collection !== undefined) {
    const pause = params.pause_collection;
    extras.pauseCollection = pause === null ? null : { behavior: pause.behavior, resumes_at: pause.resumes_at ?? null };
  }
  if (params.cancellation_details !== undefined) {
    extras.cancellation = {
      comment: params.cancellation_details.comment ?? null,
      feedback: params.cancellation_details.feedback ?? null,
      reason: extras.cancellation?.reason ?? null,
    };
  }
  cancelFields(unit, row, params, extras);
  return {
    ...row,
    metadata: mergeMetadata(row.metadata, params.metadata),
    collectionMethod: params.collection_method ?? row.collectionMethod,
    cancelAtPeriodEnd: params.cancel_at === undefined ? (params.cancel_at_period_end ?? row.cancelAtPeriodEnd) : false,
    extras: Object.keys(extras).length === 0 ? null : extras,
  };
}

function cancelFields(
  unit: Unit,
  row: SubscriptionRow,
  params: ChangeParams,
  extras: NonNullable<SubscriptionRow['extras']>,
): void {
  if (params.cancel_at_period_end === true) {
    // Recorded notes: the status stays, `cancel_at` shows the end of the item's period.
    extras.cancelAt = Math.min(...row.itemIds.map((id) => unit.store.items.need(id).currentPeriodEnd));
    extras.canceledAt = unit.now;
    extras.cancellation = { comment: null, feedback: null, ...extras.cancellation, reason: 'cancellation_requested' };
  } else if (params.cancel_at_period_end === false || params.cancel_at === null) {
    extras.cancelAt = null;
    extras.canceledAt = null;
    extras.cancellation = { comment: null, feedback: null, reason: null };
  }
  if (params.cancel_at !== undefined && params.cancel_at !== null) {
    if (params.cancel_at <= unit.now) throw invalidRequest('`cancel_at` must be in the future.', 'cancel_at');
    extras.cancelAt = params.cancel_at;
    extras.canceledAt = unit.now;
    extras.cancellation = { comment: null, feedback: null, ...extras.cancellation, reason: 'cancellation_requested' };
  }
}

/** Finalizes the draft of a change that has been made, and collects it as the payment behavior wants. */
export function bill(
  unit: Unit,
  draft: InvoiceRow,
  behavior: 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete' | 'pending_if_incomplete',
): void {
  if (draft.sim.held) return;
  if (draft.collection_method === 'send_invoice') {
    unit.store.invoices.put({ ...draft, automatically_finalizes_at: unit.now + unit.world.settings.draftSeconds });
    return;
  }
  const open = finalizeInvoice(unit, draft);
  const pause = unit.store.subscriptions.get(open.sim.subscription ?? '')?.extras?.pauseCollection?.behavior;
  if (pause === 'void') voidInvoice(unit, open);
  else if (pause === 'mark_uncollectible') markUncollectible(unit, open);
  else if (open.amount_due === 0) {
    markPaid(unit, open, 0);
    afterPaid(unit, open.id);
  } else if (behavior === 'default_incomplete') afterUnpaid(unit, open.id, 'not_attempted');
  else if (behavior === 'error_if_incomplete') {
    const attempt = attemptPayment(unit, open);
    // Thrown out of the transaction: nothing of the change, the invoice or the intent is kept.
    if (attempt.status !== 'paid') throw failureOfAttempt(attempt);
    afterPaid(unit, open.id);
  } else collect(unit, open);
}
