import { invalidRequest, noSuch, refused } from '../http/errors.ts';
import { mergeMetadata, type ReadFields } from '../http/params.ts';
import type { createScheduleFields, updateScheduleFields } from '../routes/schedule-params.ts';
import { emptyDefaults, phaseOf } from '../shapes/schedule.ts';
import type { ScheduleRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { changeRow } from './announce.ts';
import { cancelNow } from './cancel.ts';
import type { ChangeParams } from './change-params.ts';
import { changeSubscription } from './change-subscription.ts';
import { createSubscription } from './create-subscription.ts';
import { discardPendingUpdate } from './pending-update.ts';
import { checkPresentPhase, itemsForPhase, type Phase, readPhases } from './schedule-phases.ts';

type CreateScheduleParams = ReadFields<typeof createScheduleFields>;
type UpdateScheduleParams = ReadFields<typeof updateScheduleFields>;

export function createSchedule(unit: Unit, params: CreateScheduleParams): ScheduleRow {
  const { from_subscription: from, ...rest } = params;
  if (from !== undefined) {
    const extra = Object.entries(rest).find(
      ([name, value]) => value !== undefined && name !== 'expand' && name !== 'metadata',
    );
    if (extra !== undefined) {
      throw invalidRequest(`You cannot set \`${extra[0]}\` if \`from_subscription\` is set.`, extra[0]);
    }
    return scheduleFrom(unit, from, params);
  }
  return scheduleOfPhases(unit, params);
}

/** Takes over a subscription as it is: one phase, up to the end of its present period. */
function scheduleFrom(unit: Unit, subscriptionId: string, params: CreateScheduleParams): ScheduleRow {
  const row = unit.store.subscriptions.get(subscriptionId);
  if (row === undefined) throw noSuch('subscription', subscriptionId, { param: 'from_subscription' });
  unit.onClockOf(row);
  if (row.extras?.schedule) {
    throw refused(
      `You cannot migrate a subscription that is already attached to a schedule: \`${row.extras.schedule}\`.`,
      'from_subscription',
    );
  }
  if (row.status === 'canceled' || row.status === 'incomplete_expired' || row.status === 'incomplete') {
    throw refused(
      `You cannot migrate a subscription in the \`${row.status}\` status to a schedule.`,
      'from_subscription',
    );
  }
  const items = row.itemIds.map((id) => unit.store.items.need(id));
  const start = Math.max(...items.map((item) => item.currentPeriodStart));
  const end = Math.min(...items.map((item) => item.currentPeriodEnd));
  const schedule = unit.store.schedules.put({
    ...bare(unit, row.customer, row.testClock),
    billing_mode:
      row.flexibleSince === null
        ? { flexible: null, type: 'classic' }
        : { flexible: { proration_discounts: 'included' }, type: 'flexible', updated_at: row.flexibleSince },
    current_phase: { start_date: start, end_date: end },
    metadata: mergeMetadata({}, params.metadata),
    phases: [
      phaseOf({
        currency: row.currency,
        start,
        end,
        items: items.map(({ price, quantity }) => ({ price, quantity })),
        prorationBehavior: 'create_prorations',
        metadata: row.metadata,
      }),
    ],
    status: 'active',
    subscription: row.id,
  });
  changeRow(unit, row.id, (present) => ({ ...present, extras: { ...present.extras, schedule: schedule.id } }));
  unit.emit('subscription_schedule.created', { ...schedule });
  return schedule;
}

function scheduleOfPhases(unit: Unit, params: CreateScheduleParams): ScheduleRow {
  if (params.customer === undefined)
    throw invalidRequest('Missing required param: customer.', 'customer', 'parameter_missing');
  const customer = unit.store.customers.get(params.customer);
  if (customer === undefined) throw noSuch('customer', params.customer, { param: 'customer' });
  unit.onClockOf(customer);
  const start = params.start_date === undefined || params.start_date === 'now' ? unit.now : params.start_date;
  if (start < unit.now) throw invalidRequest('`start_date` cannot be in the past.', 'start_date');
  const phases = readPhases(unit, params.phases ?? [], start);
  const schedule = unit.store.schedules.put({
    ...bare(unit, customer.id, customer.testClock),
    end_behavior: params.end_behavior ?? 'release',
    metadata: mergeMetadata({}, params.metadata),
    phases,
  });
  unit.emit('subscription_schedule.created', { ...schedule });
  return start <= unit.now ? startSchedule(unit, schedule) : schedule;
}

export function updateSchedule(unit: Unit, schedule: ScheduleRow, params: UpdateScheduleParams): ScheduleRow {
  refuseEnded(schedule, 'update');
  const current = schedule.current_phase;
  const first = current?.start_date ?? schedule.phases[0]?.start_date ?? unit.now;
  const phases =
    params.phases === undefined ? schedule.phases : readPhases(unit, params.phases, first, current !== null);
  if (params.phases !== undefined && current !== null) checkPresentPhase(unit, phases, first);
  const present = phases.find((phase) => phase.start_date <= unit.now && unit.now < phase.end_date);
  const after = unit.store.schedules.put({
    ...schedule,
    end_behavior: params.end_behavior ?? schedule.end_behavior,
    metadata: mergeMetadata(schedule.metadata ?? {}, params.metadata),
    phases,
    current_phase:
      current === null
        ? null
        : (present ?? current) && {
            start_date: (present ?? current).start_date,
            end_date: (present ?? current).end_date,
          },
  });
  if (current !== null && present !== undefined && params.phases !== undefined) {
    applyPhase(unit, after, present, params.proration_behavior ?? 'create_prorations');
  }
  unit.emitChange('subscription_schedule.updated', { ...schedule }, { ...after });
  return after;
}

/** When the clock has to do something for a schedule: begin it, or end its present phase. */
export function dueOfSchedule(schedule: ScheduleRow): number | null {
  if (schedule.status === 'not_started') return schedule.phases[0]?.start_date ?? null;
  return schedule.status === 'active' ? (schedule.current_phase?.end_date ?? null) : null;
}

export function advanceSchedule(unit: Unit, schedule: ScheduleRow): void {
  if (schedule.status === 'not_started') {
    startSchedule(unit, schedule);
    return;
  }
  const next = schedule.phases.find((phase) => phase.start_date <= unit.now && unit.now < phase.end_date);
  if (next === undefined) {
    finish(unit, schedule);
    return;
  }
  const moved = unit.store.schedules.put({
    ...schedule,
    current_phase: { start_date: next.start_date, end_date: next.end_date },
  });
  const row = unit.store.subscriptions.get(subscriptionIdOf(moved) ?? '');
  // A new phase discards an update that still waits for its payment (documented).
  if (row?.extras?.pendingUpdate) discardPendingUpdate(unit, row);
  applyPhase(unit, moved, next, next.proration_behavior);
  unit.emitChange('subscription_schedule.updated', { ...schedule }, { ...moved });
}

function startSchedule(unit: Unit, schedule: ScheduleRow): ScheduleRow {
  const phase = schedule.phases[0];
  if (phase === undefined || typeof schedule.customer !== 'string')
    throw new Error('invariant: a schedule without phase or customer');
  const row = createSubscription(unit, {
    customer: schedule.customer,
    items: phase.items.map((item) => ({ price: String(item.price), quantity: item.quantity })),
    metadata: phase.metadata ?? {},
  });
  changeRow(unit, row.id, (present) => ({ ...present, extras: { ...present.extras, schedule: schedule.id } }));
  const started = unit.store.schedules.put({
    ...schedule,
    current_phase: { start_date: phase.start_date, end_date: phase.end_date },
    status: 'active',
    subscription: row.id,
  });
  unit.emitChange('subscription_schedule.updated', { ...schedule }, { ...started });
  return started;
}

/** Gives the subscription the items of a phase, where they differ from those it has. */
function applyPhase(unit: Unit, schedule: ScheduleRow, phase: Phase, behavior: string): void {
  const row = unit.store.subscriptions.get(subscriptionIdOf(schedule) ?? '');
  if (row === undefined || row.status === 'canceled' || row.status === 'incomplete_expired') return;
  const items = itemsForPhase(unit, row, phase);
  if (items.length === 0) return;
  // At the very end of a period there is nothing left of it to prorate.
  const periodOver = row.itemIds.every((id) => unit.store.items.need(id).currentPeriodEnd <= unit.now);
  changeSubscription(unit, row, {
    items,
    proration_behavior: periodOver ? 'none' : (behavior as ChangeParams['proration_behavior']),
  });
}

/** The last phase is over. */
function finish(unit: Unit, schedule: ScheduleRow): void {
  if (schedule.end_behavior === 'cancel') {
    const row = unit.store.subscriptions.get(subscriptionIdOf(schedule) ?? '');
    if (row !== undefined && row.status !== 'canceled') cancelNow(unit, row, { reason: 'cancellation_requested' });
    const done = unit.store.schedules.put({
      ...schedule,
      completed_at: unit.now,
      current_phase: null,
      status: 'completed',
    });
    unit.emit('subscription_schedule.completed', { ...done });
    return;
  }
  releaseSchedule(unit, schedule);
}

export function releaseSchedule(unit: Unit, schedule: ScheduleRow): ScheduleRow {
  refuseEnded(schedule, 'release');
  const subscriptionId = subscriptionIdOf(schedule);
  const released = unit.store.schedules.put({
    ...schedule,
    current_phase: null,
    released_at: unit.now,
    released_subscription: subscriptionId,
    status: 'released',
    subscription: null,
  });
  detach(unit, subscriptionId);
  unit.emit('subscription_schedule.released', { ...released });
  return released;
}

export function cancelSchedule(unit: Unit, schedule: ScheduleRow): ScheduleRow {
  refuseEnded(schedule, 'cancel');
  const row = unit.store.subscriptions.get(subscriptionIdOf(schedule) ?? '');
  if (row !== undefined && row.status !== 'canceled') cancelNow(unit, row, { reason: 'cancellation_requested' });
  const canceled = unit.store.schedules.put({
    ...schedule,
    canceled_at: unit.now,
    current_phase: null,
    status: 'canceled',
  });
  unit.emit('subscription_schedule.canceled', { ...canceled });
  return canceled;
}

function detach(unit: Unit, subscriptionId: string | null): void {
  if (subscriptionId === null || !unit.store.subscriptions.has(subscriptionId)) return;
  changeRow(unit, subscriptionId, (present) => ({ ...present, extras: { ...present.extras, schedule: null } }));
}

function refuseEnded(schedule: ScheduleRow, verb: string): void {
  if (schedule.status === 'active' || schedule.status === 'not_started') return;
  throw refused(
    `You cannot ${verb} a subscription schedule that is currently in the \`${schedule.status}\` status. ` +
      'It must be in `not_started` or `active` status.',
  );
}

function subscriptionIdOf(schedule: ScheduleRow): string | null {
  return typeof schedule.subscription === 'string' ? schedule.subscription : null;
}

function bare(unit: Unit, customer: string, testClock: string | null): ScheduleRow {
  return {
    id: unit.newId('sub_sched'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible', updated_at: unit.now },
    canceled_at: null,
    completed_at: null,
    created: unit.now,
    current_phase: null,
    customer,
    customer_account: null,
    default_settings: emptyDefaults,
    end_behavior: 'release',
    livemode: false,
    metadata: {},
    pause_schedules: [],
    phases: [],
    released_at: null,
    released_subscription: null,
    status: 'not_started',
    subscription: null,
    test_clock: testClock,
  };
}
