import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Sentry from '@sentry/node';
import { type Alert, type AlertsOptions, createAlerts, type SentryLike } from './alerts.ts';
import { eventIdOf } from './event-id.ts';
import { memoryLogger } from './testing/memory-logger.ts';
import { type SentryReceiver, sentryReceiver } from './testing/sentry-receiver.ts';

const failedRollback: Omit<Alert, 'eventId'> = {
  fingerprint: 'seatbelt:rollback_failed:push_1',
  level: 'fatal',
  message: 'Stripe refused a seat change and the rollback could not be written',
  context: {
    organization: 'org_1',
    seatCountBefore: 12,
    seatCountAfter: 10,
    stripeRequestId: 'req_1',
    push: 'push_1',
    stripeError: 'Your card was declined.',
    databaseError: 'connect ECONNREFUSED 127.0.0.1:5432',
  },
};
const eventId = eventIdOf(failedRollback.fingerprint);

/** The host's own set-up, with the SDK's default integrations: Dedupe among them is the reason for resending as it was. */
async function hostSentry(receiver: SentryReceiver, options: Sentry.NodeOptions = {}): Promise<typeof Sentry> {
  await Sentry.close(0);
  Sentry.init({
    dsn: receiver.dsn,
    // Without those that listen to the process as a whole: one process holds many clients here.
    integrations: (defaults) => defaults.filter(({ name }) => !/^(OnUn|ProcessSession)/.test(name)),
    ...options,
  });
  return Sentry;
}

function alertsFor(sentry: SentryLike, options: Partial<AlertsOptions> = {}) {
  const logger = memoryLogger();
  const alerts = createAlerts({ logger, sentry, retryDelaysMs: [10], ...options });
  return { alerts, logger };
}

function seenIds(receiver: SentryReceiver): unknown[] {
  return [...new Set(receiver.events.map(({ event }) => event.event_id))];
}

test('a rollback that could not be written is one fatal event, with organization, counts, request id and both errors', async () => {
  await using receiver = await sentryReceiver();
  const { alerts, logger } = alertsFor(await hostSentry(receiver));
  alerts.raise(failedRollback);
  const { event } = await receiver.accepted();
  assert.equal(event.event_id, eventId);
  assert.match(eventId, /^[0-9a-f]{32}$/);
  assert.equal(event.level, 'fatal');
  assert.equal(event.message, failedRollback.message);
  assert.deepEqual(event.fingerprint, [failedRollback.fingerprint]);
  assert.deepEqual((event.contexts as Record<string, unknown>).seatbelt, failedRollback.context);
  assert.equal((event.tags as Record<string, unknown>).organization, 'org_1');

  assert.equal((await alerts.deliver()).left, 0);
  const fatal = logger.lines.filter(({ level }) => level === 'fatal');
  assert.equal(fatal.length, 1);
  assert.deepEqual(fatal[0]?.fields, {
    ...failedRollback.context,
    fingerprint: failedRollback.fingerprint,
    alert: eventId,
  });
  await alerts.close();
});

test('the incident raised again, here and in another process, is the same event', async () => {
  await using receiver = await sentryReceiver();
  const sentry = await hostSentry(receiver);
  const here = alertsFor(sentry);
  const there = alertsFor(sentry);
  here.alerts.raise(failedRollback);
  await here.alerts.deliver();
  for (let again = 0; again < 5; again += 1) here.alerts.raise(failedRollback);
  there.alerts.raise({ ...failedRollback, level: 'error', message: 'As another process words it' });
  assert.equal((await here.alerts.deliver()).left, 0);
  assert.equal((await there.alerts.deliver()).left, 0);
  assert.deepEqual(seenIds(receiver), [eventId]);
  assert.equal(receiver.events.length, 2, 'once by each process');
  assert.equal(here.logger.lines.filter(({ level }) => level === 'fatal').length, 1, 'one line, not six');
});

test('Sentry down at first, then failing, then well: the alert arrives by itself, under one id', async () => {
  await using receiver = await sentryReceiver();
  const { alerts, logger } = alertsFor(await hostSentry(receiver));
  await receiver.down();
  alerts.raise(failedRollback);
  assert.equal(alerts.pending(), 1, 'raising waits for nobody');
  assert.deepEqual(await alerts.deliver(), { delivered: 0, left: 1 });
  receiver.answerNext(500, 503, 429);
  await receiver.up();
  await receiver.accepted();
  assert.equal((await alerts.deliver()).left, 0);
  assert.equal(alerts.pending(), 0);
  assert.deepEqual(
    receiver.events.map(({ status }) => status),
    [500, 503, 429, 200],
  );
  assert.deepEqual(seenIds(receiver), [eventId]);
  const times = new Set(receiver.events.map(({ event }) => event.timestamp));
  assert.equal(times.size, 1, 'told with the time at which it happened');
  assert.ok(logger.lines.some(({ message }) => message === 'Sentry took an alert after retries.'));
  await alerts.close();
});

test('several alerts wait out an outage together, and all arrive, the resolved note after its alert', async () => {
  await using receiver = await sentryReceiver();
  const { alerts } = alertsFor(await hostSentry(receiver));
  await receiver.down();
  alerts.raise(failedRollback);
  alerts.raise({ ...failedRollback, fingerprint: 'seatbelt:rollback_failed:push_2' });
  alerts.resolved(failedRollback.fingerprint, 'The rollback is written now.', failedRollback.context);
  assert.equal((await alerts.deliver()).left, 3);
  await receiver.up();
  while ((await alerts.deliver()).left > 0) await receiver.accepted();
  assert.deepEqual(
    receiver.events.map(({ event }) => [event.level, (event.fingerprint as string[])[0]]),
    [
      ['fatal', 'seatbelt:rollback_failed:push_1'],
      ['fatal', 'seatbelt:rollback_failed:push_2'],
      ['info', 'seatbelt:rollback_failed:push_1'],
    ],
  );
  assert.equal(receiver.events[2]?.event.message, 'Resolved: The rollback is written now.');
  assert.notEqual(receiver.events[2]?.event.event_id, eventId);
  await alerts.close();
});

test('a large alert goes through gzip', async () => {
  await using receiver = await sentryReceiver();
  const { alerts } = alertsFor(await hostSentry(receiver, { maxValueLength: 100_000 }));
  alerts.raise({ ...failedRollback, context: { ...failedRollback.context, databaseError: 'x'.repeat(60_000) } });
  const received = await receiver.accepted();
  assert.equal(received.gzip, true);
  assert.equal(received.event.event_id, eventId);
  await alerts.close();
});

test('an alert that the host samples away is tried until it passes', async (context) => {
  await using receiver = await sentryReceiver();
  const sentry = await hostSentry(receiver, { sampleRate: 0.5 });
  let captured = 0;
  context.mock.method(Math, 'random', () => (captured < 4 ? 0.9 : 0.1));
  const { alerts } = alertsFor({
    flush: sentry.flush,
    getClient: () => sentry.getClient(),
    captureEvent: (event, hint) => {
      captured += 1;
      return sentry.captureEvent(event, hint);
    },
  });
  alerts.raise(failedRollback);
  const { event } = await receiver.accepted();
  assert.equal(event.event_id, eventId);
  assert.equal(captured, 4);
  await alerts.close();
});

test('an alert that the host never lets through is given up, said in the log, and keeps nothing else waiting', async () => {
  await using receiver = await sentryReceiver();
  const sentry = await hostSentry(receiver, {
    beforeSend: (event) => (event.event_id === eventId ? null : event),
  });
  const { alerts, logger } = alertsFor(sentry, { retryDelaysMs: [0] });
  alerts.raise(failedRollback);
  alerts.raise({ ...failedRollback, fingerprint: 'another' });
  assert.deepEqual(await alerts.deliver(), { delivered: 1, left: 0 });
  assert.deepEqual(seenIds(receiver), [eventIdOf('another')]);
  assert.ok(logger.lines.some(({ level, message }) => level === 'error' && message.includes('keeps dropping')));
  await alerts.close();
});

test('a receiver that refuses an alert for its size is not asked again', async () => {
  await using receiver = await sentryReceiver();
  const { alerts, logger } = alertsFor(await hostSentry(receiver), { retryDelaysMs: [0] });
  receiver.answerNext(413);
  alerts.raise(failedRollback);
  assert.deepEqual(await alerts.deliver(), { delivered: 0, left: 0 });
  assert.equal(receiver.events.length, 1);
  assert.ok(logger.lines.some(({ level, message }) => level === 'error' && message.includes('refuses')));
  await alerts.close();
});

test('close tries once more, whatever the waits, and says what is left', async () => {
  await using receiver = await sentryReceiver();
  const { alerts, logger } = alertsFor(await hostSentry(receiver), { retryDelaysMs: [3_600_000] });
  await receiver.down();
  alerts.raise(failedRollback);
  await alerts.deliver();
  await receiver.up();
  await alerts.close();
  assert.deepEqual(seenIds(receiver), [eventId]);

  const lost = alertsFor(await hostSentry(receiver), { retryDelaysMs: [3_600_000] });
  await receiver.down();
  lost.alerts.raise({ ...failedRollback, fingerprint: 'lost' });
  await lost.alerts.close();
  assert.ok(lost.logger.lines.some(({ message }) => message.includes('1 alert(s) did not reach Sentry')));
  assert.ok(!logger.lines.some(({ message }) => message.includes('did not reach')));
});

test('a receiver that says nothing does not hold up the end of the process', async () => {
  await using receiver = await sentryReceiver();
  const { alerts, logger } = alertsFor(await hostSentry(receiver));
  receiver.answerNext('hang', 'hang');
  alerts.raise(failedRollback);
  await alerts.close();
  assert.ok(logger.lines.some(({ message }) => message.includes('1 alert(s) did not reach Sentry')));
});

test('waits grow, and deliver keeps to them', async () => {
  await using receiver = await sentryReceiver();
  let passed = 0;
  const { alerts } = alertsFor(await hostSentry(receiver), {
    retryDelaysMs: [1_000, 5_000],
    monotonicNow: () => passed,
  });
  receiver.answerNext(500, 500, 500);
  alerts.raise(failedRollback);
  await alerts.deliver();
  assert.equal(receiver.events.length, 1);
  passed += 999;
  await alerts.deliver();
  assert.equal(receiver.events.length, 1);
  passed += 1;
  await alerts.deliver();
  assert.equal(receiver.events.length, 2);
  passed += 4_999;
  await alerts.deliver();
  assert.equal(receiver.events.length, 2);
  passed += 1;
  await alerts.deliver();
  assert.equal(receiver.events.length, 3);
  await alerts.close();
});

test('a clock that is put back while an alert waits for Sentry keeps it waiting no longer', async () => {
  await using receiver = await sentryReceiver();
  let clock = 1_800_000_000_000;
  const { alerts } = alertsFor(await hostSentry(receiver), { retryDelaysMs: [10], now: () => clock });
  receiver.answerNext(500);
  alerts.raise(failedRollback);
  assert.equal((await alerts.deliver()).left, 1);
  clock -= 3 * 3_600_000;
  const { event } = await receiver.accepted();
  assert.equal(event.timestamp, 1_800_000_000, 'told with the time that the clock showed when it happened');
  await alerts.close();
});

test('a Sentry that is not initialised yet takes nothing, and everything is kept for when it is', async () => {
  await using receiver = await sentryReceiver();
  const sentry = await hostSentry(receiver);
  let initialised = false;
  const { alerts } = alertsFor({
    captureEvent: sentry.captureEvent,
    flush: sentry.flush,
    getClient: () => (initialised ? sentry.getClient() : undefined),
  });
  alerts.raise(failedRollback);
  assert.equal((await alerts.deliver()).left, 1);
  initialised = true;
  await receiver.accepted();
  assert.deepEqual(seenIds(receiver), [eventId]);
  await alerts.close();
});

test('an SDK without hooks is believed when it says that everything is sent, and one that throws harms nobody', async () => {
  const captured: string[] = [];
  let broken = true;
  const { alerts, logger } = alertsFor(
    {
      captureEvent(event) {
        if (broken) throw new Error('no transport, DSN https://key:secret@sentry.example/1');
        captured.push(event.event_id);
        return event.event_id;
      },
      flush: async () => true,
    },
    { retryDelaysMs: [0, 3_600_000] },
  );
  alerts.raise(failedRollback);
  assert.equal((await alerts.deliver()).left, 1);
  broken = false;
  await alerts.close();
  assert.deepEqual(captured, [eventId]);
  assert.ok(!JSON.stringify(logger.lines).includes('secret'));
});

test('a flood is bounded: the least important and oldest go first, and the log says so', async () => {
  const { alerts, logger } = alertsFor(
    { captureEvent: () => '', getClient: () => undefined },
    { retryDelaysMs: [3_600_000] },
  );
  alerts.resolved('first', 'information', failedRollback.context);
  for (let i = 0; i < 1_000; i += 1) alerts.raise({ ...failedRollback, fingerprint: `flood_${i}` });
  assert.equal(alerts.pending(), 1_000);
  const dropped = logger.lines.filter(({ message }) => message.includes('least important'));
  assert.deepEqual(
    dropped.map(({ fields }) => fields.alert),
    [eventIdOf('first:resolved')],
  );
  await alerts.close();
});

test('the hook hears every alert once, and again only where it failed', async () => {
  const heard: Alert[] = [];
  let works = false;
  const { promise: failed, resolve } = Promise.withResolvers<void>();
  const logger = memoryLogger();
  const alerts = createAlerts({
    logger: {
      ...logger,
      error: (fields, message) => {
        logger.error(fields, message);
        resolve();
      },
    },
    onAlert: async (alert) => {
      if (!works) throw new Error('pager is off, key sk_live_abcdef123');
      heard.push(alert);
    },
  });
  alerts.raise(failedRollback);
  await failed;
  assert.ok(logger.lines.some(({ message }) => message.includes('onAlert hook failed')));
  assert.ok(!JSON.stringify(logger.lines).includes('abcdef123'));
  works = true;
  alerts.raise(failedRollback);
  alerts.raise(failedRollback);
  assert.deepEqual(heard, [{ ...failedRollback, eventId }]);
  assert.deepEqual(await alerts.deliver(), { delivered: 0, left: 0 });
});

test('a hook that throws at once, and a logger that throws, do not reach who raises the alert', (context) => {
  const said: string[] = [];
  context.mock.method(console, 'error', (line: string) => said.push(line));
  const broken = () => {
    throw new Error('disk full');
  };
  const alerts = createAlerts({
    logger: { debug: broken, info: broken, warn: broken, error: broken, fatal: broken },
    onAlert: () => {
      throw new Error('hook');
    },
  });
  alerts.raise(failedRollback);
  alerts.resolved(failedRollback.fingerprint, 'over', failedRollback.context);
  assert.ok(said.some((line) => line.includes(failedRollback.message)));
});

test('secrets go nowhere', async () => {
  await using receiver = await sentryReceiver();
  const heard: Alert[] = [];
  const { alerts, logger } = alertsFor(await hostSentry(receiver), { onAlert: (alert) => void heard.push(alert) });
  alerts.raise({
    ...failedRollback,
    message: 'Stripe said no to sk_live_51Habcdefghij',
    context: {
      ...failedRollback.context,
      stripeError: 'Invalid API Key provided: rk_test_51Habcdefghij; header was Bearer 51Habcdefghij',
      databaseError: 'cannot connect to postgres://owner:hunter2@db.example:5432/app',
      webhookSecret: 'whsec_51Habcdefghij',
      nested: { apiKey: '51Habcdefghij', list: [new Error('whsec_51Habcdefghij')] },
    },
  });
  const { event } = await receiver.accepted();
  for (const where of [logger.lines, heard, event]) {
    const text = JSON.stringify(where);
    assert.ok(!text.includes('51Habcdefghij') && !text.includes('hunter2'), text);
    assert.ok(text.includes('db.example'));
  }
  await alerts.close();
});
