'use client';

import { useState } from 'react';
import { useLocale } from '#components/locale.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import type { InvoiceBody } from '#features/invoices/contract.ts';
import { type UseInvoices, useOverTime } from '#hooks/use-invoices.ts';
import { dayOf } from '#lib/day.ts';
import { seats as countSeats, formatNumber, type Locale } from '#lib/format.ts';
import { formatMoney } from '#lib/money.ts';
import { stepLine } from '#lib/step-line.ts';

const box = { width: 600, height: 120 };

/**
 * Seats and cost over time. Drawn as SVG by hand: a step line and a row of bars need a kilobyte, and a library for charts
 * about a hundred, which a phone would load before anybody can press a button.
 */
export function OverTime({
  organization,
  settledSeats,
  invoices,
  className,
}: {
  organization: string;
  settledSeats: number | undefined;
  invoices: UseInvoices;
  className?: string;
}) {
  const locale = useLocale();
  const { data, isError } = useOverTime(organization, settledSeats);
  // The line ends at the moment at which the screen was opened; it does not crawl while somebody looks.
  const [now] = useState(() => Date.now());
  const points = data?.points.map(({ at, seats }) => ({ at, value: seats })) ?? [];
  const last = points.at(-1);
  // A number that was changed elsewhere and adopted has no push of ours; the present one is always right.
  const present = data && last && last.value !== data.settledSeats ? [{ at: now, value: data.settledSeats }] : [];
  const line = stepLine([...points, ...present], Math.max(now, last?.at ?? now), box);
  const bills = paidBills(invoices.data?.invoices ?? []);
  return (
    <Card aria-labelledby="over-time-title" className={className}>
      <CardTitle id="over-time-title">Seats and cost over time</CardTitle>
      {data === undefined && !isError ? (
        <Skeleton className="mt-4 h-56" />
      ) : (
        <div className="mt-4 min-h-56 space-y-6">
          {line === null ? (
            <CardHint>
              {isError
                ? 'The seats of the past cannot be read just now.'
                : 'The line begins with the first change that Stripe confirms.'}
            </CardHint>
          ) : (
            <figure>
              <figcaption className="mb-2 flex justify-between gap-3 text-muted-foreground text-xs">
                <span>Seats billed</span>
                <span className="tabular-nums">at most {countSeats(line.highest, locale)}</span>
              </figcaption>
              <svg
                viewBox={`-2 -2 ${box.width + 4} ${box.height + 4}`}
                preserveAspectRatio="none"
                role="img"
                aria-label={seatsSentence(points, locale)}
                className="h-30 w-full"
              >
                <title>{seatsSentence(points, locale)}</title>
                <path d={`${line.path}V${box.height}H0Z`} className="fill-primary-soft" />
                <path d={line.path} className="fill-none stroke-2 stroke-primary" vectorEffect="non-scaling-stroke" />
              </svg>
              <p className="mt-1 flex justify-between text-muted-foreground text-xs tabular-nums">
                <span>{dayOf(new Date(line.from).toISOString(), locale)}</span>
                <span>today</span>
              </p>
            </figure>
          )}
          {bills.length > 0 ? <Bills bills={bills} locale={locale} /> : null}
        </div>
      )}
    </Card>
  );
}

function Bills({ bills, locale }: { bills: readonly InvoiceBody[]; locale: Locale }) {
  const highest = bills.reduce((most, { total }) => Math.max(total, most), 1);
  return (
    <figure>
      <figcaption className="mb-2 text-muted-foreground text-xs">What was billed</figcaption>
      <ul className="flex h-24 items-end gap-1.5">
        {bills.map((bill) => (
          <li key={bill.id} className="flex h-full min-w-0 max-w-16 grow flex-col justify-end">
            <span
              aria-hidden
              title={`${dayOf(bill.createdAt, locale)}: ${formatMoney(bill.total, bill.currency, locale)}`}
              style={{ height: `${(bill.total / highest) * 100}%` }}
              className="block min-h-0.5 rounded-t bg-seat-reserved"
            />
            <span className="sr-only">
              {dayOf(bill.createdAt, locale)}: {formatMoney(bill.total, bill.currency, locale)}
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-1 flex justify-between text-muted-foreground text-xs tabular-nums">
        <span>{bills[0] ? dayOf(bills[0].createdAt, locale) : ''}</span>
        <span>highest {formatMoney(highest, bills[0]?.currency ?? 'usd', locale)}</span>
      </p>
    </figure>
  );
}

/** Oldest first. What is void was never owed; what gives money back is told in the list and not as a bar. */
function paidBills(invoices: readonly InvoiceBody[]): InvoiceBody[] {
  return invoices.filter(({ status, total }) => (status === 'paid' || status === 'open') && total > 0).toReversed();
}

function seatsSentence(points: readonly { readonly at: number; readonly value: number }[], locale: Locale): string {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return '';
  return (
    `From ${formatNumber(first.value, locale)} to ${countSeats(last.value, locale)} since ` +
    `${dayOf(new Date(first.at).toISOString(), locale)}, in ${formatNumber(points.length - 1, locale)} confirmed changes.`
  );
}
