'use client';

import { ChevronRightIcon } from 'lucide-react';
import type { AccountStatus } from 'seatbelt/http';
import { SeatMeter } from '#components/billing/seat-meter.tsx';
import { useLocale } from '#components/locale.tsx';
import { PlaceLink } from '#components/place-link.tsx';
import { Badge, type Tone } from '#components/ui/badge.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { type SeatsReading, useSeats } from '#hooks/use-seats.ts';
import { seats as countSeats, formatNumber } from '#lib/format.ts';

const statusNames: Record<AccountStatus, { label: string; tone: Tone } | null> = {
  active: null,
  over_capacity: { label: 'Over capacity', tone: 'caution' },
  held: { label: 'On hold', tone: 'caution' },
  paused: { label: 'Paused', tone: 'neutral' },
  ended: { label: 'Ended', tone: 'stopped' },
  no_subscription: { label: 'No subscription', tone: 'neutral' },
};

/** One organization in the list: its meter, and the way to its seats. */
export function OrganizationCard({
  organization,
  name,
  initial,
}: {
  organization: string;
  name: string;
  initial?: SeatsReading | undefined;
}) {
  const locale = useLocale();
  const { data: seats, isError } = useSeats(organization, { initial });
  const status = seats?.pending
    ? { label: 'Change open', tone: 'accent' as const }
    : seats && statusNames[seats.status];
  return (
    <article className="group relative rounded-xl border bg-card p-5 shadow-[0_1px_2px_oklch(0.2_0.02_230/0.04)] transition-colors focus-within:border-ring hover:border-ring sm:p-6">
      <div className="flex min-h-6 items-start justify-between gap-3">
        <h2 className="min-w-0 font-semibold text-lg leading-snug">
          {/* The link covers the card, so that all of it can be pressed and only its name is read out. */}
          <PlaceLink
            href={`/organizations/${encodeURIComponent(organization)}/billing`}
            className="break-words rounded after:absolute after:inset-0"
          >
            {name}
          </PlaceLink>
        </h2>
        {isError ? (
          <Badge tone="caution">Last known numbers</Badge>
        ) : status ? (
          <Badge tone={status.tone}>{status.label}</Badge>
        ) : null}
      </div>
      {seats ? (
        <>
          <p className="mt-1 mb-4 text-muted-foreground">
            {formatNumber(seats.usedSeats, locale)} of {countSeats(seats.purchasedSeats, locale)} in use,{' '}
            {formatNumber(seats.availableSeats, locale)} available
          </p>
          <SeatMeter seats={seats} />
        </>
      ) : (
        <>
          <Skeleton className="mt-2 mb-5 h-5 w-48" />
          <Skeleton className="h-11 rounded-lg" />
        </>
      )}
      <p className="mt-4 flex items-center gap-1 font-medium text-primary text-sm" aria-hidden>
        Manage seats
        <ChevronRightIcon className="size-4 transition-transform group-hover:translate-x-0.5" />
      </p>
    </article>
  );
}
