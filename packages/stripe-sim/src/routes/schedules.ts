import { cancelSchedule, createSchedule, releaseSchedule, updateSchedule } from '../billing/schedules.ts';
import { noSuch } from '../http/errors.ts';
import { createdFilter, createdMatches, listFields, listPage } from '../http/list.ts';
import { either, id, notModelled, oneOf } from '../http/params.ts';
import { type Route, type RouteCall, route } from '../http/route.ts';
import type { ScheduleRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';
import { createScheduleFields, updateScheduleFields } from './schedule-params.ts';

/** The subscription behind a schedule is what has to be locked. */
const lockOfSchedule = ({ unit, ids }: Pick<RouteCall, 'unit' | 'ids'>) => {
  const subscription = unit.store.schedules.get(ids.id ?? '')?.subscription;
  return typeof subscription === 'string' ? subscription : null;
};

export const scheduleRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/subscription_schedules',
    params: createScheduleFields,
    lock: ({ params }) => params.from_subscription ?? params.customer ?? null,
    run: ({ unit, params }) => ({ ...createSchedule(unit, params) }),
  }),
  route({
    method: 'GET',
    pattern: '/v1/subscription_schedules/:id',
    params: { expand },
    run: ({ unit, ids }) => ({ ...findSchedule(unit, ids.id ?? '') }),
  }),
  route({
    method: 'POST',
    pattern: '/v1/subscription_schedules/:id',
    params: updateScheduleFields,
    lock: lockOfSchedule,
    run: ({ unit, ids, params }) => ({ ...updateSchedule(unit, findSchedule(unit, ids.id ?? ''), params) }),
  }),
  route({
    method: 'POST',
    pattern: '/v1/subscription_schedules/:id/release',
    params: { expand, preserve_cancel_date: notModelled(['false']) },
    lock: lockOfSchedule,
    run: ({ unit, ids }) => ({ ...releaseSchedule(unit, findSchedule(unit, ids.id ?? '')) }),
  }),
  route({
    method: 'POST',
    pattern: '/v1/subscription_schedules/:id/cancel',
    params: { expand, invoice_now: notModelled(['false']), prorate: notModelled(['false']) },
    lock: lockOfSchedule,
    run: ({ unit, ids }) => ({ ...cancelSchedule(unit, findSchedule(unit, ids.id ?? '')) }),
  }),
  route({
    method: 'GET',
    pattern: '/v1/subscription_schedules',
    params: {
      ...listFields,
      expand,
      customer: id,
      created: createdFilter,
      scheduled: either(oneOf('true'), notModelled()),
    },
    run: ({ unit, params }) => ({
      ...listPage(
        {
          table: unit.store.schedules,
          params,
          url: '/v1/subscription_schedules',
          kind: 'subscription_schedule',
          matches: (row) =>
            (params.customer === undefined || row.customer === params.customer) &&
            (params.scheduled === undefined || row.status === 'not_started') &&
            createdMatches(params.created, row.created),
        },
        (row) => ({ ...row }),
      ),
    }),
  }),
];

/** Works at the time of the schedule's test clock. */
function findSchedule(unit: Unit, scheduleId: string): ScheduleRow {
  const row = unit.store.schedules.get(scheduleId);
  if (row === undefined) throw noSuch('subscription_schedule', scheduleId, { path: true });
  if (typeof row.test_clock === 'string') unit.onClockOf({ testClock: row.test_clock });
  return row;
}
