import type { World } from '../world.ts';
import type { EventRow } from './log-rows.ts';

/** Rows looked at in one go, so that no request pays for a long clean-up. */
const batch = 2_000;

/** Removes what has outlived its documented or configured life, oldest first. */
export function pruneOld(world: World): void {
  const { store, settings, clock } = world;
  const now = clock.now();
  store.transaction(() => {
    removeWhile(store.answers, (row) => now - row.at >= settings.keyLifetimeSeconds);
    removeWhile(store.events, (row, left) => isPast(world, row) || left > settings.eventLimit);
    removeWhile(store.deliveries, (row, left) => row.state !== 'waiting' && left > settings.logLimit);
  });
}

/** Whether an event has outlived the time for which Stripe shows it. */
export function isPast({ clock, settings }: World, event: EventRow): boolean {
  return (event.recordedAt ?? event.created) < clock.now() - settings.eventLifetimeSeconds;
}

function removeWhile<Row extends { id: string }>(
  table: { size: number; oldestFirst(): IterableIterator<Row>; remove(id: string): void },
  old: (row: Row, left: number) => boolean,
): void {
  const gone: string[] = [];
  for (const row of table.oldestFirst()) {
    if (gone.length === batch || !old(row, table.size - gone.length)) break;
    gone.push(row.id);
  }
  for (const id of gone) table.remove(id);
}
