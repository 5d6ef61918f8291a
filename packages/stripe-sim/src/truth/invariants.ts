import type { World } from '../world.ts';

/** Checks what must hold whatever was asked of the simulator. Each broken rule is one sentence. */
export function violationsOf(world: World): string[] {
  return [...oneChangePerKey(world), ...historyMatchesItems(world)];
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

/** The last entry of an item's history is its present quantity. */
function* historyMatchesItems({ store }: World): Iterable<string> {
  const last = new Map<string, number>();
  for (const change of store.quantities.values()) last.set(change.item, change.to);
  for (const [item, quantity] of last) {
    const row = store.items.get(item);
    if (row !== undefined && row.quantity !== quantity) {
      yield `Item ${item} has quantity ${row.quantity}, but its history ends at ${quantity}.`;
    }
  }
}
