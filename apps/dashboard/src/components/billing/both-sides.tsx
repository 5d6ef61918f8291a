'use client';

import type { SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Time } from '#components/time.tsx';
import { Card, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { cn } from '#lib/class-names.ts';
import { formatNumber, type Locale } from '#lib/format.ts';
import type { StripeSideBody } from '#lib/stripe-side.ts';

type Agreement = 'meet' | 'apart' | 'open' | 'unknown';

/** What the database says beside what Stripe says: two numbers that visibly meet, or visibly do not. */
export function BothSides({
  seats,
  stripe,
  databaseOld,
  stripeFailed,
  className,
}: {
  seats: SeatsBody | undefined;
  stripe: StripeSideBody | undefined;
  databaseOld: boolean;
  /** The server itself could not be asked about Stripe. */
  stripeFailed: boolean;
  className?: string;
}) {
  const locale = useLocale();
  const known = stripe?.known && !stripeFailed ? stripe : null;
  const agreement = agreementOf(seats, known, databaseOld);
  const loading = seats === undefined || (stripe === undefined && !stripeFailed);
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
        {loading ? <Skeleton className="h-4 w-3/4" /> : sentence(agreement, seats, stripe, known, databaseOld)}
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

function agreementOf(
  seats: SeatsBody | undefined,
  stripe: Extract<StripeSideBody, { known: true }> | null,
  databaseOld: boolean,
): Agreement {
  if (!seats || !stripe || databaseOld) return 'unknown';
  if (seats.pending || stripe.open || stripe.settledSeats !== seats.settledSeats) return 'open';
  return stripe.quantity === stripe.expectedQuantity ? 'meet' : 'apart';
}

function sentence(
  agreement: Agreement,
  seats: SeatsBody | undefined,
  stripe: StripeSideBody | undefined,
  known: Extract<StripeSideBody, { known: true }> | null,
  databaseOld: boolean,
): string {
  switch (agreement) {
    case 'meet':
      return known && seats && known.quantity !== seats.settledSeats
        ? 'The two sides agree: under the terms of this contract that many seats are billed.'
        : 'The two sides agree.';
    case 'open':
      return seats?.pending
        ? 'A change is open. The numbers meet again when it ends.'
        : 'A change has just ended. The numbers are being compared.';
    case 'apart':
      return 'The two sides differ. That is looked into by itself; nothing grows until it is explained.';
    case 'unknown':
      if (databaseOld) return 'The seats cannot be read, so the two cannot be compared now. It is asked again.';
      if (stripe && !stripe.known && stripe.reason === 'no_subscription') return 'No Stripe subscription is linked.';
      if (stripe && !stripe.known && stripe.reason === 'missing') {
        return 'Stripe does not show the linked subscription item any more.';
      }
      return 'Stripe cannot be read at the moment, so its number is unknown. It is asked again.';
  }
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
