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
import { type ChangeListener, type StoredTable, Table } from './table.ts';

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

  readonly customers = new Table<CustomerRow>('customers', this);
  readonly paymentMethods = new Table<PaymentMethodRow>('payment_methods', this);
  readonly products = new Table<ProductRow>('products', this);
  readonly prices = new Table<PriceRow>('prices', this);
  readonly subscriptions = new Table<SubscriptionRow>('subscriptions', this);
  readonly items = new Table<SubscriptionItemRow>('subscription_items', this);
  readonly invoices = new Table<InvoiceRow>('invoices', this);
  readonly invoiceItems = new Table<InvoiceItemRow>('invoice_items', this);
  readonly paymentIntents = new Table<PaymentIntentRow>('payment_intents', this);
  readonly charges = new Table<ChargeRow>('charges', this);
  readonly invoicePayments = new Table<InvoicePaymentRow>('invoice_payments', this);
  readonly balanceTransactions = new Table<BalanceTransactionRow>('balance_transactions', this);
  readonly schedules = new Table<ScheduleRow>('schedules', this);
  readonly deletedCustomers = new Table<{ id: string }>('deleted_customers', this);
  readonly testClocks = new Table<TestClockRow>('test_clocks', this);
  readonly ledger = new Table<LedgerRow>('ledger', this);
  readonly quantities = new Table<QuantityRow>('quantities', this);
  readonly events = new Table<EventRow>('events', this);
  readonly deliveries = new Table<DeliveryRow>('deliveries', this);
  readonly webhookEndpoints = new Table<WebhookEndpointRow>('webhook_endpoints', this);
  readonly answers = new Table<AnswerRow>('answers', this);

  readonly subscriptionsByCustomer = this.subscriptions.index((row) => row.customer);
  readonly customersByTestClock = this.customers.index((row) => row.testClock);
  readonly invoicesBySubscription = this.invoices.index((row) => row.sim.subscription);
  readonly invoicesByCustomer = this.invoices.index((row) => (typeof row.customer === 'string' ? row.customer : null));
  /** Only those that no invoice has taken up yet. */
  readonly pendingItemsBySubscription = this.invoiceItems.index((row) =>
    row.invoice === null ? row.sim.subscription : null,
  );
  /** Pending items that belong to no subscription. */
  readonly looseItemsByCustomer = this.invoiceItems.index((row) =>
    row.invoice === null && row.sim.subscription === null && typeof row.customer === 'string' ? row.customer : null,
  );
  readonly paymentsByInvoice = this.invoicePayments.index((row) =>
    typeof row.invoice === 'string' ? row.invoice : null,
  );
  readonly balanceByCustomer = this.balanceTransactions.index((row) =>
    typeof row.customer === 'string' ? row.customer : null,
  );
  readonly deliveriesByState = this.deliveries.index((row) => (row.state === 'waiting' ? 'waiting' : null));
  readonly quantitiesByItem = this.quantities.index((row) => row.item);
  readonly paymentMethodsByCustomer = this.paymentMethods.index((row) =>
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
