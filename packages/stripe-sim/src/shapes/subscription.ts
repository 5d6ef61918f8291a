import type Stripe from 'stripe';
import type { PendingUpdateRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Store } from '../state/store.ts';
import type { Wire, WireList } from '../wire.ts';
import { planShape, priceShape, type WirePlan, type WirePrice } from './price.ts';

/** `plan`, top-level `quantity` and `total_count` are recorded in real answers although the SDK's types leave them out. */
export type WireItem = Omit<Wire<Omit<Stripe.SubscriptionItem, 'deleted' | 'plan' | 'price'>>, never> & {
  plan: WirePlan;
  price: WirePrice;
};
export type WireSubscription = Omit<Wire<Stripe.Subscription>, 'items' | 'pending_update'> & {
  items: WireList<WireItem>;
  pending_update:
    | (Omit<Wire<Stripe.Subscription.PendingUpdate>, 'subscription_items'> & { subscription_items: WireItem[] | null })
    | null;
  plan: WirePlan | null;
  quantity: number | null;
};

const none: never[] = Object.freeze([]) as unknown as never[];

export function itemShape(store: Store, row: SubscriptionItemRow): WireItem {
  const price = store.prices.need(row.price);
  return {
    id: row.id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: row.created,
    current_period_end: row.currentPeriodEnd,
    current_period_start: row.currentPeriodStart,
    current_trial: null,
    discounts: none,
    metadata: row.metadata,
    plan: planShape(price),
    price: priceShape(price),
    quantity: row.quantity,
    subscription: row.subscription,
    tax_rates: none,
  };
}

export function subscriptionShape(store: Store, row: SubscriptionRow): WireSubscription {
  const items = row.itemIds.map((id) => itemShape(store, store.items.need(id)));
  const single = items.length === 1 ? items[0] : undefined;
  const extras = row.extras ?? {};
  return {
    id: row.id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: row.billingCycleAnchor,
    billing_cycle_anchor_config: null,
    billing_mode:
      row.flexibleSince === null
        ? { flexible: null, type: 'classic' }
        : { flexible: { proration_discounts: 'included' }, type: 'flexible', updated_at: row.flexibleSince },
    billing_schedules: none,
    billing_thresholds: null,
    cancel_at: extras.cancelAt ?? null,
    cancel_at_period_end: row.cancelAtPeriodEnd,
    canceled_at: extras.canceledAt ?? null,
    cancellation_details: {
      comment: extras.cancellation?.comment ?? null,
      feedback: extras.cancellation?.feedback ?? null,
      feedback_option: null,
      reason: extras.cancellation?.reason ?? null,
    },
    collection_method: row.collectionMethod,
    created: row.created,
    currency: row.currency,
    customer: row.customer,
    customer_account: null,
    days_until_due: extras.daysUntilDue ?? null,
    default_payment_method: extras.defaultPaymentMethod ?? null,
    default_source: null,
    default_tax_rates: none,
    description: extras.description ?? null,
    discounts: none,
    ended_at: extras.endedAt ?? null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: {
      object: 'list',
      data: items,
      has_more: false,
      total_count: items.length,
      url: `/v1/subscription_items?subscription=${row.id}`,
    },
    latest_invoice: row.latestInvoice,
    livemode: false,
    managed_payments: null,
    metadata: row.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: extras.pauseCollection ?? null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: extras.savesMethod === true ? 'on_subscription' : 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: extras.pendingUpdate ? pendingUpdateShape(store, extras.pendingUpdate) : null,
    plan: single?.plan ?? null,
    quantity: single?.quantity ?? null,
    schedule: extras.schedule ?? null,
    start_date: row.startDate,
    status: row.status,
    test_clock: row.testClock,
    transfer_data: null,
    trial_end: extras.trialEnd ?? null,
    trial_settings: {
      end_behavior: {
        billing_cycle_anchor: null,
        missing_payment_method: extras.trialMissingMethod ?? 'create_invoice',
      },
    },
    trial_start: extras.trialStart ?? null,
  };
}

/** The pending items are shown as whole subscription items with the values they will have. */
function pendingUpdateShape(store: Store, pending: PendingUpdateRow): NonNullable<WireSubscription['pending_update']> {
  const waiting = pending.items.map((item) => itemShape(store, item));
  return {
    billing_cycle_anchor: pending.billingCycleAnchor,
    cancel_at_period_end: pending.cancelAtPeriodEnd,
    discount: null,
    discounts: null,
    expires_at: pending.expiresAt,
    metadata: pending.metadata,
    subscription_items: waiting,
    trial_end: pending.trialEnd,
    trial_from_plan: null,
  };
}
