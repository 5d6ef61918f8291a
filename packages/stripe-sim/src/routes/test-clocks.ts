import { beginAdvance } from '../clock/test-clocks.ts';
import { noSuch } from '../http/errors.ts';
import { listFields, listPage } from '../http/list.ts';
import { required, text, timestamp } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import type { TestClockRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';

/** Stripe deletes a test clock after thirty days. */
const lifetimeSeconds = 30 * 86_400;

export const testClockRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/test_helpers/test_clocks',
    params: { expand, frozen_time: required(timestamp), name: text },
    run: ({ unit, params }) => {
      const clock = unit.store.testClocks.put({
        id: unit.newId('clock'),
        object: 'test_helpers.test_clock',
        created: unit.now,
        deletes_after: unit.now + lifetimeSeconds,
        frozen_time: params.frozen_time,
        livemode: false,
        name: params.name ?? null,
        status: 'ready',
        status_details: {},
      });
      unit.emit('test_helpers.test_clock.created', { ...clock });
      return { ...clock };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/test_helpers/test_clocks/:id',
    params: { expand },
    run: ({ unit, ids }) => ({ ...findTestClock(unit, ids.id ?? '') }),
  }),
  route({
    method: 'POST',
    pattern: '/v1/test_helpers/test_clocks/:id/advance',
    params: { expand, frozen_time: required(timestamp) },
    lock: ({ ids }) => ids.id ?? null,
    run: ({ unit, ids, params }) => {
      const advancing = beginAdvance(unit, findTestClock(unit, ids.id ?? ''), params.frozen_time);
      // Stripe answers with the time the clock is on its way to.
      return { ...advancing, frozen_time: params.frozen_time };
    },
  }),
  route({
    method: 'DELETE',
    pattern: '/v1/test_helpers/test_clocks/:id',
    run: ({ unit, ids }) => {
      const clock = findTestClock(unit, ids.id ?? '');
      const { store } = unit;
      for (const customerId of store.customersByTestClock.ids(clock.id)) {
        for (const subscriptionId of store.subscriptionsByCustomer.ids(customerId)) {
          for (const itemId of store.subscriptions.need(subscriptionId).itemIds) store.items.remove(itemId);
          store.subscriptions.remove(subscriptionId);
        }
        for (const invoiceId of store.invoicesByCustomer.ids(customerId)) store.invoices.remove(invoiceId);
        store.customers.remove(customerId);
        store.deletedCustomers.put({ id: customerId });
      }
      store.testClocks.remove(clock.id);
      unit.emit('test_helpers.test_clock.deleted', { ...clock });
      return { id: clock.id, object: 'test_helpers.test_clock', deleted: true };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/test_helpers/test_clocks',
    params: { ...listFields, expand },
    run: ({ unit, params }) => ({
      ...listPage(
        { table: unit.store.testClocks, params, url: '/v1/test_helpers/test_clocks', kind: 'testhelpers.testclock' },
        (row) => ({ ...row }),
      ),
    }),
  }),
];

function findTestClock(unit: Unit, clockId: string): TestClockRow {
  const clock = unit.store.testClocks.get(clockId);
  if (clock === undefined) throw noSuch('testhelpers.testclock', clockId, { path: true });
  return clock;
}
