'use client';

import { useState } from 'react';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { SignInForm } from '#features/accounts/sign-in-form.tsx';
import { sendJson } from '#lib/app-api.ts';
import { type Trouble, troubleOf } from '#lib/trouble.ts';
import type { MailOnScreen } from '#server/mail.ts';
import type { OpenInvitation } from './server/accept.ts';

const over: Record<Exclude<OpenInvitation['status'], 'pending'>, string> = {
  accepted: 'This invitation was accepted before.',
  revoked: 'This invitation was taken back.',
  expired: 'This invitation has expired.',
  withdrawn: 'The seat that was kept for you could not be bought.',
};

export function AcceptInvitation({
  token,
  invitation,
  email,
  mail,
}: {
  token: string;
  invitation: OpenInvitation | null;
  /** Who is signed in; null: nobody. */
  email: string | null;
  mail: MailOnScreen;
}) {
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [busy, setBusy] = useState(false);
  const [known, setKnown] = useState(false);
  const here = `/invitations/${token}`;

  if (invitation === null || invitation.status !== 'pending') {
    return (
      <>
        <h1 className="font-semibold text-2xl tracking-tight">This link opens nothing any more</h1>
        <p className="mt-2 text-muted-foreground">
          {invitation === null || invitation.status === 'pending'
            ? 'It is no invitation, or a newer link was sent since.'
            : over[invitation.status]}{' '}
          Ask whoever invited you.
        </p>
      </>
    );
  }

  async function accept() {
    if (busy) return;
    setBusy(true);
    try {
      const { organization } = await sendJson<{ organization: string }>(null, 'POST', '/api/invitations/accept', {
        token,
      });
      window.location.assign(`/organizations/${encodeURIComponent(organization)}/members`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      setTrouble(troubleOf(error));
      setBusy(false);
    }
  }

  return (
    <>
      <h1 className="font-semibold text-2xl tracking-tight">Join {invitation.organizationName}</h1>
      <p className="mt-2 mb-5 text-muted-foreground">
        {invitation.invitedBy} invites <span className="break-all font-medium text-foreground">{invitation.email}</span>{' '}
        as {invitation.role}. A seat is kept for you.
      </p>
      {email === null ? (
        <>
          <SignInForm
            key={known ? 'sign-in' : 'sign-up'}
            purpose={known ? 'sign-in' : 'sign-up'}
            next={here}
            email={invitation.email}
            mail={mail}
          />
          <Button variant="link" className="mt-3" onClick={() => setKnown(!known)}>
            {known ? 'I have no account yet' : 'I have an account with this address'}
          </Button>
        </>
      ) : email.toLowerCase() === invitation.email ? (
        <>
          <div aria-live="polite">
            {trouble ? (
              <Banner tone="stopped" title={trouble.title} className="mb-4">
                <p>{trouble.detail}</p>
              </Banner>
            ) : null}
          </div>
          <Button onClick={() => void accept()} aria-disabled={busy}>
            Accept the invitation
          </Button>
        </>
      ) : (
        <Banner tone="caution" title={`You are signed in as ${email}.`}>
          <p>This invitation is for another address. Sign out, then open the link again.</p>
        </Banner>
      )}
    </>
  );
}
