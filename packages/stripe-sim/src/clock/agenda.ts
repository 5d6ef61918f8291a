import { changeRow } from '../billing/announce.ts';
import { cancelNow } from '../billing/cancel.ts';
import { expireIncomplete } from '../billing/create-subscription.ts';
import { discardPendingUpdate } from '../billing/pending-update.ts';
import { finalizeDue, renew, retryDue } from '../billing/renewal.ts';
import { advanceSchedule, dueOfSchedule } from '../billing/schedules.ts';
import { stripeItself } from '../cause.ts';
import type { InvoiceRow, SubscriptionRow } from '../state/rows.ts';
import type { Store } from '../state/store.ts';
import { Unit } from '../unit.ts';
import type { World } from '../world.ts';
import { type Due, DueHeap } from './heap.ts';

const globalClock = '';

/** Knows when Stripe's own clockwork has to do something, for the virtual clock and for each test clock. */
export class Agenda {
  readonly #world: World;
  readonly #heaps = new Map<string, DueHeap>();
  /** Entries in all heaps. */
  #noted = 0;

  constructor(world: World) {
    this.#world = world;
    const { store } = world;
    store.onCommit((changed) => {
      const subscriptions = new Set(changed.get(store.subscriptions.name));
      // A changed item can end its period at another time; the subscription is what is due.
      for (const id of changed.get(store.items.name) ?? []) {
        const item = store.items.get(id);
        if (item !== undefined) subscriptions.add(item.subscription);
      }
      for (const id of subscriptions) this.#note('subscription', id);
      for (const id of changed.get(store.invoices.name) ?? []) this.#note('invoice', id);
      for (const id of changed.get(store.schedules.name) ?? []) this.#note('schedule', id);
      // Every change of a row adds an entry; when most of them are out of date, all are made anew.
      const rows = store.subscriptions.size + store.invoices.size + store.schedules.size;
      if (this.#noted > 2 * rows + 1_000) this.noteAll();
    });
  }

  /** Notes everything that is stored; for a state that was loaded rather than committed. */
  noteAll(): void {
    const { store } = this.#world;
    this.#heaps.clear();
    this.#noted = 0;
    for (const row of store.subscriptions.values()) this.#note('subscription', row.id);
    for (const row of store.invoices.values()) this.#note('invoice', row.id);
    for (const row of store.schedules.values()) this.#note('schedule', row.id);
  }

  /** When the virtual clock has something to do next. */
  nextDue(clock: string = globalClock): number | undefined {
    return this.#heaps.get(clock)?.first?.at;
  }

  /** Does what is due up to a moment, in order of time. `onMoment` hears each moment before its work. */
  run(to: number, clock: string = globalClock, onMoment: (at: number) => void = () => {}): void {
    for (;;) {
      // Asked for anew each time: the work may make the heaps anew.
      const heap = this.#heaps.get(clock);
      const first = heap?.first;
      if (heap === undefined || first === undefined || first.at > to) return;
      heap.take();
      this.#noted -= 1;
      const at = this.#dueOf(first);
      if (at === null || at > to) continue;
      onMoment(at);
      this.#do(first, at);
      const again = this.#dueOf(first);
      if (again !== null && again <= at) {
        throw new Error(`invariant: ${first.kind} ${first.id} is still due at ${again} after its work at ${at}`);
      }
    }
  }

  #note(kind: Due['kind'], id: string): void {
    const at = this.#dueOf({ kind, id, at: 0 });
    if (at === null) return;
    const clock = this.#clockOf(kind, id);
    const heap = this.#heaps.get(clock) ?? new DueHeap();
    this.#heaps.set(clock, heap);
    heap.push({ at, kind, id });
    this.#noted += 1;
  }

  #clockOf(kind: Due['kind'], id: string): string {
    const { store } = this.#world;
    const row =
      kind === 'subscription'
        ? store.subscriptions.get(id)
        : kind === 'invoice'
          ? store.invoices.get(id)
          : store.schedules.get(id);
    const clock = row === undefined ? null : 'testClock' in row ? row.testClock : row.test_clock;
    return typeof clock === 'string' ? clock : globalClock;
  }

  #dueOf({ kind, id }: Due): number | null {
    const { store, settings } = this.#world;
    if (kind === 'subscription') {
      const row = store.subscriptions.get(id);
      return row === undefined ? null : dueOfSubscription(store, row, settings.incompleteLifetimeSeconds);
    }
    if (kind === 'invoice') {
      const row = store.invoices.get(id);
      return row === undefined ? null : dueOfInvoice(row);
    }
    const row = store.schedules.get(id);
    return row === undefined ? null : dueOfSchedule(row);
  }

  #do({ kind, id }: Due, at: number): void {
    const { store } = this.#world;
    store.transaction(() => {
      const unit = new Unit(this.#world, stripeItself, at);
      if (kind === 'subscription') doSubscription(unit, store.subscriptions.need(id));
      else if (kind === 'invoice') {
        const invoice = store.invoices.need(id);
        if (invoice.status === 'draft') finalizeDue(unit, invoice);
        else retryDue(unit, invoice);
      } else advanceSchedule(unit, store.schedules.need(id));
      unit.flush();
    });
  }
}

function dueOfInvoice(row: InvoiceRow): number | null {
  if (row.status === 'draft' && !row.sim.held) return row.automatically_finalizes_at;
  return row.status === 'open' ? row.next_payment_attempt : null;
}

function dueOfSubscription(store: Store, row: SubscriptionRow, incompleteLifetime: number): number | null {
  const extras = row.extras;
  if (row.status === 'incomplete') return row.created + incompleteLifetime;
  if (row.status === 'canceled' || row.status === 'incomplete_expired') return null;
  const moments: number[] = [];
  if (row.status !== 'paused') for (const id of row.itemIds) moments.push(store.items.need(id).currentPeriodEnd);
  if (typeof extras?.cancelAt === 'number') moments.push(extras.cancelAt);
  if (extras?.pendingUpdate) moments.push(extras.pendingUpdate.expiresAt);
  if (typeof extras?.pauseCollection?.resumes_at === 'number') moments.push(extras.pauseCollection.resumes_at);
  return moments.length === 0 ? null : Math.min(...moments);
}

/** One thing that is due; the rest of the same moment comes with the next turn. */
function doSubscription(unit: Unit, row: SubscriptionRow): void {
  const { extras } = row;
  if (row.status === 'incomplete') expireIncomplete(unit, row);
  else if (extras?.pendingUpdate && extras.pendingUpdate.expiresAt <= unit.now) discardPendingUpdate(unit, row);
  else if (typeof extras?.cancelAt === 'number' && extras.cancelAt <= unit.now) {
    cancelNow(unit, row, { reason: extras.cancellation?.reason ?? 'cancellation_requested' });
  } else if (typeof extras?.pauseCollection?.resumes_at === 'number' && extras.pauseCollection.resumes_at <= unit.now) {
    changeRow(unit, row.id, (present) => ({ ...present, extras: { ...present.extras, pauseCollection: null } }));
  } else renew(unit, row);
}
