import { policy } from '../core/policy.ts';
import { followEvents } from '../duties/follow-events.ts';
import { linkFirstPurchases } from '../duties/link-first-purchases.ts';
import { sweepSlice } from '../duties/sweep-slice.ts';
import type { TickContext } from '../duties/tick.ts';
import { watchDuplicates } from '../duties/watch-duplicates.ts';
import { InvalidInput } from '../failures.ts';
import { isChangeId } from '../input.ts';
import { noteDuplicates } from '../store/duplicates.ts';
import { readFindings, type SweepFinding } from '../store/sweeps.ts';
import type { SweepContext } from '../sweep/sweep.ts';
import { type SweepOptions, type SweepReport, sweepNow } from '../sweep/sweep-now.ts';
import type { Inside } from './inside.ts';
import { link } from './operating.ts';

/** A sweep in this process, from its beginning or from where one was cut short. @throws InvalidInput */
export async function sweep(inside: Inside, options: SweepOptions): Promise<SweepReport> {
  await inside.claimInstallation();
  const { foreign } = inside.installation;
  if (foreign !== null) throw new InvalidInput('sweep', `Nothing is swept here: ${foreign}.`);
  return sweepNow(sweepContext(inside), options);
}

/** What a sweep found, page by page. @throws InvalidInput for what is no id of a sweep */
export async function* sweepFindings(inside: Inside, id: string): AsyncGenerator<SweepFinding> {
  if (!isChangeId(id)) throw new InvalidInput('sweep', 'sweep must be the id of a sweep.');
  for (let after = 0; ; ) {
    const page = await readFindings(inside.database, id, after, findingsAtOnce);
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < findingsAtOnce) return;
    after = last.number;
  }
}

const findingsAtOnce = 1_000;

/** What one round of this process is made with. */
export function roundOf(
  inside: Inside,
  roundsEveryMs: number,
  slow: TickContext['slow'],
  stopped: () => boolean,
): TickContext {
  const { database, store, advancer, alerts, listeners, logger, watch, options } = inside;
  const everyMs = {
    rounds: roundsEveryMs,
    events: options.eventsEveryMs ?? policy.eventsEveryMs,
    sweep: options.sweepEveryMs ?? policy.sweepEveryMs,
  };
  const context = { database, store, advancer, alerts, listeners, logger, everyMs, besides: besides(inside) };
  const ending = () => inside.closing.begun || stopped();
  return { ...context, slow, ending, pause: (ms) => inside.closing.pause(ms), watch: () => watch.now() };
}

function besides(inside: Inside): TickContext['besides'] {
  const { resolveOrganization: resolve, eventsEveryMs, sweepEveryMs } = inside.options;
  const context = sweepContext(inside);
  return {
    followEvents: async () => (eventsEveryMs === 0 ? null : followEvents(context, eventsEveryMs)),
    linkFirstPurchases:
      resolve === undefined
        ? null
        : (left) =>
            linkFirstPurchases({
              ...context,
              left,
              resolve,
              link: (organization, options) => link(inside, inside.key(organization), options),
              duplicate: (subscription, organization) =>
                noteDuplicates(context.database, [{ subscription, key: inside.key(organization) }]),
              refused: (subscription, why) => tellRefusedPurchase(inside, subscription, why),
            }),
    watchDuplicates: (left) =>
      watchDuplicates({
        ...context,
        left,
        tell: (key, subscriptions) => inside.internal(key, { type: 'duplicates', subscriptions }),
      }),
    sweep: async (left) => (sweepEveryMs === 0 ? null : sweepSlice(context, left, sweepEveryMs)),
  };
}

function sweepContext(inside: Inside): SweepContext & { readonly stripe: Inside['stripe'] } {
  return {
    database: inside.database,
    store: inside.store,
    advancer: inside.advancer,
    stripe: inside.stripeOfSweep,
    logger: inside.logger,
    noteUnlinked: inside.options.resolveOrganization !== undefined,
    pause: (ms) => inside.closing.pause(ms),
    monotonicNow: () => performance.now(),
  };
}

/** Somebody pays for seats that nobody can sit in. */
function tellRefusedPurchase(inside: Inside, subscription: string, why: string): void {
  inside.alerts.raise({
    fingerprint: `seatbelt:first_purchase_refused:${subscription}`,
    level: 'error',
    message: 'Seatbelt: a new subscription could not be linked to its organization',
    context: {
      organization: '',
      seatType: inside.seatType,
      push: null,
      subscription,
      reason: why,
      seatCountBefore: 0,
      seatCountAfter: 0,
      stripeRequestId: null,
    },
  });
}
