import { amountFor } from '../arithmetic/index.ts';
import { compare } from '../arithmetic/rational.ts';
import { invalidRequest, notSimulated } from '../http/errors.ts';
import { mergeMetadata } from '../http/params.ts';
import type { PriceRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import type { ChangeParams } from './change-params.ts';
import { intervalOf, periodAround } from './periods.ts';
import { recurringPrice } from './prices.ts';
import type { ItemChange } from './proration-items.ts';

/** What a request would make of a subscription, worked out before anything is written. */
export interface ChangePlan {
  /** Items that the request touches. */
  changes: ItemChange[];
  /** Those of them whose price for the period differs, and which are therefore prorated. */
  billed: ItemChange[];
  /** All items afterwards, in order. */
  itemsAfter: SubscriptionItemRow[];
  /** A new period begins now: everything is billed for a whole period. */
  restarts: boolean;
  endsTrial: boolean;
}

export function planChange(unit: Unit, row: SubscriptionRow, params: ChangeParams): ChangePlan {
  checkTrialEnd(unit, row, params);
  const touched = touchedItems(unit, row, params);
  const endsTrial = params.trial_end === 'now' && row.status === 'trialing';
  const restarts = params.billing_cycle_anchor?.type === 'now' || endsTrial || classicRestart(unit, row, touched);
  const changes = touched.map((change) => ({ ...change, after: withPeriod(unit, row, change, restarts) }));
  const byId = new Map(changes.flatMap((change) => (change.before ? [[change.before.id, change.after]] : [])));
  const kept = row.itemIds.flatMap((id) => {
    if (!byId.has(id)) {
      const item = unit.store.items.need(id);
      const moved = restarts ? withPeriod(unit, row, { before: item, after: item }, true) : item;
      return moved === undefined ? [] : [moved];
    }
    const after = byId.get(id);
    return after === undefined ? [] : [after];
  });
  const added = changes.flatMap((change) => (change.before === undefined && change.after ? [change.after] : []));
  const trialEnd = typeof params.trial_end === 'number' ? params.trial_end : null;
  const itemsAfter = [...kept, ...added].map((item) =>
    trialEnd === null ? item : { ...item, currentPeriodEnd: trialEnd },
  );
  checkItems(unit, row, itemsAfter);
  const untouched: ItemChange[] =
    restarts || trialEnd !== null
      ? row.itemIds
          .filter((id) => !byId.has(id))
          .map((id) => ({ before: unit.store.items.need(id), after: itemsAfter.find((item) => item.id === id) }))
      : [];
  const all = [...changes, ...untouched].map(({ before, after }) => ({
    before,
    after: itemsAfter.find((item) => item.id === after?.id),
  }));
  return { changes: all, billed: all.filter((change) => isBilled(unit, change)), itemsAfter, restarts, endsTrial };
}

/** A trial can be made longer or shorter, or end now; giving a running subscription a trial is not simulated. */
function checkTrialEnd(unit: Unit, row: SubscriptionRow, params: ChangeParams): void {
  if (typeof params.trial_end !== 'number') return;
  if (row.status !== 'trialing') throw notSimulated('a trial for a subscription that is not in one', 'trial_end');
  if (params.trial_end <= unit.now) {
    throw invalidRequest('Invalid timestamp: must be an integer Unix timestamp in the future.', 'trial_end');
  }
}

function touchedItems(unit: Unit, row: SubscriptionRow, params: ChangeParams): ItemChange[] {
  const seen = new Set<string>();
  return (params.items ?? []).map((wanted, index) => {
    const name = `items[${index}]`;
    const priceId = wanted.price ?? wanted.plan;
    if (wanted.id === undefined) {
      const price = recurringPrice(unit, priceId, `${name}[price]`);
      return { before: undefined, after: addedItem(unit, row, price, wanted.quantity ?? 1, wanted.metadata) };
    }
    const before = unit.store.items.get(wanted.id);
    if (before === undefined || before.subscription !== row.id) {
      throw invalidRequest(`No such subscription item: '${wanted.id}'`, `${name}[id]`, 'resource_missing');
    }
    if (seen.has(wanted.id)) {
      throw invalidRequest(`Duplicate subscription item: '${wanted.id}'`, `${name}[id]`);
    }
    seen.add(wanted.id);
    if (wanted.deleted === true) return { before, after: undefined };
    const price = priceId === undefined ? before.price : recurringPrice(unit, priceId, `${name}[price]`).id;
    // Stripe resets the quantity to 1 when only the price is given.
    const quantity = wanted.quantity ?? (price === before.price ? before.quantity : 1);
    return { before, after: { ...before, price, quantity, metadata: mergeMetadata(before.metadata, wanted.metadata) } };
  });
}

function addedItem(
  unit: Unit,
  row: SubscriptionRow,
  price: PriceRow,
  quantity: number,
  metadata: Record<string, string> | null | undefined,
): SubscriptionItemRow {
  const period = periodAround(row.billingCycleAnchor, intervalOf(price), unit.now);
  return {
    id: unit.newId('si'),
    created: unit.now,
    subscription: row.id,
    price: price.id,
    quantity,
    metadata: mergeMetadata({}, metadata),
    currentPeriodStart: period.start,
    currentPeriodEnd: period.end,
    debits: null,
  };
}

/** A change of interval moves the item to the period of the new interval on the same anchor, or restarts it now. */
function withPeriod(
  unit: Unit,
  row: SubscriptionRow,
  { before, after }: ItemChange,
  restarts: boolean,
): SubscriptionItemRow | undefined {
  if (after === undefined) return undefined;
  const interval = intervalOf(unit.store.prices.need(after.price));
  if (restarts) {
    const period = periodAround(unit.now, interval, unit.now);
    return { ...after, currentPeriodStart: period.start, currentPeriodEnd: period.end };
  }
  if (before === undefined || row.status === 'trialing') return after;
  const old = intervalOf(unit.store.prices.need(before.price));
  if (old.unit === interval.unit && old.count === interval.count) return after;
  const period = periodAround(row.billingCycleAnchor, interval, unit.now);
  return { ...after, currentPeriodStart: period.start, currentPeriodEnd: period.end };
}

/** Classic billing begins a new cycle when the interval changes or a free price becomes a paid one. */
function classicRestart(unit: Unit, row: SubscriptionRow, changes: ItemChange[]): boolean {
  if (row.flexibleSince !== null || row.status === 'trialing') return false;
  return changes.some(({ before, after }) => {
    if (before === undefined || after === undefined || before.price === after.price) return false;
    const [old, now] = [unit.store.prices.need(before.price), unit.store.prices.need(after.price)];
    const [oldInterval, interval] = [intervalOf(old), intervalOf(now)];
    const otherInterval = oldInterval.unit !== interval.unit || oldInterval.count !== interval.count;
    return otherInterval || (old.unit_amount === 0 && now.unit_amount !== 0);
  });
}

function isBilled(unit: Unit, { before, after }: ItemChange): boolean {
  if (before === undefined || after === undefined) return true;
  if (before.currentPeriodStart !== after.currentPeriodStart || before.currentPeriodEnd !== after.currentPeriodEnd)
    return true;
  const amount = (item: SubscriptionItemRow) => amountFor(unit.store.prices.need(item.price), item.quantity);
  return compare(amount(before), amount(after)) !== 0;
}

function checkItems(unit: Unit, row: SubscriptionRow, items: SubscriptionItemRow[]): void {
  if (items.length === 0) {
    throw invalidRequest(
      'A subscription must have at least one active plan. In order to cancel a subscription, please delete it.',
      'items',
    );
  }
  if (items.length > 20) throw invalidRequest('A subscription can have up to 20 items.', 'items');
  const prices = new Set<string>();
  for (const item of items) {
    if (prices.has(item.price)) {
      throw invalidRequest(
        `Cannot add multiple subscription items with the same Price: ${item.price}. Use the \`quantity\` of the existing item instead.`,
        'plan',
      );
    }
    prices.add(item.price);
    const price = unit.store.prices.need(item.price);
    if (price.currency !== row.currency) {
      throw invalidRequest(
        `The price specified supports currencies of \`${price.currency}\`, but the subscription uses \`${row.currency}\`.`,
        'items',
      );
    }
  }
  const intervals = new Set(items.map((item) => JSON.stringify(intervalOf(unit.store.prices.need(item.price)))));
  if (row.flexibleSince === null && intervals.size > 1) {
    throw invalidRequest(
      'All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`.',
      'items',
    );
  }
}
