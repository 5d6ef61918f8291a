'use client';

import { useState } from 'react';
import { MeterCard } from '#components/billing/meter-card.tsx';
import { InvitationsCard } from '#features/invitations/invitations-card.tsx';
import { type InviteBox, InviteCard } from '#features/invitations/invite-card.tsx';
import { withAddresses } from '#features/invitations/read-addresses.ts';
import { useInvitations, useIsInviting } from '#features/invitations/use-invitations.ts';
import { WithdrawnNotices } from '#features/invitations/withdrawn-notices.tsx';
import { type SeatsReading, useSeats } from '#hooks/use-seats.ts';
import { MembersCard } from './members-card.tsx';

/** Who is in, who is invited, and what one more costs. */
export function MembersScreen({
  organization,
  initial,
  mayChange,
}: {
  organization: string;
  initial: SeatsReading | undefined;
  mayChange: boolean;
}) {
  const [box, setBox] = useState<InviteBox>({ text: '' });
  const inviting = useIsInviting(organization);
  const seats = useSeats(organization, { initial, busy: inviting });
  const busy = inviting || Boolean(seats.data?.pending);
  const invitations = useInvitations(organization, busy);
  return (
    <>
      <WithdrawnNotices
        organization={organization}
        withdrawn={invitations.data?.pages[0]?.withdrawn ?? []}
        onAgain={mayChange ? (emails) => setBox(({ text }) => ({ text: withAddresses(text, emails) })) : null}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[minmax(0,1fr)_24rem] lg:items-start">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          <MeterCard seats={seats.data} old={seats.isError} />
          <MembersCard organization={organization} seats={seats.data} mayChange={mayChange} busy={busy} />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5 max-lg:-order-1">
          {mayChange ? <InviteCard organization={organization} seats={seats.data} box={box} onBox={setBox} /> : null}
          <InvitationsCard organization={organization} invitations={invitations} mayChange={mayChange} />
        </div>
      </div>
    </>
  );
}
