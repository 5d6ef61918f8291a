'use client';

import type { SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Time } from '#components/time.tsx';
import { Card, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { type Agreement, agreementOf, agreementSentence, type Sides, shownByStripe } from '#lib/agreement.ts';
import { cn } from '#lib/class-names.ts';
import { formatNumber, type Locale } from '#lib/format.ts';

/** What the database says beside what Stripe says: two numbers that visibly meet, or visibly do not. */
export function BothSides({ sides, className }: { sides: Sides; className?: string }) {
  const locale = useLocale();
  const { seats, databaseOld } = sides;
  const known = shownByStripe(sides);
  const agreement = agreementOf(sides);
  const loading = seats === undefined || (sides.stripe === undefined && sides.failed === null);
  return (
    <Card aria-labelledby="sides-title" data-agreement={loading ? 'loading' : agreement} className={className}>
      <CardTitle id="sides-title">Both sides</CardTitle>
      <div className="mt-4 grid grid-cols-[1fr_auto_1fr] items-center gap-2">
        <Side
          label="Database"
          value={seats ? formatNumber(seats.settledSeats, locale) : null}
          hint={databaseHint(seats, databaseOld, locale)}
        />
        <Buckle agreement={agreement} />
        <Side
          label="Stripe"
          value={loading ? null : known ? formatNumber(known.quantity, locale) : '?'}
          hint={known ? 'billed' : loading ? '' : 'unknown'}
        />
      </div>
      <p className="mt-4 min-h-[2lh] text-muted-foreground text-sm">
        {loading ? <Skeleton className="h-4 w-3/4" /> : agreementSentence(sides)}
        {known && !loading ? (
          <>
            {' '}
            <span className="whitespace-nowrap">
              Read at <Time at={known.readAt} style="time" />.
            </span>
          </>
        ) : null}
      </p>
    </Card>
  );
}

function databaseHint(seats: SeatsBody | undefined, databaseOld: boolean, locale: Locale): string {
  if (databaseOld) return 'as last known';
  if (seats && seats.purchasedSeats !== seats.settledSeats) {
    return `${formatNumber(seats.purchasedSeats, locale)} asked for`;
  }
  return 'confirmed';
}

function Side({ label, value, hint }: { label: string; value: string | null; hint: string }) {
  return (
    <div className="text-center">
      <p className="text-muted-foreground text-sm">{label}</p>
      {value === null ? (
        <Skeleton className="mx-auto my-1 h-9 w-14" />
      ) : (
        <p className="font-semibold text-4xl tabular-nums leading-11 tracking-tight">{value}</p>
      )}
      <p className="min-h-[1lh] text-muted-foreground text-xs">{hint}</p>
    </div>
  );
}

/** The tongue slides into the buckle when the sides meet. */
function Buckle({ agreement }: { agreement: Agreement }) {
  const meets = agreement === 'meet';
  return (
    <svg viewBox="0 0 72 32" aria-hidden="true" className="h-10 w-22">
      <g
        className={cn(
          'transition-transform duration-500 ease-out',
          meets ? 'translate-x-0' : '-translate-x-2.5',
          agreement === 'apart' ? 'text-stopped' : meets ? 'text-primary' : 'text-muted-foreground',
        )}
      >
        <path d="M8 16h16" stroke="currentColor" strokeWidth="6" strokeLinecap="round" opacity=".35" />
        <rect x="22" y="10" width="16" height="12" rx="3" fill="currentColor" />
      </g>
      <g
        className={cn(
          'transition-transform duration-500 ease-out',
          meets ? 'translate-x-0' : 'translate-x-2',
          agreement === 'apart' ? 'text-stopped' : meets ? 'text-primary' : 'text-muted-foreground',
        )}
      >
        <path d="M50 16h14" stroke="currentColor" strokeWidth="6" strokeLinecap="round" opacity=".35" />
        <rect x="32" y="6" width="20" height="20" rx="5" fill="none" stroke="currentColor" strokeWidth="4" />
      </g>
    </svg>
  );
}
