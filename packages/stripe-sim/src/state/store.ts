import type { AnswerRow, DeliveryRow, EventRow, LedgerRow, QuantityRow } from './log-rows.ts';
import type {
  BalanceTransactionRow,
  ChargeRow,
  CustomerRow,
  InvoiceItemRow,
  InvoicePaymentRow,
  InvoiceRow,
  PaymentIntentRow,
  PaymentMethodRow,
  PriceRow,
  ProductRow,
  ScheduleRow,
  SubscriptionItemRow,
  SubscriptionRow,
  TestClockRow,
  WebhookEndpointRow,
} from './rows.ts';
import { type ChangeListener, type Index, type StoredTable, Table } from './table.ts';

interface Change {
  table: StoredTable;
  id: string;
  before: unknown;
  place: number;
}

/** Called once per committed transaction with the ids that changed, by table name. */
export type CommitListener = (changed: Map<string, Set<string>>) => void;

/**
 * All state of one simulated account. Everything that changes it runs inside {@link Store.transaction}, which either
 * keeps all changes or none: a preview, a declined `error_if_incomplete` and a crash in a route leave nothing behind.
 */
export class Store implements ChangeListener {
  #changes: Change[] | null = null;
  readonly #listeners: CommitListener[] = [];

  // Each has its type written out: what a published declaration says must not depend on where `stripe` keeps its types.
  readonly customers: Table<CustomerRow> = new Table('customers', this);
  readonly paymentMethods: Table<PaymentMethodRow> = new Table('payment_methods', this);
  readonly products: Table<ProductRow> = new Table('products', this);
  readonly prices: Table<PriceRow> = new Table('prices', this);
  readonly subscriptions: Table<SubscriptionRow> = new Table('subscriptions', this);
  readonly items: Table<SubscriptionItemRow> = new Table('subscription_items', this);
  readonly invoices: Table<InvoiceRow> = new Table('invoices', this);
  readonly invoiceItems: Table<InvoiceItemRow> = new Table('invoice_items', this);
  readonly paymentIntents: Table<PaymentIntentRow> = new Table('payment_intents', this);
  readonly charges: Table<ChargeRow> = new Table('charges', this);
  readonly invoicePayments: Table<InvoicePaymentRow> = new Table('invoice_payments', this);
  readonly balanceTransactions: Table<BalanceTransactionRow> = new Table('balance_transactions', this);
  readonly schedules: Table<ScheduleRow> = new Table('schedules', this);
  readonly deletedCustomers: Table<{ id: string }> = new Table('deleted_customers', this);
  readonly testClocks: Table<TestClockRow> = new Table('test_clocks', this);
  readonly ledger: Table<LedgerRow> = new Table('ledger', this);
  readonly quantities: Table<QuantityRow> = new Table('quantities', this);
  readonly events: Table<EventRow> = new Table('events', this);
  readonly deliveries: Table<DeliveryRow> = new Table('deliveries', this);
  readonly webhookEndpoints: Table<WebhookEndpointRow> = new Table('webhook_endpoints', this);
  readonly answers: Table<AnswerRow> = new Table('answers', this);

  readonly subscriptionsByCustomer: Index<SubscriptionRow> = this.subscriptions.index((row) => row.customer);
  readonly customersByTestClock: Index<CustomerRow> = this.customers.index((row) => row.testClock);
  readonly invoicesBySubscription: Index<InvoiceRow> = this.invoices.index((row) => row.sim.subscription);
  readonly invoicesByCustomer: Index<InvoiceRow> = this.invoices.index((row) =>
    typeof row.customer === 'string' ? row.customer : null,
  );
  /** Only those that no invoice has taken up yet. */
  readonly pendingItemsBySubscription: Index<InvoiceItemRow> = this.invoiceItems.index((row) =>
    row.invoice === null ? row.sim.subscription : null,
  );
  /** Pending items that belong to no subscription. */
  readonly looseItemsByCustomer: Index<InvoiceItemRow> = this.invoiceItems.index((row) =>
    row.invoice === null && row.sim.subscription === null && typeof row.customer === 'string' ? row.customer : null,
  );
  readonly paymentsByInvoice: Index<InvoicePaymentRow> = this.invoicePayments.index((row) =>
    typeof row.invoice === 'string' ? row.invoice : null,
  );
  readonly balanceByCustomer: Index<BalanceTransactionRow> = this.balanceTransactions.index((row) =>
    typeof row.customer === 'string' ? row.customer : null,
  );
  readonly deliveriesByState: Index<DeliveryRow> = this.deliveries.index((row) =>
    row.state === 'waiting' ? 'waiting' : null,
  );
  readonly quantitiesByItem: Index<QuantityRow> = this.quantities.index((row) => row.item);
  readonly paymentMethodsByCustomer: Index<PaymentMethodRow> = this.paymentMethods.index((row) =>
    typeof row.customer === 'string' ? row.customer : null,
  );

  /** Every table, for the journal. */
  get tables(): StoredTable[] {
    return Object.values(this).filter((value): value is StoredTable => value instanceof Table);
  }

  onCommit(listener: CommitListener): void {
    this.#listeners.push(listener);
  }

  changed(table: StoredTable, id: string, before: unknown, place: number): void {
    this.#changes?.push({ table, id, before, place });
  }

  /**
   * Runs the work and keeps its changes, unless it throws; `keepOn` says which errors keep them all the same. Work is
   * synchronous, so transactions never interleave. A transaction inside another one is part of it.
   */
  transaction<T>(work: () => T, keepOn: (failure: unknown) => boolean = () => false): T {
    if (this.#changes !== null) return work();
    const changes: Change[] = [];
    this.#changes = changes;
    try {
      const result = work();
      this.#commit(changes);
      return result;
    } catch (failure) {
      if (keepOn(failure)) this.#commit(changes);
      else this.#undo(changes);
      throw failure;
    } finally {
      this.#changes = null;
    }
  }

  /** Runs the work for its result only: every change is undone. What `create_preview` is made of. */
  rehearse<T>(work: () => T): T {
    const outer = this.#changes;
    const changes: Change[] = [];
    this.#changes = changes;
    try {
      return work();
    } finally {
      this.#undo(changes);
      this.#changes = outer;
    }
  }

  #undo(changes: Change[]): void {
    this.#changes = null;
    for (const change of changes.reverse()) {
      change.table.restore(change.id, change.before, change.place);
    }
  }

  #commit(changes: Change[]): void {
    this.#changes = null;
    if (changes.length === 0 || this.#listeners.length === 0) return;
    const changed = new Map<string, Set<string>>();
    for (const { table, id } of changes) {
      const ids = changed.get(table.name);
      if (ids === undefined) changed.set(table.name, new Set([id]));
      else ids.add(id);
    }
    for (const listener of this.#listeners) listener(changed);
  }
}
