'use client';

import { CheckIcon, CircleIcon, LoaderCircleIcon, MinusIcon, XIcon } from 'lucide-react';
import type { ChangeDetailBody } from 'seatbelt/http';
import { Time } from '#components/time.tsx';
import { Badge, type Tone } from '#components/ui/badge.tsx';
import { buttonLook } from '#components/ui/button.tsx';
import { Card, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { cn } from '#lib/class-names.ts';
import type { Now, Stage, StepState } from '#lib/now.ts';
import { type Moment, timelineOf } from '#lib/timeline.ts';

export const stageNames: Record<Stage, { label: string; tone: Tone }> = {
  idle: { label: 'Quiet', tone: 'neutral' },
  writing: { label: 'Writing', tone: 'accent' },
  lost: { label: 'No answer yet', tone: 'caution' },
  unknown: { label: 'Not known', tone: 'caution' },
  waiting: { label: 'Requested', tone: 'accent' },
  asking: { label: 'Asking Stripe', tone: 'accent' },
  in_doubt: { label: 'In doubt', tone: 'caution' },
  awaiting_payment: { label: 'Awaiting payment', tone: 'caution' },
  rollback_pending: { label: 'Rolling back', tone: 'caution' },
  scheduled: { label: 'Scheduled', tone: 'neutral' },
  awaiting_approval: { label: 'Awaiting approval', tone: 'caution' },
  applied: { label: 'Applied', tone: 'fine' },
  rolled_back: { label: 'Rolled back', tone: 'stopped' },
};

/** The change that is open now, or the one that ended last. It is always there, so that nothing jumps when one begins. */
export function NowCard({
  now,
  detail,
  loading,
  className,
}: {
  now: Now;
  /** What was recorded of the change that is followed; null while that is not read. */
  detail: ChangeDetailBody | null;
  loading: boolean;
  className?: string;
}) {
  const name = stageNames[now.stage];
  const moments = timelineOf(now, detail);
  return (
    <Card aria-labelledby="now-title" data-stage={loading ? 'loading' : now.stage} className={className}>
      <div className="flex min-h-6 items-start justify-between gap-3">
        <CardTitle id="now-title">Latest change</CardTitle>
        {loading ? null : <Badge tone={name.tone}>{name.label}</Badge>}
      </div>
      <div className="mt-3 min-h-44">
        {loading ? (
          <>
            <Skeleton className="h-5 w-2/3" />
            <Skeleton className="mt-3 h-4 w-full" />
            <Skeleton className="mt-2 h-4 w-5/6" />
          </>
        ) : (
          <>
            <p className="font-medium">{now.title}</p>
            <p className="mt-1 text-muted-foreground text-sm">{now.money}</p>
            {now.paymentUrl ? (
              <a href={now.paymentUrl} rel="noreferrer" className={buttonLook({ size: 'small', className: 'mt-3' })}>
                Open the payment page
              </a>
            ) : null}
            {moments.length > 0 ? (
              <ol className="mt-4 space-y-2.5" aria-label="Timeline">
                {moments.map((moment) => (
                  <MomentLine key={moment.key} moment={moment} />
                ))}
              </ol>
            ) : null}
            {now.nextAt && now.stage === 'in_doubt' ? (
              <p className="mt-3 text-muted-foreground text-sm">
                Next try: <Time at={now.nextAt} style="time" />
              </p>
            ) : null}
          </>
        )}
      </div>
    </Card>
  );
}

const marks: Record<StepState, { Icon: typeof CheckIcon; look: string; word: string }> = {
  todo: { Icon: CircleIcon, look: 'text-muted-foreground/40', word: 'not yet' },
  active: { Icon: LoaderCircleIcon, look: 'text-primary [&_svg]:animate-spin', word: 'under way' },
  done: { Icon: CheckIcon, look: 'bg-fine-soft text-fine', word: 'done' },
  unknown: { Icon: MinusIcon, look: 'bg-caution-soft text-caution', word: 'not known yet' },
  stopped: { Icon: XIcon, look: 'bg-stopped-soft text-stopped', word: 'stopped' },
};

function MomentLine({ moment }: { moment: Moment }) {
  const { Icon, look, word } = marks[moment.state];
  const comes = moment.at === null && (moment.state === 'active' || moment.state === 'unknown');
  return (
    <li className="grid grid-cols-[auto_1fr] gap-x-2.5 text-sm" aria-current={comes ? 'step' : undefined}>
      <span className={cn('grid size-6 place-items-center rounded-full', look)}>
        <Icon aria-hidden className="size-4" />
      </span>
      <span className={cn('min-w-0 pt-0.5', moment.state === 'todo' && 'text-muted-foreground')}>
        <span className="flex flex-wrap items-baseline justify-between gap-x-3">
          <span>
            {moment.label}
            <span className="sr-only">, {word}</span>
          </span>
          {moment.at === null ? null : (
            <span className="text-muted-foreground text-xs">
              <Time at={moment.at} style="time" />
            </span>
          )}
        </span>
        {moment.sentence === '' ? null : <span className="block text-muted-foreground text-xs">{moment.sentence}</span>}
      </span>
    </li>
  );
}
