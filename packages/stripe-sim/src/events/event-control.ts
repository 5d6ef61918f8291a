import type { Cause } from '../cause.ts';
import type { Ids } from '../ids.ts';
import { apiVersion } from '../settings.ts';
import type { EventRow } from '../state/log-rows.ts';
import type { Store } from '../state/store.ts';
import type { WireObject } from '../wire.ts';

/** Writes events, and delivers them. */
export class EventControl {
  readonly #store: Store;
  readonly #ids: Ids;

  constructor(store: Store, ids: Ids) {
    this.#store = store;
    this.#ids = ids;
  }

  /** Stores an event inside the present transaction. */
  record(
    type: string,
    object: WireObject & { id: string },
    previous: WireObject | null,
    cause: Cause,
    now: number,
  ): void {
    const row: EventRow = {
      id: this.#ids.next('evt'),
      type,
      created: now,
      object: JSON.stringify(object),
      previous: previous === null ? null : JSON.stringify(previous),
      about: object.id,
      requestId: cause.requestId,
      key: cause.key,
      apiVersion,
      pendingWebhooks: 0,
    };
    this.#store.events.put(row);
  }
}
