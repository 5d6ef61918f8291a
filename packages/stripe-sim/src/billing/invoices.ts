import { refused } from '../http/errors.ts';
import { customerShape } from '../shapes/customer.ts';
import { invoiceShape } from '../shapes/invoice.ts';
import type { InvoiceLine, InvoiceRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { lineOfInvoiceItem } from './lines.ts';
import { openPaymentIntent } from './payment-intents.ts';
import { settle } from './settlement.ts';

export type BillingReason = 'subscription_create' | 'subscription_cycle' | 'subscription_update' | 'manual';

export interface DraftParts {
  reason: BillingReason;
  customer: string;
  subscription: SubscriptionRow | null;
  currency: string;
  /** The lines, made once the invoice has its id. Pending items stand before them. */
  lines: (invoiceId: string) => InvoiceLine[];
  period: { start: number; end: number };
  /** When the clock finalizes it; null when the caller does. */
  finalizesAt?: number | null;
  pendingUpdate?: boolean;
  held?: boolean;
  /** Takes the customer's pending items along that belong to no subscription. */
  looseItems?: boolean;
}

/** Writes a draft that takes up every pending item of its subscription. */
export function draftInvoice(unit: Unit, parts: DraftParts): InvoiceRow {
  const { store } = unit;
  const customer = store.customers.need(parts.customer);
  const invoiceId = unit.newId('in');
  // Pending items stand before the subscription's own lines (documented, and recorded for a reset billing cycle).
  const lines = [...takePendingItems(unit, parts, invoiceId), ...parts.lines(invoiceId)];
  const total = lines.reduce((sum, line) => sum + line.amount, 0);
  const settlement = settle(total, customer.balance, parts.currency);
  const row: InvoiceRow = {
    id: invoiceId,
    object: 'invoice',
    account_country: 'US',
    account_name: 'stripe-sim',
    account_tax_ids: null,
    amount_due: settlement.amountDue,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: settlement.amountDue,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: parts.held !== true,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: parts.finalizesAt ?? null,
    billing_reason: parts.reason,
    collection_method: parts.subscription?.collectionMethod ?? 'charge_automatically',
    created: unit.now,
    currency: parts.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: null,
    customer_email: customer.email,
    customer_name: customer.name,
    customer_phone: customer.phone,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines,
    livemode: false,
    metadata: {},
    next_payment_attempt: parts.finalizesAt ?? null,
    number: null,
    on_behalf_of: null,
    parent:
      parts.subscription === null
        ? null
        : {
            quote_details: null,
            subscription_details: { metadata: parts.subscription.metadata, subscription: parts.subscription.id },
            type: 'subscription_details',
          },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: parts.period.end,
    period_start: parts.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: settlement.startingBalance,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: total,
    subtotal_excluding_tax: total,
    test_clock: customer.testClock,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
    sim: {
      subscription: parts.subscription?.id ?? null,
      paymentIntent: null,
      pendingUpdate: parts.pendingUpdate ?? false,
      dunningStep: 0,
      held: parts.held ?? false,
    },
  };
  store.invoices.put(row);
  unit.emit('invoice.created', invoiceShape(row));
  return row;
}

/**
 * Every invoice that a subscription makes takes all its pending items along (documented for flexible billing), one made
 * by hand those of the customer when asked to. They come newest first (documented).
 */
function takePendingItems(unit: Unit, parts: DraftParts, invoiceId: string): InvoiceLine[] {
  const { pendingItemsBySubscription, looseItemsByCustomer } = unit.store;
  const loose = parts.looseItems === true ? looseItemsByCustomer.ids(parts.customer) : [];
  const pending = parts.subscription === null ? [] : pendingItemsBySubscription.ids(parts.subscription.id);
  return [...loose, ...pending].toReversed().map((itemId) => {
    const pending = unit.store.invoiceItems.need(itemId);
    unit.store.invoiceItems.put({ ...pending, invoice: invoiceId });
    return lineOfInvoiceItem(unit, invoiceId, pending);
  });
}

/** Gives a draft its number, settles it against the balance and, when something is left to pay, its payment intent. */
export function finalizeInvoice(unit: Unit, draft: InvoiceRow): InvoiceRow {
  if (draft.status !== 'draft') {
    throw refused(
      "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
      undefined,
      'invoice_not_editable',
    );
  }
  const { store } = unit;
  const customer = store.customers.need(customerOf(draft));
  const settlement = settle(draft.total, customer.balance, draft.currency);
  const automatic = draft.collection_method === 'charge_automatically';
  const daysUntilDue = subscriptionOf(unit, draft)?.extras?.daysUntilDue ?? null;
  const open: InvoiceRow = {
    ...draft,
    amount_due: settlement.amountDue,
    amount_remaining: settlement.amountDue,
    automatically_finalizes_at: null,
    due_date: automatic ? null : unit.now + (daysUntilDue ?? 30) * 86_400,
    effective_at: unit.now,
    ending_balance: settlement.endingBalance,
    hosted_invoice_url: `https://invoice.stripe.com/i/acct_stripe_sim/${draft.id}`,
    invoice_pdf: `https://pay.stripe.com/invoice/acct_stripe_sim/${draft.id}/pdf`,
    next_payment_attempt: null,
    number: `${customer.invoicePrefix}-${String(customer.nextInvoiceSequence).padStart(4, '0')}`,
    rendering: rendered(draft.rendering),
    starting_balance: settlement.startingBalance,
    status: 'open',
    status_transitions: { ...draft.status_transitions, finalized_at: unit.now },
    webhooks_delivered_at: unit.now,
  };
  store.customers.put({ ...customer, nextInvoiceSequence: customer.nextInvoiceSequence + 1 });
  moveBalance(unit, open, settlement.endingBalance - settlement.startingBalance, settlement.balanceReason);
  const finalized = store.invoices.put(
    settlement.amountDue > 0 ? { ...open, sim: { ...open.sim, paymentIntent: openPaymentIntent(unit, open) } } : open,
  );
  unit.emit('invoice.finalized', invoiceShape(finalized));
  unit.ledger({
    kind: 'invoice_finalized',
    customer: customer.id,
    invoice: open.id,
    amount: open.total,
    currency: open.currency,
  });
  return finalized;
}

/** The page size is open on a draft and decided when it is finalized; this account is in the US (recorded). */
function rendered(rendering: InvoiceRow['rendering']): InvoiceRow['rendering'] {
  return rendering?.pdf?.page_size === 'auto' ? { ...rendering, pdf: { page_size: 'letter' } } : rendering;
}

/** Books a change of the customer's balance that an invoice caused. */
export function moveBalance(
  unit: Unit,
  invoice: InvoiceRow,
  amount: number,
  reason: 'applied_to_invoice' | 'invoice_too_small' | 'unapplied_from_invoice' | null,
): void {
  if (reason === null || amount === 0) return;
  const { store } = unit;
  const before = store.customers.need(customerOf(invoice));
  const after = store.customers.put({ ...before, balance: before.balance + amount });
  store.balanceTransactions.put({
    id: unit.newId('cbtxn'),
    object: 'customer_balance_transaction',
    amount,
    checkout_session: null,
    created: unit.now,
    credit_note: null,
    currency: invoice.currency,
    customer: before.id,
    customer_account: null,
    description: null,
    ending_balance: after.balance,
    invoice: invoice.id,
    livemode: false,
    metadata: {},
    type: reason,
  });
  unit.ledger({ kind: 'balance', customer: before.id, invoice: invoice.id, amount, currency: invoice.currency });
  unit.emitChange('customer.updated', customerShape(before), customerShape(after));
}

export function customerOf(invoice: InvoiceRow): string {
  if (typeof invoice.customer !== 'string') throw new Error(`invariant: invoice ${invoice.id} has no customer`);
  return invoice.customer;
}

export function subscriptionOf(unit: Unit, invoice: InvoiceRow): SubscriptionRow | undefined {
  return invoice.sim.subscription === null ? undefined : unit.store.subscriptions.get(invoice.sim.subscription);
}
