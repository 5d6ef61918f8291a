import type { InvoiceLine, InvoiceRow } from '../state/rows.ts';
import type { World } from '../world.ts';

/** Checks what must hold whatever was asked of the simulator. Each broken rule is one sentence. */
export function violationsOf(world: World): string[] {
  return [
    ...oneChangePerKey(world),
    ...historyMatchesItems(world),
    ...linesSumToTotal(world),
    ...settlementsAddUp(world),
    ...creditsStayBelowDebits(world),
    ...balancesMatchTheirRows(world),
    ...paidInvoicesWerePaid(world),
    ...pendingUpdatesHaveTheirInvoice(world),
  ];
}

/** One idempotency key changes one item's quantity at most once. */
function* oneChangePerKey({ store }: World): Iterable<string> {
  const seen = new Map<string, string>();
  for (const change of store.quantities.values()) {
    if (change.key === null || change.from === change.to) continue;
    const place = `${change.key} ${change.item}`;
    const other = seen.get(place);
    if (other !== undefined && other !== change.requestId) {
      yield `Key ${change.key} changed the quantity of ${change.item} twice, in ${other} and ${change.requestId}.`;
    }
    if (change.requestId !== null) seen.set(place, change.requestId);
  }
}

/** The last entry of an item's history is its present quantity, and each entry begins where the one before ended. */
function* historyMatchesItems({ store }: World): Iterable<string> {
  const last = new Map<string, number>();
  for (const change of store.quantities.values()) {
    const before = last.get(change.item);
    if (before !== undefined && before !== change.from) {
      yield `Item ${change.item} went from ${change.from}, but was at ${before}.`;
    }
    last.set(change.item, change.to);
  }
  for (const [item, quantity] of last) {
    const row = store.items.get(item);
    if (row !== undefined && row.quantity !== quantity) {
      yield `Item ${item} has quantity ${row.quantity}, but its history ends at ${quantity}.`;
    }
  }
}

function* linesSumToTotal({ store }: World): Iterable<string> {
  for (const invoice of store.invoices.values()) {
    const sum = invoice.lines.reduce((total, line) => total + line.amount, 0);
    if (sum !== invoice.total) yield `The lines of ${invoice.id} come to ${sum}, its total is ${invoice.total}.`;
  }
}

/** What is asked for and what goes to the balance is exactly the total and what was there before. */
function* settlementsAddUp({ store }: World): Iterable<string> {
  for (const invoice of store.invoices.values()) {
    if (invoice.ending_balance === null) continue;
    const sum = invoice.amount_due + invoice.ending_balance;
    if (sum !== invoice.total + invoice.starting_balance) {
      yield `Invoice ${invoice.id} settles ${sum} of ${invoice.total + invoice.starting_balance}.`;
    }
    if (invoice.amount_paid + invoice.amount_remaining !== invoice.amount_due) {
      yield `Invoice ${invoice.id}: ${invoice.amount_paid} paid and ${invoice.amount_remaining} left of ${invoice.amount_due}.`;
    }
  }
}

/** In flexible billing all credits that name a debit never exceed it. */
function* creditsStayBelowDebits({ store }: World): Iterable<string> {
  const credited = new Map<string, number>();
  for (const item of store.invoiceItems.values()) {
    const details = item.proration_details?.credited_items;
    if (item.amount >= 0 || !details) continue;
    const invoice = item.invoice === null ? undefined : store.invoices.get(String(item.invoice));
    if (invoice?.status === 'void') continue;
    const named = details.invoice_line_item_details?.invoice_line_items[0] ?? details.invoice_item ?? '';
    const debit = debitBehind(store.invoices, details.invoice_line_item_details?.invoice, named);
    const key = debit?.parent?.subscription_item_details?.invoice_item ?? named;
    const total = (credited.get(key) ?? 0) - item.amount;
    credited.set(key, total);
    const debited = debit?.amount ?? store.invoiceItems.get(key)?.amount;
    if (debited !== undefined && total > debited) {
      yield `${total} were credited against ${key}, which debited ${debited}.`;
    }
  }
}

function debitBehind(
  invoices: { get(id: string): InvoiceRow | undefined },
  invoiceId: string | undefined,
  lineId: string,
): InvoiceLine | undefined {
  return invoiceId === undefined ? undefined : invoices.get(invoiceId)?.lines.find((line) => line.id === lineId);
}

/** Each balance row continues from the one before it. A balance that was set through the API has no row. */
function* balancesMatchTheirRows({ store }: World): Iterable<string> {
  for (const row of store.balanceTransactions.values()) {
    const invoice = row.invoice === null ? undefined : store.invoices.get(String(row.invoice));
    if (invoice === undefined || row.type === 'unapplied_from_invoice') continue;
    if (row.ending_balance !== invoice.ending_balance) {
      yield `Balance row ${row.id} ends at ${row.ending_balance}, its invoice ${invoice.id} at ${invoice.ending_balance}.`;
    }
  }
}

/** Money said to be paid was charged, to the cent, unless it was paid outside of Stripe. */
function* paidInvoicesWerePaid({ store }: World): Iterable<string> {
  for (const payment of store.invoicePayments.values()) {
    if (payment.status !== 'paid') continue;
    const intent = store.paymentIntents.get(String(payment.payment.payment_intent));
    if (intent?.status !== 'succeeded' || intent.amount_received !== payment.amount_paid) {
      yield `Payment ${payment.id} says ${payment.amount_paid}, its intent ${intent?.amount_received ?? 'is missing'}.`;
    }
  }
}

function* pendingUpdatesHaveTheirInvoice({ store }: World): Iterable<string> {
  for (const row of store.subscriptions.values()) {
    const pending = row.extras?.pendingUpdate;
    if (!pending) continue;
    const status = store.invoices.get(pending.invoice)?.status;
    if (status !== 'open')
      yield `Subscription ${row.id} waits for invoice ${pending.invoice}, which is ${status ?? 'gone'}.`;
  }
}
