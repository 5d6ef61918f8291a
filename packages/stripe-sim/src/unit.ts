import type { Cause } from './cause.ts';
import { previousAttributes } from './events/previous-attributes.ts';
import type { LedgerRow } from './state/log-rows.ts';
import type { Store } from './state/store.ts';
import type { WireObject } from './wire.ts';
import type { World } from './world.ts';

/**
 * One unit of work: what a single request, a foreign hand or the clock does. Events, ledger rows and history gather
 * here and become real only when the transaction commits.
 */
export class Unit {
  readonly world: World;
  readonly cause: Cause;
  readonly #events: { type: string; object: WireObject & { id: string }; previous: WireObject | null; now: number }[] =
    [];
  /** The time of the virtual clock, or of the test clock the work happens on. */
  now: number;

  constructor(world: World, cause: Cause, now: number = world.clock.now()) {
    this.world = world;
    this.cause = cause;
    this.now = now;
  }

  get store(): Store {
    return this.world.store;
  }

  newId(prefix: string): string {
    return this.world.ids.next(prefix);
  }

  /** From here on the work happens at the time of the customer's test clock, if there is one. */
  onClockOf(customer: { testClock: string | null }): void {
    if (customer.testClock !== null) this.now = this.store.testClocks.need(customer.testClock).frozen_time;
  }

  emit(type: string, object: WireObject & { id: string }, previous: WireObject | null = null): void {
    this.#events.push({ type, object, previous, now: this.now });
  }

  /** An `*.updated` event with the old values of what changed; nothing when nothing did. */
  emitChange(type: string, before: WireObject & { id: string }, after: WireObject & { id: string }): void {
    const previous = previousAttributes(before, after);
    if (previous !== null) this.emit(type, after, previous);
  }

  ledger(entry: Omit<LedgerRow, 'id' | 'at' | 'requestId' | 'key'>): void {
    const { requestId, key } = this.cause;
    this.store.ledger.put({ ...entry, id: this.newId('ledger'), at: this.now, requestId, key });
  }

  quantityChanged(item: string, from: number, to: number): void {
    const { requestId, key, by } = this.cause;
    this.store.quantities.put({ id: this.newId('qty'), item, at: this.now, from, to, requestId, key, by });
  }

  /** Writes the events that gathered; the last step inside the transaction. */
  flush(): void {
    for (const { type, object, previous, now } of this.#events) {
      this.world.events.record(type, object, previous, this.cause, now);
    }
  }
}
