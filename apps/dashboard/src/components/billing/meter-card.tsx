'use client';

import type { ChangeBody, SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Card, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { seats as countSeats, formatNumber, isOrAre } from '#lib/format.ts';
import { rollingBack } from '#lib/rolling-back.ts';
import { SeatLegend, SeatMeter } from './seat-meter.tsx';

export function MeterCard({
  seats,
  old,
  last = null,
}: {
  seats: SeatsBody | undefined;
  old: boolean;
  /** The change that the screen follows, which may know more than counts that are old. */
  last?: ChangeBody | null;
}) {
  const locale = useLocale();
  return (
    <Card aria-labelledby="meter-title">
      <div className="flex min-h-6 items-start justify-between gap-3">
        <CardTitle id="meter-title">Seats</CardTitle>
        {old ? <Badge tone="caution">Last known numbers</Badge> : null}
      </div>
      {seats ? (
        <>
          <p className="mt-1 mb-5 font-semibold text-2xl tracking-tight sm:text-3xl">
            {formatNumber(seats.usedSeats, locale)} of {countSeats(seats.purchasedSeats, locale)} in use
            <span className="block font-normal text-base text-muted-foreground tracking-normal">
              {availability(seats, rollingBack(seats, last) !== undefined, locale)}
            </span>
          </p>
          <SeatMeter seats={seats} className="mb-6" />
          <SeatLegend seats={seats} />
        </>
      ) : (
        <div>
          <Skeleton className="mt-2 mb-2 h-8 w-64 max-w-full" />
          <Skeleton className="mb-5 h-5 w-40" />
          <Skeleton className="mb-6 h-11 rounded-lg" />
          <div className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
            {['assigned', 'reserved', 'available', 'purchased'].map((name) => (
              <Skeleton key={name} className="h-[3.35rem]" />
            ))}
          </div>
        </div>
      )}
    </Card>
  );
}

function availability(seats: SeatsBody, refused: boolean, locale: string): string {
  const open = seats.purchasedSeats - seats.settledSeats;
  if (refused) return 'Stripe refused the change. The old number comes back.';
  if (open > 0) return `${formatNumber(open, locale)} more asked for, not confirmed by Stripe yet`;
  if (open < 0) return `${countSeats(-open, locale)} ${isOrAre(-open)} being given back`;
  if (seats.status === 'over_capacity') return 'More than are paid for';
  if (seats.availableSeats === 0) return 'None is free';
  return `${formatNumber(seats.availableSeats, locale)} ${isOrAre(seats.availableSeats)} free`;
}
