import { policy } from '../core/policy.ts';
import type { Executor } from '../db/executor.ts';
import { readDuties } from '../store/duties.ts';
import { readOverview } from '../store/overview.ts';
import { readStripeRate } from '../store/stripe-rate.ts';
import { judge } from '../watch/judge.ts';
import { type Counters, labelsText } from './counters.ts';

/** Every metric, with what it says; docs/observability.md repeats them and a test holds the two together. */
export const metricHelp: Readonly<Record<string, { readonly type: 'counter' | 'gauge'; readonly help: string }>> = {
  seatbelt_changes_ended_total: {
    type: 'counter',
    help: 'Seat changes that ended, by kind, status and code of a rollback.',
  },
  seatbelt_pushes_opened_total: { type: 'counter', help: 'Writes to Stripe that were begun, by origin.' },
  seatbelt_pushes_ended_total: { type: 'counter', help: 'Writes to Stripe that ended, by origin and outcome.' },
  seatbelt_pushes_in_doubt_total: { type: 'counter', help: 'Answers after which nobody knew what Stripe had done.' },
  seatbelt_retries_total: { type: 'counter', help: 'Sends of a write that had been sent before, under the same key.' },
  seatbelt_lease_takeovers_total: { type: 'counter', help: 'Writes taken over from a sender that was lost.' },
  seatbelt_rollbacks_total: { type: 'counter', help: 'Writes that ended without effect, so that seats went back.' },
  seatbelt_incidents_opened_total: { type: 'counter', help: 'Incidents opened, by kind.' },
  seatbelt_drift_total: { type: 'counter', help: 'Quantities at Stripe that nobody here had agreed on, by cause.' },
  seatbelt_stripe_answers_total: { type: 'counter', help: 'Answers of Stripe to writes, by kind.' },
  seatbelt_events_ignored_total: {
    type: 'counter',
    help: 'Verified events of Stripe that are not for this installation, by reason.',
  },
  seatbelt_stripe_turns_total: { type: 'counter', help: 'Requests that had their turn at Stripe, by kind.' },
  seatbelt_stripe_quota_used_total: {
    type: 'counter',
    help: "Uses of Stripe's quotas of single subscriptions, by quota.",
  },
  seatbelt_changes_waited_for_quota_total: {
    type: 'counter',
    help: "Changes that came while Stripe's quota of their subscription was used up.",
  },
  seatbelt_accounts: { type: 'gauge', help: 'Accounts, by state.' },
  seatbelt_pushes_open: { type: 'gauge', help: 'Open writes to Stripe, by state.' },
  seatbelt_in_doubt_age_seconds: { type: 'gauge', help: 'Age of the oldest write in doubt; 0: none is.' },
  seatbelt_changes_waiting: { type: 'gauge', help: 'Accepted seat changes that have not ended.' },
  seatbelt_incidents_open: { type: 'gauge', help: 'Open incidents, by whether a person has to act.' },
  seatbelt_duty_age_seconds: { type: 'gauge', help: 'Since the last success of a duty.' },
  seatbelt_duty_silent: { type: 'gauge', help: '1: the duty should have succeeded again by now.' },
  seatbelt_stripe_backlog_seconds: { type: 'gauge', help: 'How far ahead turns at Stripe are taken.' },
  seatbelt_stripe_rate_ratio: {
    type: 'gauge',
    help: 'Part of the rate that Stripe lets through; 1 unless it was too much.',
  },
  seatbelt_stripe_turns_last_minute: {
    type: 'gauge',
    help: 'Turns at Stripe of all processes in the last whole minute.',
  },
};

type Sample = readonly [name: string, labels: string, value: number];

/**
 * Everything in Prometheus' text format (version 0.0.4). Counters are this process's; gauges are the installation's, read
 * now by three statements, so every process shows the same and `max` is what to ask for. @throws what the database throws
 */
export async function metricsText(
  from: { readonly database: Executor; readonly seatType: string; readonly counters: Counters },
  granted: Readonly<Record<string, number>>,
  overdueAfterMs: number,
): Promise<string> {
  const samples: Sample[] = [...from.counters.all(), ...(await gauges(from.database, from.seatType, overdueAfterMs))];
  for (const [kind, count] of Object.entries(granted)) {
    samples.push(['seatbelt_stripe_turns_total', labelsText({ kind }), count]);
  }
  return Object.entries(metricHelp)
    .map(([name, { type, help }]) => {
      const own = samples.filter(([of]) => of === name).map(([, labels, value]) => `${name}${labels} ${value}\n`);
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${own.join('')}`;
    })
    .join('');
}

async function gauges(db: Executor, seatType: string, overdueAfterMs: number): Promise<Sample[]> {
  const overview = await readOverview(db, seatType, overdueAfterMs);
  const duties = judge(await readDuties(db));
  const rate = await readStripeRate(db, policy.rateRecoversPerSecond);
  const { accounts, pushes, incidents, now } = overview;
  return [
    ...samplesOf('seatbelt_accounts', 'state', {
      all: accounts.total,
      held: accounts.held,
      due: accounts.due,
      overdue: accounts.overdue,
    }),
    ...samplesOf('seatbelt_pushes_open', 'state', {
      intended: pushes.intended,
      in_doubt: pushes.inDoubt,
      awaiting_payment: pushes.awaitingPayment,
    }),
    ['seatbelt_in_doubt_age_seconds', '', pushes.inDoubtSince === null ? 0 : (now - pushes.inDoubtSince) / 1_000],
    ['seatbelt_changes_waiting', '', overview.waitingChanges],
    ...samplesOf('seatbelt_incidents_open', 'action', { act: incidents.act, other: incidents.open - incidents.act }),
    ...duties.flatMap((duty): Sample[] => {
      const labels = labelsText({ duty: duty.name });
      const silent = duty.state === 'silent' || duty.state === 'unjudged';
      return [
        ['seatbelt_duty_age_seconds', labels, duty.quietForMs / 1_000],
        ['seatbelt_duty_silent', labels, silent ? 1 : 0],
      ];
    }),
    ['seatbelt_stripe_backlog_seconds', '', rate.backlogMs / 1_000],
    ['seatbelt_stripe_rate_ratio', '', rate.slowed],
    ['seatbelt_stripe_turns_last_minute', '', rate.turnsInLastMinute],
  ];
}

function samplesOf(name: string, label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([word, value]) => [name, labelsText({ [label]: word }), value]);
}
