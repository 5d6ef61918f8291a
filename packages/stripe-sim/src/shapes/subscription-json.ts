import type { PriceRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Store } from '../state/store.ts';
import { subscriptionShape } from './subscription.ts';

/** The fields that differ between plain subscriptions to one price. Anything else goes the long way. */
const fields = {
  id: (row: SubscriptionRow) => JSON.stringify(row.id),
  idInUrl: (row: SubscriptionRow) => row.id,
  customer: (row: SubscriptionRow) => JSON.stringify(row.customer),
  created: (row: SubscriptionRow) => String(row.created),
  billingCycleAnchor: (row: SubscriptionRow) => String(row.billingCycleAnchor),
  startDate: (row: SubscriptionRow) => String(row.startDate),
  latestInvoice: (row: SubscriptionRow) => JSON.stringify(row.latestInvoice),
  metadata: (row: SubscriptionRow) => JSON.stringify(row.metadata),
  flexibleSince: (row: SubscriptionRow) => String(row.flexibleSince),
  itemId: (_: SubscriptionRow, item: SubscriptionItemRow) => JSON.stringify(item.id),
  itemCreated: (_: SubscriptionRow, item: SubscriptionItemRow) => String(item.created),
  itemMetadata: (_: SubscriptionRow, item: SubscriptionItemRow) => JSON.stringify(item.metadata),
  periodStart: (_: SubscriptionRow, item: SubscriptionItemRow) => String(item.currentPeriodStart),
  periodEnd: (_: SubscriptionRow, item: SubscriptionItemRow) => String(item.currentPeriodEnd),
  quantity: (_: SubscriptionRow, item: SubscriptionItemRow) => String(item.quantity),
};
type Field = keyof typeof fields;

/** Literal text and fields in turn, beginning and ending with text. */
interface Template {
  texts: string[];
  fields: Field[];
}

const templates = new WeakMap<PriceRow, Map<string, Template>>();

/**
 * The JSON of a subscription, for lists. A page of a hundred is 300 kB of text that is nearly the same a hundred times
 * over, so for plain subscriptions the text is made once from {@link subscriptionShape} itself, with marks in it, and
 * filled in for each. The shape stays the only place that knows the fields.
 */
export function subscriptionJson(store: Store, row: SubscriptionRow): string {
  const itemId = row.itemIds[0];
  if (row.extras !== null || row.testClock !== null || row.itemIds.length !== 1 || itemId === undefined) {
    return JSON.stringify(subscriptionShape(store, row));
  }
  const item = store.items.need(itemId);
  const template = templateFor(store, row, item);
  let json = template.texts[0] ?? '';
  for (let index = 0; index < template.fields.length; index += 1) {
    const field = template.fields[index] as Field;
    json += fields[field](row, item) + (template.texts[index + 1] ?? '');
  }
  return json;
}

function templateFor(store: Store, row: SubscriptionRow, item: SubscriptionItemRow): Template {
  const price = store.prices.need(item.price);
  const ofPrice = templates.get(price) ?? new Map<string, Template>();
  templates.set(price, ofPrice);
  const key = `${row.status} ${row.currency} ${row.collectionMethod} ${row.cancelAtPeriodEnd} ${row.flexibleSince === null}`;
  const known = ofPrice.get(key);
  if (known !== undefined) return known;
  const made = makeTemplate(store, row, item);
  ofPrice.set(key, made);
  return made;
}

const mark = (field: Field): string => `@@${field}@@`;
/** A mark where a number or a hash belongs; it is taken out with its quotes, so that the text has the right type. */
const anyMark = <T>(field: Field): T => mark(field) as T;

function makeTemplate(store: Store, row: SubscriptionRow, item: SubscriptionItemRow): Template {
  const markedItem: SubscriptionItemRow = {
    ...item,
    id: mark('itemId'),
    created: anyMark('itemCreated'),
    subscription: mark('id'),
    metadata: anyMark('itemMetadata'),
    currentPeriodStart: anyMark('periodStart'),
    currentPeriodEnd: anyMark('periodEnd'),
    quantity: anyMark('quantity'),
  };
  const marked: SubscriptionRow = {
    ...row,
    id: mark('id'),
    customer: mark('customer'),
    created: anyMark('created'),
    billingCycleAnchor: anyMark('billingCycleAnchor'),
    startDate: anyMark('startDate'),
    latestInvoice: mark('latestInvoice'),
    metadata: anyMark('metadata'),
    flexibleSince: row.flexibleSince === null ? null : anyMark('flexibleSince'),
    itemIds: [markedItem.id],
  };
  const shape = store.rehearse(() => {
    store.items.put(markedItem);
    return subscriptionShape(store, marked);
  });
  const json = JSON.stringify(shape);
  const texts: string[] = [];
  const found: Field[] = [];
  let from = 0;
  // A mark without quotes is the id inside the url of the items.
  for (const match of json.matchAll(/"@@(\w+)@@"|@@id@@/g)) {
    texts.push(json.slice(from, match.index));
    found.push((match[1] as Field | undefined) ?? 'idInUrl');
    from = match.index + match[0].length;
  }
  texts.push(json.slice(from));
  return { texts, fields: found };
}
