'use client';

import { Banner } from '#components/ui/banner.tsx';
import { useIntention } from '#hooks/use-intention.ts';
import { useInvoices } from '#hooks/use-invoices.ts';
import { useLatestChange } from '#hooks/use-latest-change.ts';
import { useLive } from '#hooks/use-live.ts';
import { useNewestChange } from '#hooks/use-newest-change.ts';
import { type SeatsReading, useSeats, useStripeSide } from '#hooks/use-seats.ts';
import type { BillingTerms } from '#lib/billing-terms.ts';
import { Banners } from './banners.tsx';
import { Aside, FaultPanel, History, OverTime, UseCard } from './later.tsx';
import { MeterCard } from './meter-card.tsx';
import { PurchaseCard } from './purchase-card.tsx';

/** Everything an owner does with seats, on one screen. */
export function BillingScreen({
  organization,
  initial,
  mayChange,
  mayApprove,
  terms,
  demo,
}: {
  organization: string;
  /** The counts as the server read them for the first paint; undefined where it could not. */
  initial: SeatsReading | undefined;
  /** Whether this person's role changes seats; otherwise the screen shows them only. */
  mayChange: boolean;
  /** Whether this person lets purchases above the guard through. */
  mayApprove: boolean;
  terms: BillingTerms;
  demo: boolean;
}) {
  const intention = useIntention(organization);
  const live = useLive(organization);
  const seats = useSeats(organization, { initial, busy: intention.busy, live });
  const busy = intention.busy || Boolean(seats.data?.pending);
  const newest = useNewestChange(organization, { busy: busy && !live });
  const stripe = useStripeSide(organization, { busy, seats: seats.data });
  const invoices = useInvoices(organization);
  const latest = useLatestChange(organization, {
    live,
    seats: seats.data,
    ending: intention.state?.ending,
    newestInHistory: newest.data?.changes[0],
  });

  const old = seats.isError;
  const heard = newest.data ? (seats.data?.pending?.changes ?? []).concat(latest.change ?? []) : null;
  const loading = (seats.data === undefined || newest.isPending) && !old;

  return (
    <>
      <Banners seats={seats.data} trouble={seats.error} asOf={seats.dataUpdatedAt} />
      {/* Two columns where there is room; in one column the latest change moves up next to what was asked for. */}
      <div
        data-live={live}
        className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[minmax(0,1fr)_22rem] lg:items-start"
      >
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5 max-lg:contents">
          <MeterCard seats={seats.data} old={old} last={latest.change} />
          {mayChange ? (
            <>
              <PurchaseCard
                organization={organization}
                seats={seats.data}
                intention={intention}
                heard={heard}
                mayApprove={mayApprove}
                terms={terms}
                interval={invoices.data?.interval ?? null}
              />
              <UseCard seats={seats.data} intention={intention} heard={heard} className="max-lg:order-2" />
            </>
          ) : (
            <Banner title="You can look at the seats and not change them.">
              <p>Owners and admins of the organization do that.</p>
            </Banner>
          )}
          <OverTime
            organization={organization}
            settledSeats={seats.data?.settledSeats}
            invoices={invoices}
            className="max-lg:order-3"
          />
          <History organization={organization} busy={busy && !live} className="max-lg:order-3" />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5 max-lg:contents">
          <Aside
            seats={seats.data}
            old={old}
            loading={loading}
            asked={intention.state}
            heard={heard}
            latest={latest}
            stripe={stripe}
            invoices={invoices}
          />
          {demo && mayChange ? <FaultPanel className="max-lg:order-4" /> : null}
        </div>
      </div>
    </>
  );
}
