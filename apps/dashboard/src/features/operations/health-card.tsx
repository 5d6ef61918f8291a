'use client';

import { useLocale } from '#components/locale.tsx';
import { Badge, type Tone } from '#components/ui/badge.tsx';
import { Card, CardTitle } from '#components/ui/card.tsx';
import { formatNumber } from '#lib/format.ts';
import type { OperationsBody } from './contract.ts';
import { lasting } from './words.ts';
import { Figure } from './wrong-card.tsx';

const words: Record<string, { label: string; tone: Tone }> = {
  ok: { label: 'answers', tone: 'fine' },
  down: { label: 'does not answer', tone: 'stopped' },
  refuses_writes: { label: 'takes no writes', tone: 'stopped' },
  silent: { label: 'silent for more than a minute', tone: 'stopped' },
  unknown: { label: 'never heard of', tone: 'caution' },
};

/** The duties that staff know by another name than the code does. */
const dutyNames: Record<string, string> = {
  tick: "The worker's last round",
  events: "Stripe's list of events",
  sweep: 'Last whole sweep',
};

export function HealthCard({ health, duties }: Pick<OperationsBody, 'health' | 'duties'>) {
  return (
    <Card aria-labelledby="health-title">
      <CardTitle id="health-title">Health</CardTitle>
      <dl className="mt-3 space-y-2 text-sm">
        {(['database', 'stripe', 'worker'] as const).map((name) => {
          const { label, tone } = words[health[name]] ?? { label: health[name], tone: 'neutral' };
          return (
            <div key={name} className="flex flex-wrap justify-between gap-2">
              <dt>{{ database: 'Database', stripe: 'Stripe', worker: 'Worker' }[name]}</dt>
              <dd>
                <Badge tone={tone}>{label}</Badge>
              </dd>
            </div>
          );
        })}
        {duties.map(({ name, ageMs }) => (
          <div key={name} className="flex flex-wrap justify-between gap-2">
            <dt>{dutyNames[name] ?? name}</dt>
            <dd className="text-muted-foreground tabular-nums">{ageMs === null ? 'never' : `${lasting(ageMs)} ago`}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

/** How much goes through, how long it takes, and how near it comes to what Stripe allows. */
export function PulseCard({ pulse, counts }: Pick<OperationsBody, 'pulse' | 'counts'>) {
  const locale = useLocale();
  const took = (ms: number | null) => (ms === null ? '–' : lasting(ms));
  return (
    <Card aria-labelledby="pulse-title">
      <CardTitle id="pulse-title">Throughput and recovery</CardTitle>
      <dl className="mt-3 grid grid-cols-2 gap-x-6 gap-y-4">
        <Figure
          label="Changes, last hour"
          value={formatNumber(pulse.changesLastHour, locale)}
          hint={`${formatNumber(pulse.rolledBackLastHour, locale)} rolled back`}
        />
        <Figure
          label="Writes to Stripe, last day"
          value={formatNumber(pulse.pushesLastDay, locale)}
          hint={
            pulse.pushesLastDay === 0
              ? 'none has ended'
              : `half within ${took(pulse.medianMs)}, 95 of 100 within ${took(pulse.slowest5PercentMs)}`
          }
        />
        <Figure
          label="Recovered, last day"
          value={formatNumber(pulse.recovered, locale)}
          hint={
            pulse.recovered === 0
              ? 'no write had to be taken up again'
              : `the slowest after ${took(pulse.slowestRecoveryMs)}`
          }
        />
        <Figure
          label="Stripe's hourly quota"
          value={pulse.quota === null ? '0' : `${formatNumber(pulse.quota.pushes, locale)} of ${pulse.quota.allowed}`}
          hint={
            pulse.quota === null
              ? 'no write within the hour'
              : `the most on one subscription: ${pulse.quota.organization}`
          }
        />
        <Figure
          label="Organizations"
          value={formatNumber(counts.organizations, locale)}
          hint={`${counts.held} held, ${counts.paused} paused`}
        />
        <Figure label="Overdue" value={formatNumber(counts.overdue, locale)} hint="due for longer than a poll takes" />
      </dl>
    </Card>
  );
}
