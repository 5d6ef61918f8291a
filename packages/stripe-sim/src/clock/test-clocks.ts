import { intervalOf, after as momentAfter } from '../billing/periods.ts';
import { stripeItself } from '../cause.ts';
import { invalidRequest, refused } from '../http/errors.ts';
import type { TestClockRow } from '../state/rows.ts';
import { Unit } from '../unit.ts';
import type { World } from '../world.ts';
import type { Agenda } from './agenda.ts';

/** Marks a clock as advancing. The work is done right after the answer; its end is the event `ready`. */
export function beginAdvance(unit: Unit, clock: TestClockRow, to: number): TestClockRow {
  if (clock.status !== 'ready') {
    throw refused(
      'The test clock is currently advancing. Wait for it to be ready before advancing it again.',
      undefined,
      'testmode_clock_not_ready',
    );
  }
  if (to <= clock.frozen_time) {
    throw invalidRequest('Test clock `frozen_time` must be after the current frozen time.', 'frozen_time');
  }
  const limit = advanceLimit(unit, clock);
  if (limit !== null && to > limit) {
    throw invalidRequest(
      'You can only advance a test clock by at most two intervals of the shortest subscription on it at a time.',
      'frozen_time',
    );
  }
  const advancing: TestClockRow = {
    ...clock,
    status: 'advancing',
    status_details: { advancing: { target_frozen_time: to } },
  };
  unit.store.testClocks.put(advancing);
  unit.emit('test_helpers.test_clock.advancing', { ...advancing });
  return advancing;
}

/** Two intervals of the shortest subscription (documented); null when there is none. */
function advanceLimit(unit: Unit, clock: TestClockRow): number | null {
  const { store } = unit;
  const limits: number[] = [];
  for (const id of store.customersByTestClock.ids(clock.id)) {
    for (const subscriptionId of store.subscriptionsByCustomer.ids(id)) {
      const row = store.subscriptions.need(subscriptionId);
      if (row.status === 'canceled' || row.status === 'incomplete_expired') continue;
      for (const itemId of row.itemIds) {
        const interval = intervalOf(store.prices.need(store.items.need(itemId).price));
        limits.push(momentAfter(clock.frozen_time, interval, 2));
      }
    }
  }
  return limits.length === 0 ? null : Math.min(...limits);
}

/** Does everything that is due on the way to the clock's target, then declares it ready. */
export function finishAdvance(world: World, agenda: Agenda, clockId: string): void {
  const { store } = world;
  const target = store.testClocks.get(clockId)?.status_details.advancing?.target_frozen_time;
  if (target === undefined) return;
  // The clock shows each moment while its work is done, so that everything in it is stamped with that time.
  agenda.run(target, clockId, (at) => {
    store.transaction(() => {
      const clock = store.testClocks.need(clockId);
      if (at > clock.frozen_time) store.testClocks.put({ ...clock, frozen_time: at });
    });
  });
  store.transaction(() => {
    const unit = new Unit(world, stripeItself);
    const ready: TestClockRow = {
      ...store.testClocks.need(clockId),
      frozen_time: target,
      status: 'ready',
      status_details: {},
    };
    store.testClocks.put(ready);
    unit.emit('test_helpers.test_clock.ready', { ...ready });
    unit.flush();
  });
}
