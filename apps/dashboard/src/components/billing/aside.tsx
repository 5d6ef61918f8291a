'use client';

import type { SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import type { UseInvoices } from '#hooks/use-invoices.ts';
import type { useLatestChange } from '#hooks/use-latest-change.ts';
import type { useStripeSide } from '#hooks/use-seats.ts';
import { nowOf, type Sending } from '#lib/now.ts';
import { Announcer } from './announcer.tsx';
import { BothSides } from './both-sides.tsx';
import { InvoicesCard } from './invoices-card.tsx';
import { asideGrid } from './later.tsx';
import { NowCard } from './now-card.tsx';

/** What became of it: the latest change, both sides' numbers, what was billed. */
export function Aside({
  seats,
  old,
  loading,
  sending,
  latest,
  stripe,
  invoices,
}: {
  seats: SeatsBody | undefined;
  /** The counts could not be read any more, so they are those of some time ago. */
  old: boolean;
  /** The newest change is not known yet. */
  loading: boolean;
  sending: Sending | null;
  latest: ReturnType<typeof useLatestChange>;
  stripe: ReturnType<typeof useStripeSide>;
  invoices: UseInvoices;
}) {
  const locale = useLocale();
  const now = nowOf({ seats, old, sending, last: latest.change }, locale);
  return (
    <>
      <Announcer now={now} loading={loading} />
      <div className={asideGrid}>
        <NowCard now={now} detail={latest.detail} loading={loading} className="max-md:order-1" />
        <BothSides
          seats={seats}
          stripe={stripe.data}
          databaseOld={old}
          stripeFailed={stripe.isError}
          className="max-md:order-1"
        />
      </div>
      <InvoicesCard invoices={invoices} className="max-lg:order-3" />
    </>
  );
}
