import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { Card } from '#components/ui/card.tsx';
import { AcceptInvitation } from '#features/invitations/accept-invitation.tsx';
import { findInvitation } from '#features/invitations/server/accept.ts';
import { personOf } from '#server/caller.ts';
import { mailOnScreen } from '#server/mail.ts';

export const metadata: Metadata = { title: 'Invitation', referrer: 'no-referrer' };

interface Props {
  readonly params: Promise<{ token: string }>;
}

/** What the link of an invitation opens. Whoever has the link sees whom it is for, and only that person can accept. */
export default async function InvitationPage({ params }: Props) {
  const { token } = await params;
  const [invitation, person] = await Promise.all([findInvitation(token), personOf(await headers())]);
  // The demo's visitor has an address, and no account to accept with.
  const email = person === null || person.visitor ? null : person.email;
  return (
    <div className="mx-auto max-w-md">
      <Card>
        <AcceptInvitation token={token} invitation={invitation} email={email} mail={mailOnScreen()} />
      </Card>
    </div>
  );
}
