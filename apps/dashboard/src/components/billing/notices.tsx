'use client';

import type { ReactNode } from 'react';
import type { SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Time } from '#components/time.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { formatNumber, isOrAre, seatWord } from '#lib/format.ts';
import { withFullStop } from '#lib/full-stop.ts';
import { linkLook } from './link-look.ts';

/** What is so with the seats and their subscription. Most days there is nothing to tell. */
export function Notices({ seats }: { seats: SeatsBody }) {
  const locale = useLocale();
  const banners: ReactNode[] = [];

  if (seats.status === 'no_subscription') {
    banners.push(
      <Banner key="status" title="No Stripe subscription is linked.">
        <p>Seats can be given out as far as they go; to buy more, link the subscription of this organization.</p>
      </Banner>,
    );
  }
  if (seats.status === 'ended') {
    banners.push(
      <Banner key="status" tone="stopped" title="The Stripe subscription has ended.">
        <p>No seat is available any more and nothing is billed. Link a new subscription to go on.</p>
      </Banner>,
    );
  }
  if (seats.status === 'over_capacity') {
    const over = seats.usedSeats - Math.min(seats.purchasedSeats, seats.settledSeats);
    banners.push(
      <Banner
        key="over"
        tone="caution"
        title={`${formatNumber(over, locale)} more ${seatWord(over)} ${isOrAre(over)} in use than paid for.`}
      >
        <p>
          Free {formatNumber(over, locale)} or buy {formatNumber(over, locale)}. Nobody is thrown out meanwhile; nobody
          can be added either.
        </p>
      </Banner>,
    );
  }
  banners.push(...aboutSubscription(seats));
  if (seats.hold) {
    banners.push(
      <Banner key="hold" tone="caution" title="Changes of the bill are on hold.">
        <p>
          {seats.hold.message} Until that is resolved seats cannot grow; freeing and assigning still work. Stripe is
          read again every hour, and an operator can settle it at any time. On hold since <Time at={seats.hold.since} />
          .
        </p>
      </Banner>,
    );
  }
  if (seats.pausedReason) {
    banners.push(
      <Banner key="paused" title="Changes at Stripe are paused.">
        <p>
          An operator paused them: {withFullStop(seats.pausedReason)} What was written down before goes on when they are
          resumed.
        </p>
      </Banner>,
    );
  }
  // An incident that a banner above tells in better words is not told twice.
  const told = new Set([
    seats.status === 'over_capacity' ? 'over_capacity' : '',
    seats.hold ? 'held' : '',
    troubleOfBill(seats) ? 'payment_overdue' : '',
  ]);
  for (const incident of seats.incidents) {
    if (incident.closedAt !== null || told.has(incident.kind)) continue;
    banners.push(
      <Banner key={incident.id} tone={incident.action === 'act' ? 'caution' : 'neutral'} title={incident.message}>
        <p>
          {next[incident.action]} Since <Time at={incident.openedAt} />.
        </p>
      </Banner>,
    );
  }
  return banners;
}

/** What Stripe said of the subscription itself: quiet, and with what happens next. */
function aboutSubscription(seats: SeatsBody): ReactNode[] {
  const { billing } = seats;
  if (billing === null || seats.status === 'ended') return [];
  const told = [];
  const trouble = troubleOfBill(seats);
  if (trouble) {
    told.push(
      <Banner key="unpaid" tone="caution" title={trouble.title}>
        <p>{trouble.next}</p>
        {billing.openInvoiceUrl ? (
          <a href={billing.openInvoiceUrl} rel="noreferrer" className={linkLook}>
            Pay the open invoice
          </a>
        ) : null}
      </Banner>,
    );
  }
  if (billing.cancelAt !== null) {
    told.push(
      <Banner
        key="cancels"
        title={
          <>
            The subscription ends on <Time at={billing.cancelAt} style="day" />.
          </>
        }
      >
        <p>Until then the seats stay. Nothing is billed after it, unless the subscription is continued.</p>
      </Banner>,
    );
  }
  if (billing.collectionPaused) {
    told.push(
      <Banner key="collection" title="Payments are not collected at the moment.">
        <p>The seats stay. Whoever runs this service paused the collection at Stripe, and can go on with it.</p>
      </Banner>,
    );
  }
  return told;
}

/** What is wrong with the payments, where something is and the subscription goes on. */
function troubleOfBill(seats: SeatsBody) {
  if (!seats.billing || seats.status === 'ended') return undefined;
  const { subscriptionStatus } = seats.billing;
  return Object.hasOwn(unpaid, subscriptionStatus) ? unpaid[subscriptionStatus] : undefined;
}

const unpaid: Readonly<Record<string, { readonly title: string; readonly next: string }>> = {
  past_due: {
    title: 'The last payment did not go through.',
    next: 'Nobody loses a seat. Stripe tries the card again by itself; paying the invoice settles it at once.',
  },
  unpaid: {
    title: 'The last invoice is not paid, and Stripe has stopped trying.',
    next: 'Seats cannot be bought until it is paid.',
  },
  incomplete: {
    title: 'The first payment is not finished.',
    next: 'Stripe ends the subscription a day after it began unless it is paid.',
  },
};

const next = {
  none: 'It is over; nothing has to be done.',
  watch: 'It is watched and closes by itself when it is over.',
  act: 'Someone has to look at this; the people who run this service were told.',
};
