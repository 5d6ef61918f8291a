'use client';

import { useState } from 'react';
import type { ChangeBody, SeatsBody } from 'seatbelt/http';
import { FaultPanel } from '#components/dev/fault-panel.tsx';
import { useLocale } from '#components/locale.tsx';
import { useIntention } from '#hooks/use-intention.ts';
import { useChange, useSeats, useStripeSide } from '#hooks/use-seats.ts';
import { isOpen, nowOf } from '#lib/now.ts';
import type { Ending } from '#lib/send.ts';
import { Announcer } from './announcer.tsx';
import { Banners } from './banners.tsx';
import { BothSides } from './both-sides.tsx';
import { History } from './history.tsx';
import { MeterCard } from './meter-card.tsx';
import { NowCard } from './now-card.tsx';
import { PurchaseCard } from './purchase-card.tsx';
import { UseCard } from './use-card.tsx';

/** Everything an owner does with seats, on one screen. */
export function BillingScreen({
  organization,
  initial,
  demo,
}: {
  organization: string;
  /** The counts as the server read them for the first paint; undefined where it could not. */
  initial: SeatsBody | undefined;
  demo: boolean;
}) {
  const locale = useLocale();
  const intention = useIntention(organization);
  const busy = intention.sending !== null;
  const seats = useSeats(organization, { initial, busy });
  const latest = useLatestChange(organization, seats.data, intention.state?.ending);

  const now = nowOf(seats.data, intention.sending, latest, locale);
  const open = isOpen(now.stage);
  const old = seats.isError;
  const loading = seats.data === undefined && !old;
  const stripe = useStripeSide(organization, { busy: open });

  return (
    <>
      <Announcer now={now} loading={loading} />
      <Banners seats={seats.data} old={old} asOf={seats.dataUpdatedAt} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[minmax(0,1fr)_22rem] lg:items-start">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          <MeterCard seats={seats.data} old={old} />
          <div className="grid grid-cols-[minmax(0,1fr)] gap-5 md:grid-cols-2">
            <PurchaseCard seats={seats.data} intention={intention} />
            <UseCard seats={seats.data} intention={intention} />
          </div>
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5 md:grid-cols-2 lg:grid-cols-[minmax(0,1fr)]">
          <NowCard now={now} loading={loading} />
          <BothSides seats={seats.data} stripe={stripe.data} databaseOld={old} stripeFailed={stripe.isError} />
        </div>
      </div>
      <div className="mt-5 grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[minmax(0,1fr)_22rem] lg:items-start">
        <History organization={organization} busy={open} />
        {demo ? <FaultPanel /> : null}
      </div>
    </>
  );
}

/** The change that is open, or was open last, whoever asked for it; followed until it has ended. */
function useLatestChange(organization: string, seats: SeatsBody | undefined, ending: Ending | null | undefined) {
  const [followed, setFollowed] = useState<ChangeBody | null>(null);
  const [seenEnding, setSeenEnding] = useState(ending);
  const newest = seats?.pending?.changes.at(-1);
  const answered = ending?.is === 'answered' ? ending.body.change : undefined;
  if (ending !== seenEnding) {
    setSeenEnding(ending);
    if (answered) setFollowed(answered);
  } else if (newest && newest.id !== followed?.id) {
    setFollowed(newest);
  }
  const detail = useChange(organization, followed?.id ?? null);
  // Until the details are read, what was said along with the answer or the counts is the newest that is known.
  return detail.data?.change ?? followed;
}
