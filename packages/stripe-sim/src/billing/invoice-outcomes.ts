import { refused } from '../http/errors.ts';
import { customerShape } from '../shapes/customer.ts';
import { invoiceShape } from '../shapes/invoice.ts';
import type { InvoiceRow, SubscriptionRow, SubscriptionStatus } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { changeRow } from './announce.ts';
import { cancelNow } from './cancel.ts';
import { customerOf, moveBalance, subscriptionOf } from './invoices.ts';
import { cancelPaymentIntent } from './payment-intents.ts';
import { type Attempt, attemptPayment } from './payments.ts';
import { applyPendingUpdate, clearPendingUpdate } from './pending-update.ts';

/** What a paid invoice does to its subscription. */
export function afterPaid(unit: Unit, invoiceId: string): void {
  const invoice = unit.store.invoices.need(invoiceId);
  const row = subscriptionOf(unit, invoice);
  if (row === undefined) return;
  if (invoice.sim.pendingUpdate) applyPendingUpdate(unit, invoice);
  saveMethod(unit, invoice, row.id);
  const latest = unit.store.subscriptions.need(row.id);
  const recovers = latest.status === 'past_due' || latest.status === 'unpaid' || latest.status === 'incomplete';
  // The status follows the latest invoice: paying an older one leaves a past due subscription past due.
  if (recovers && latest.latestInvoice === invoice.id) setStatus(unit, latest, 'active');
  setDelinquent(unit, customerOf(invoice), false);
}

/** `save_default_payment_method: on_subscription`. */
function saveMethod(unit: Unit, invoice: InvoiceRow, subscriptionId: string): void {
  const row = unit.store.subscriptions.need(subscriptionId);
  const intent =
    invoice.sim.paymentIntent === null ? undefined : unit.store.paymentIntents.get(invoice.sim.paymentIntent);
  const method = intent?.payment_method ?? null;
  if (row.extras?.savesMethod !== true || typeof method !== 'string' || row.extras.defaultPaymentMethod === method)
    return;
  unit.store.subscriptions.put({ ...row, extras: { ...row.extras, defaultPaymentMethod: method } });
}

/** What an invoice that could not be collected does to its subscription: the change stays, the status shows it. */
export function afterUnpaid(unit: Unit, invoiceId: string, attempt: Attempt['status'] | 'not_attempted'): void {
  const invoice = unit.store.invoices.need(invoiceId);
  const row = subscriptionOf(unit, invoice);
  if (row === undefined) return;
  if (invoice.sim.pendingUpdate) {
    // Documented: a failed attempt to pay for a resumption resumes all the same, and is not repeated.
    if (endPause(unit, row, invoice)) setStatus(unit, unit.store.subscriptions.need(row.id), 'past_due');
    return;
  }
  if (row.status === 'active' || row.status === 'trialing') setStatus(unit, row, 'past_due');
  if (attempt === 'declined' || attempt === 'no_payment_method') {
    setDelinquent(unit, customerOf(invoice), true);
    planRetry(unit, unit.store.invoices.need(invoiceId));
  }
}

/** Carries out the resumption that this invoice is for; false where it is for none. */
function endPause(unit: Unit, row: SubscriptionRow, invoice: InvoiceRow): boolean {
  const pending = row.extras?.pendingUpdate;
  if (!pending?.resumes || pending.invoice !== invoice.id) return false;
  applyPendingUpdate(unit, invoice);
  return true;
}

/** Plans the next automatic attempt, counted from the first one; after the last the dunning setting decides. */
export function planRetry(unit: Unit, invoice: InvoiceRow): void {
  const { dunningRetries, dunningEnd } = unit.world.settings;
  if (invoice.billing_reason === 'subscription_create') return;
  const wait = dunningRetries[invoice.sim.dunningStep];
  if (wait !== undefined) {
    const firstAttempt = invoice.status_transitions.finalized_at ?? unit.now;
    unit.store.invoices.put({
      ...invoice,
      next_payment_attempt: Math.max(firstAttempt + wait, unit.now + 1),
      sim: { ...invoice.sim, dunningStep: invoice.sim.dunningStep + 1 },
    });
    return;
  }
  unit.store.invoices.put({ ...invoice, next_payment_attempt: null, auto_advance: false });
  const row = subscriptionOf(unit, invoice);
  if (row === undefined || row.status !== 'past_due') return;
  if (dunningEnd === 'canceled') cancelNow(unit, row, { reason: 'payment_failed' });
  else if (dunningEnd === 'unpaid') setStatus(unit, row, 'unpaid');
}

/** Tries to collect and carries out what follows from it. */
export function collect(
  unit: Unit,
  invoice: InvoiceRow,
  options: { paymentMethod?: string | undefined; authenticated?: boolean } = {},
): Attempt {
  const attempt = attemptPayment(unit, invoice, options);
  if (attempt.status === 'paid') afterPaid(unit, invoice.id);
  else afterUnpaid(unit, invoice.id, attempt.status);
  return attempt;
}

/** Makes an invoice void: nothing of it is owed any more, and what it did to the balance is undone. */
export function voidInvoice(unit: Unit, invoice: InvoiceRow): InvoiceRow {
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
    throw refused(
      `You can only pass in open or uncollectible invoices. This invoice isn't open or uncollectible: it is ${invoice.status}.`,
    );
  }
  const { store } = unit;
  const after = store.invoices.put({
    ...invoice,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'void',
    status_transitions: { ...invoice.status_transitions, voided_at: unit.now },
  });
  moveBalance(unit, after, after.starting_balance - (after.ending_balance ?? 0), 'unapplied_from_invoice');
  cancelPaymentIntent(unit, after);
  forgetDebits(unit, after);
  unit.emitChange('invoice.updated', invoiceShape(invoice), invoiceShape(after));
  unit.emit('invoice.voided', invoiceShape(after));
  unit.ledger({
    kind: 'invoice_voided',
    customer: customerOf(after),
    invoice: after.id,
    amount: after.total,
    currency: after.currency,
  });
  if (after.sim.pendingUpdate && after.sim.subscription !== null) {
    clearPendingUpdate(unit, after.sim.subscription, after.id);
  }
  const row = subscriptionOf(unit, after);
  if (row?.status === 'incomplete' && row.latestInvoice === after.id) setStatus(unit, row, 'incomplete_expired');
  return after;
}

export function markUncollectible(unit: Unit, invoice: InvoiceRow): InvoiceRow {
  if (invoice.status !== 'open') throw refused('You can only mark open invoices as uncollectible.');
  const after = unit.store.invoices.put({
    ...invoice,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'uncollectible',
    status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: unit.now },
  });
  unit.emitChange('invoice.updated', invoiceShape(invoice), invoiceShape(after));
  unit.emit('invoice.marked_uncollectible', invoiceShape(after));
  const row = subscriptionOf(unit, after);
  if (row !== undefined) endPause(unit, row, after);
  return after;
}

/** A void invoice debited nothing, so flexible billing must never credit it. */
function forgetDebits(unit: Unit, invoice: InvoiceRow): void {
  const row = subscriptionOf(unit, invoice);
  if (row === undefined) return;
  const gone = new Set(
    invoice.lines.flatMap((line) => [line.id, line.parent?.subscription_item_details?.invoice_item ?? line.id]),
  );
  for (const itemId of row.itemIds) {
    const item = unit.store.items.get(itemId);
    if (item?.debits?.some((debit) => gone.has(debit.id))) {
      unit.store.items.put({ ...item, debits: item.debits.filter((debit) => !gone.has(debit.id)) });
    }
  }
}

export function setStatus(unit: Unit, row: SubscriptionRow, status: SubscriptionStatus): SubscriptionRow {
  return changeRow(unit, row.id, (present) => ({
    ...present,
    status,
    ...(status === 'incomplete_expired' ? { extras: { ...present.extras, endedAt: unit.now } } : {}),
  }));
}

function setDelinquent(unit: Unit, customerId: string, delinquent: boolean): void {
  const before = unit.store.customers.get(customerId);
  if (before === undefined || before.delinquent === delinquent) return;
  const after = unit.store.customers.put({ ...before, delinquent });
  unit.emitChange('customer.updated', customerShape(before), customerShape(after));
}
