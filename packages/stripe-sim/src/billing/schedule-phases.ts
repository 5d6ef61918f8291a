import { invalidRequest } from '../http/errors.ts';
import { mergeMetadata, type ReadFields } from '../http/params.ts';
import type { updateScheduleFields } from '../routes/schedule-params.ts';
import { phaseOf } from '../shapes/schedule.ts';
import type { ScheduleRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import type { ChangeParams } from './change-params.ts';
import { after, type Interval } from './periods.ts';
import { recurringPrice } from './prices.ts';

type PhaseParams = NonNullable<ReadFields<typeof updateScheduleFields>['phases']>[number];
export type Phase = ScheduleRow['phases'][number];

/** The present phase keeps its start, and something must be left to come. */
export function checkPresentPhase(unit: Unit, phases: Phase[], start: number): void {
  const first = phases[0];
  if (first === undefined || first.start_date !== start) {
    throw invalidRequest('You can not modify the start date of the current phase.', 'phases[0][start_date]');
  }
  if (phases.every((phase) => phase.end_date <= unit.now)) {
    throw invalidRequest('At least one phase must end in the future.', 'phases');
  }
}

/** Phases follow each other without a gap: each begins where the one before it ends. */
export function readPhases(unit: Unit, given: PhaseParams[], start: number, attached = false): Phase[] {
  if (given.length === 0) throw invalidRequest('Missing required param: phases.', 'phases', 'parameter_missing');
  let from = start;
  return given.map((phase, index) => {
    const name = `phases[${index}]`;
    if (
      phase.start_date !== undefined &&
      phase.start_date !== 'now' &&
      phase.start_date !== from &&
      !(attached && index === 0)
    ) {
      throw invalidRequest(
        'The `start_date` of a phase must be the `end_date` of the phase before it.',
        `${name}[start_date]`,
      );
    }
    if (index === 0 && typeof phase.start_date === 'number') from = phase.start_date;
    const prices = phase.items.map((item, place) =>
      recurringPrice(unit, item.price ?? item.plan, `${name}[items][${place}][price]`),
    );
    const end = endOf(phase, from, `${name}[end_date]`);
    const made = phaseOf({
      currency: prices[0]?.currency ?? 'usd',
      start: from,
      end,
      items: phase.items.map((item, place) => ({ price: prices[place]?.id ?? '', quantity: item.quantity ?? 1 })),
      prorationBehavior: phase.proration_behavior ?? 'create_prorations',
      metadata: mergeMetadata({}, phase.metadata),
    });
    from = end;
    return made;
  });
}

function endOf(phase: PhaseParams, from: number, name: string): number {
  if (phase.end_date !== undefined) {
    if (phase.end_date <= from) throw invalidRequest('The `end_date` of a phase must be after its `start_date`.', name);
    return phase.end_date;
  }
  if (phase.duration === undefined) {
    throw invalidRequest('Each phase needs an `end_date` or a `duration`.', name, 'parameter_missing');
  }
  const interval: Interval = { unit: phase.duration.interval, count: phase.duration.interval_count ?? 1 };
  return after(from, interval, 1);
}

/** The changes of items that turn a subscription into what a phase says. */
export function itemsForPhase(unit: Unit, row: SubscriptionRow, phase: Phase): NonNullable<ChangeParams['items']> {
  const present = row.itemIds.map((id) => unit.store.items.need(id));
  const wanted = phase.items.map((item) => ({ price: String(item.price), quantity: item.quantity ?? 1 }));
  const gone = present.filter((item) => !wanted.some((want) => want.price === item.price));
  const fresh = wanted.filter((want) => !present.some((item) => item.price === want.price));
  const changed = present.flatMap((item) => {
    const want = wanted.find((candidate) => candidate.price === item.price);
    return want === undefined || want.quantity === item.quantity ? [] : [{ id: item.id, quantity: want.quantity }];
  });
  // A phase that swaps one price for another keeps the item.
  const swapped = gone.map((item, index) => {
    const want = fresh[index];
    return want === undefined
      ? { id: item.id, deleted: true }
      : { id: item.id, price: want.price, quantity: want.quantity };
  });
  return [...changed, ...swapped, ...fresh.slice(gone.length)];
}
