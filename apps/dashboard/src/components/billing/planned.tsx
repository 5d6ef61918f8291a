'use client';

import type { ChangeBody, SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Time } from '#components/time.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { type AboutChange, useAboutChange } from '#hooks/use-about-change.ts';
import { changeTitle } from '#lib/change-sentences.ts';
import { seats as countSeats, formatNumber } from '#lib/format.ts';
import { troubleOf } from '#lib/trouble.ts';

/** What is to come: the decrease at the end of the period, and purchases that wait for an owner. Each can be taken back. */
export function Planned({
  organization,
  seats,
  mayChange,
  mayApprove,
}: {
  organization: string;
  seats: SeatsBody;
  mayChange: boolean;
  mayApprove: boolean;
}) {
  const locale = useLocale();
  const { scheduled, awaitingApproval } = seats;
  const about = useAboutChange(organization);
  if (scheduled === null && awaitingApproval.length === 0 && about.error === null) return null;
  return (
    <div className="mt-4 space-y-3">
      {scheduled === null ? null : (
        <Banner
          title={
            <>
              From <Time at={scheduled.at} style="day" /> on: {countSeats(scheduled.seats, locale)} instead of{' '}
              {formatNumber(seats.purchasedSeats, locale)}.
            </>
          }
        >
          <p>Until then nothing changes: the seats can be used, and they are paid for already.</p>
          {mayChange ? (
            <Choice about={about} change={scheduled.change} action="cancel">
              Undo: keep {countSeats(seats.purchasedSeats, locale)}
            </Choice>
          ) : null}
        </Banner>
      )}
      {awaitingApproval.map((change) => (
        <Approval key={change.id} change={change} about={about} mayChange={mayChange} mayApprove={mayApprove} />
      ))}
      {about.error === null ? null : (
        <Banner alert tone="caution" title={troubleOf(about.error).title}>
          <p>{troubleOf(about.error).detail}</p>
        </Banner>
      )}
    </div>
  );
}

function Approval({
  change,
  about,
  mayChange,
  mayApprove,
}: {
  change: ChangeBody;
  about: AboutChange;
  mayChange: boolean;
  mayApprove: boolean;
}) {
  const locale = useLocale();
  return (
    <Banner tone="caution" title={`${changeTitle(change, locale)}: an owner decides.`}>
      <p>
        It is more than may be bought in a day without a word. Nothing is charged meanwhile.
        {change.waitsUntil === null ? null : (
          <>
            {' '}
            It lapses on <Time at={change.waitsUntil} style="day" />.
          </>
        )}
      </p>
      <div className="flex flex-wrap gap-2">
        {mayApprove ? (
          <>
            <Choice about={about} change={change.id} action="approve">
              Approve
            </Choice>
            <Choice about={about} change={change.id} action="decline">
              Decline
            </Choice>
          </>
        ) : mayChange ? (
          <Choice about={about} change={change.id} action="cancel">
            Withdraw
          </Choice>
        ) : null}
      </div>
    </Banner>
  );
}

function Choice({
  about,
  change,
  action,
  children,
}: {
  about: AboutChange;
  change: string;
  action: 'cancel' | 'approve' | 'decline';
  children: React.ReactNode;
}) {
  return (
    <Button
      variant="outline"
      size="small"
      className="mt-2"
      aria-disabled={about.isPending}
      onClick={() => {
        if (!about.isPending) about.mutate({ change, action });
      }}
    >
      {children}
    </Button>
  );
}
