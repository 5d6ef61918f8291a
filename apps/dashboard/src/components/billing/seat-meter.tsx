'use client';

import type { SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { cn } from '#lib/class-names.ts';
import { seats as countSeats, formatNumber, isOrAre, type Locale } from '#lib/format.ts';
import { type PartName, seatPicture } from '#lib/seat-picture.ts';

/** Up to this many seats the bar is cut into single seats; more would be too thin to see. */
const countable = 60;

const look: Record<PartName, string> = {
  assigned: 'bg-seat-assigned',
  reserved: 'bg-seat-reserved hatched',
  available: 'bg-seat-open',
  asked: 'border-2 border-primary border-dashed bg-primary-soft',
  leaving: 'border-2 border-muted-foreground/60 border-dashed',
};

/** Assigned, reserved, available and purchased as one picture. The numbers beside it say the same in words. */
export function SeatMeter({ seats, className }: { seats: SeatsBody; className?: string }) {
  const locale = useLocale();
  const picture = seatPicture(seats);
  const separators =
    picture.total > 1 && picture.total <= countable
      ? {
          backgroundImage: 'linear-gradient(to right, transparent calc(100% - 3px), var(--card) calc(100% - 3px))',
          backgroundSize: `calc((100% + 3px) / ${picture.total}) 100%`,
        }
      : undefined;
  return (
    <div role="img" aria-label={meterSentence(seats, locale)} className={cn('relative', className)}>
      <div className="flex h-11 overflow-hidden rounded-lg bg-seat-open">
        {picture.parts.map((part) => (
          <span
            key={part.name}
            style={{ flexGrow: part.seats }}
            className={cn('basis-0 transition-[flex-grow] duration-500 ease-out', look[part.name])}
          />
        ))}
      </div>
      {separators ? <span className="absolute inset-0" style={separators} /> : null}
      {picture.over > 0 ? (
        <span
          style={{ left: `${(picture.confirmed / picture.total) * 100}%` }}
          className="-inset-y-1.5 absolute right-0 rounded-r-lg border-2 border-stopped border-l-4"
        />
      ) : null}
    </div>
  );
}

/** The legend and the numbers; a fixed set of rows, so that nothing moves when a number becomes 0. */
export function SeatLegend({ seats }: { seats: SeatsBody }) {
  const locale = useLocale();
  const rows: { label: string; value: number; swatch: string }[] = [
    { label: 'Assigned', value: seats.assignedSeats, swatch: look.assigned },
    { label: 'Reserved', value: seats.reservedSeats, swatch: look.reserved },
    { label: 'Available', value: seats.availableSeats, swatch: look.available },
    { label: 'Purchased', value: seats.purchasedSeats, swatch: 'border-2 border-foreground/70' },
  ];
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
      {rows.map((row) => (
        <div key={row.label}>
          <dt className="flex items-center gap-2 text-muted-foreground text-sm">
            <span aria-hidden className={cn('size-3 rounded-[3px]', row.swatch)} />
            {row.label}
          </dt>
          <dd
            className="mt-0.5 font-semibold text-2xl tabular-nums tracking-tight"
            data-count={row.label.toLowerCase()}
          >
            {formatNumber(row.value, locale)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The whole picture in one sentence. */
export function meterSentence(seats: SeatsBody, locale: Locale): string {
  const { usedSeats, purchasedSeats, settledSeats, assignedSeats, reservedSeats, availableSeats } = seats;
  const picture =
    `${formatNumber(usedSeats, locale)} of ${countSeats(purchasedSeats, locale)} ${isOrAre(usedSeats)} in use: ` +
    `${formatNumber(assignedSeats, locale)} assigned, ${formatNumber(reservedSeats, locale)} reserved. ` +
    `${formatNumber(availableSeats, locale)} ${isOrAre(availableSeats)} available.`;
  if (purchasedSeats === settledSeats) return picture;
  return `${picture} ${formatNumber(settledSeats, locale)} confirmed by Stripe so far.`;
}
