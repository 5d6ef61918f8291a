import type { Stage } from '../stage.ts';
import { seconds } from '../stage.ts';
import type { Story } from '../story.ts';

export const databaseGone: Story = {
  number: 7,
  title: 'Stripe refuses, and the database is gone: a fatal alert, and it heals',
  broken:
    'Stripe declines the card; before its answer arrives PostgreSQL is stopped (immediate mode, as in a crash), so the rollback cannot be written.',
  seats: 10,
  used: 7,
  endsWith: 10,
  async tell(stage) {
    const { product } = stage;
    await stage.both('before');
    const refusal = await stage.breakWrites({ kind: 'card_decline_402' });
    const hold = await stage.breakWrites({ kind: 'delay_after' });
    const told = stage.caller('PUT seats 12, willing to wait 3 s', stage.doors.put({ seats: 12 }, 3));
    await stage.isHeld(hold);
    await stage.both('Stripe has refused');
    await product.database.crash();
    const goneAt = performance.now();
    await product.simulator.faults.remove(hold);
    await product.simulator.faults.remove(refusal);

    const fatal = await eventOf(stage, 'fatal');
    const alertedMs = performance.now() - goneAt;
    await stage.both('database is gone');
    const answer = await told;
    stage.expectAnswer(answer, { http: 202, status: 'rollback_pending', success: null });
    tellAlert(stage, fatal);
    stage.note('Alert', `reached the Sentry receiver ${seconds(alertedMs)} after the database went away`);

    await product.database.restart();
    const since = performance.now();
    const awayMs = since - goneAt;
    await stage.heals(`PostgreSQL is back (it was away for ${seconds(awayMs)}): the rollback is written by itself`, {
      since,
      withinMs: 40_000,
    });
    const resolved = await eventOf(stage, 'info');
    stage.expect('the note carries the fingerprint of the alert', fingerprint(resolved) === fingerprint(fatal));
    const fatals = product.sentry.events.filter(({ event }) => isAbout(event, stage, 'fatal'));
    const ids = new Set(fatals.map(({ event }) => event.event_id)).size;
    stage.expect(`one incident is one alert (${ids})`, ids === 1);
  },
};

type Event = Record<string, unknown>;

async function eventOf(stage: Stage, level: string): Promise<Event> {
  return await stage.waitFor(
    `Sentry receives ${level === 'info' ? 'the resolved note' : 'the alert'}`,
    30_000,
    async () => stage.product.sentry.events.find(({ event }) => isAbout(event, stage, level))?.event,
  );
}

function isAbout({ level, tags }: Event, { linked }: Stage, wanted: string): boolean {
  return level === wanted && isRecord(tags) && tags.organization === linked.organization;
}

function fingerprint({ fingerprint: of }: Event): string {
  return JSON.stringify(of);
}

/** The fields that a person on call reads first; each of them has to be there. */
function tellAlert(stage: Stage, event: Event): void {
  const all = isRecord(event.contexts) && isRecord(event.contexts.seatbelt) ? event.contexts.seatbelt : {};
  const names = [
    'organization',
    'seatCountBefore',
    'seatCountAfter',
    'stripeRequestId',
    'stripeError',
    'databaseError',
  ] as const;
  const missing = names.filter((name) => all[name] === undefined || all[name] === null || all[name] === '');
  stage.expect(
    `the alert has organization, counts, request id and both errors${missing.length === 0 ? '' : ` (missing: ${missing.join(', ')})`}`,
    missing.length === 0,
  );
  stage.expect('the counts are 12 before and 10 after', all.seatCountBefore === 12 && all.seatCountAfter === 10);
  stage.alert({
    level: String(event.level),
    message: String(event.message),
    ...Object.fromEntries(names.map((name) => [name, String(all[name])])),
    fingerprint: Array.isArray(event.fingerprint) ? event.fingerprint.join(' ') : '',
    event_id: String(event.event_id),
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
