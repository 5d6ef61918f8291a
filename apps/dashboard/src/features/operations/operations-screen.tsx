'use client';

import { Banner } from '#components/ui/banner.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { FindOrganization } from './find-organization.tsx';
import { HealthCard, PulseCard } from './health-card.tsx';
import { ActsCard, DoubtCard, IncidentsCard } from './open-card.tsx';
import { SweepCard } from './sweep-card.tsx';
import { useOperations } from './use-operations.ts';
import { WrongCard } from './wrong-card.tsx';

/** For the host's staff: first who may be charged wrongly, then everything else. */
export function OperationsScreen() {
  const { data, isError } = useOperations();
  const wrong = data?.wrong.accounts.length;
  return (
    <>
      <div className="mb-6 flex flex-wrap items-end justify-between gap-4">
        <div className="max-w-prose">
          <h1 className="font-semibold text-3xl tracking-tight">Operations</h1>
          <p className="mt-1 text-muted-foreground">
            For the host's staff. Everything done here asks for a reason and is kept in the trail.
          </p>
        </div>
        <FindOrganization />
      </div>
      <p role="status" aria-live="polite" className="sr-only">
        {wrong === undefined
          ? ''
          : wrong === 0
            ? 'Nobody may be charged wrongly.'
            : `${wrong} organizations may be charged wrongly.`}
      </p>
      {isError ? (
        <Banner tone="caution" title="The numbers cannot be read at the moment." className="mb-5">
          <p>{data ? 'What is shown is what was read last. ' : ''}They are asked for again every few seconds.</p>
        </Banner>
      ) : null}
      {data?.installationPaused ? (
        <Banner tone="caution" title="All writes to Stripe are paused." className="mb-5">
          <p>{data.installationPaused}</p>
        </Banner>
      ) : null}
      {data === undefined ? (
        <div className="space-y-5">
          <Skeleton className="h-56 w-full rounded-xl" />
          <Skeleton className="h-72 w-full rounded-xl" />
        </div>
      ) : (
        <div className="space-y-5">
          <WrongCard wrong={data.wrong} cutShort={data.cutShort} />
          <div className="grid items-start gap-5 lg:grid-cols-2">
            <div className="grid min-w-0 gap-5">
              <DoubtCard counts={data.counts} causes={data.causes} readAt={data.readAt} />
              <IncidentsCard incidents={data.incidents} />
              <HealthCard health={data.health} duties={data.duties} />
            </div>
            <div className="grid min-w-0 gap-5">
              <SweepCard sweep={data.sweep} findings={data.findings} />
              <PulseCard pulse={data.pulse} counts={data.counts} />
              <ActsCard acts={data.acts} />
            </div>
          </div>
        </div>
      )}
    </>
  );
}
