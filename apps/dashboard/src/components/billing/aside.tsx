'use client';

import type { ChangeBody, SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import type { UseInvoices } from '#hooks/use-invoices.ts';
import type { useLatestChange } from '#hooks/use-latest-change.ts';
import type { useStripeSide } from '#hooks/use-seats.ts';
import { useTrouble } from '#hooks/use-trouble.ts';
import { nowOf, sendingOf } from '#lib/now.ts';
import { type Asked, isWritten } from '#lib/own-change.ts';
import { whoFailed } from '#lib/who-failed.ts';
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
  asked,
  heard,
  latest,
  stripe,
  invoices,
}: {
  seats: SeatsBody | undefined;
  /** The counts could not be read any more, so they are those of some time ago. */
  old: boolean;
  /** The newest change is not known yet. */
  loading: boolean;
  /** What this screen asked for. */
  asked: Asked | null;
  /** The changes that show themselves; null: none were read yet. */
  heard: readonly ChangeBody[] | null;
  latest: ReturnType<typeof useLatestChange>;
  stripe: ReturnType<typeof useStripeSide>;
  invoices: UseInvoices;
}) {
  const locale = useLocale();
  const now = nowOf(
    { seats, old, sending: sendingOf(asked), written: isWritten(asked, heard), last: latest.change },
    locale,
  );
  const trouble = useTrouble(stripe);
  return (
    <>
      <Announcer now={now} loading={loading} />
      <div className={asideGrid}>
        <NowCard now={now} detail={latest.detail} loading={loading} className="max-md:order-1" />
        <BothSides
          sides={{
            seats,
            stripe: stripe.data,
            databaseOld: old,
            failed: trouble && whoFailed(trouble, navigator.onLine),
          }}
          className="max-md:order-1"
        />
      </div>
      <InvoicesCard invoices={invoices} className="max-lg:order-3" />
    </>
  );
}
