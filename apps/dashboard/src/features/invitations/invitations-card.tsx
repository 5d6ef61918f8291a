'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Copyable } from '#components/copyable.tsx';
import { useLocale } from '#components/locale.tsx';
import { Time } from '#components/time.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { sendJson } from '#lib/app-api.ts';
import { formatNumber } from '#lib/format.ts';
import { passFocus } from '#lib/pass-focus.ts';
import { troubleOf } from '#lib/trouble.ts';
import type { InvitationBody } from './contract.ts';
import { afterPeopleMoved, type useInvitations } from './use-invitations.ts';

/** The open invitations: whom a seat is kept for, until when, and the way to take one back. */
export function InvitationsCard({
  organization,
  invitations,
  mayChange,
}: {
  organization: string;
  invitations: ReturnType<typeof useInvitations>;
  mayChange: boolean;
}) {
  const locale = useLocale();
  const [takenBack, setTakenBack] = useState<string | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const total = invitations.data?.pages[0]?.total;
  const rows = invitations.data?.pages.flatMap((page) => page.invitations) ?? [];
  return (
    <Card aria-labelledby="invitations-title">
      <CardTitle ref={title} id="invitations-title" tabIndex={-1}>
        Open invitations{total ? <span className="text-muted-foreground"> {formatNumber(total, locale)}</span> : null}
      </CardTitle>
      <p role="status" className="text-muted-foreground text-sm wrap-anywhere">
        {takenBack === null ? '' : `The invitation of ${takenBack} was taken back.`}
      </p>
      {invitations.isPending ? (
        <div className="mt-4 grid gap-3">
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
        </div>
      ) : invitations.isError && rows.length === 0 ? (
        <p className="mt-3 text-muted-foreground text-sm">
          The invitations cannot be read at the moment. It is tried again.
        </p>
      ) : rows.length === 0 ? (
        <CardHint>
          Nobody is invited at the moment. An invitation keeps a seat until it is accepted, taken back or expires.
        </CardHint>
      ) : (
        <ul className="mt-3 divide-y">
          {rows.map((invitation) => (
            <Invitation
              key={invitation.id}
              organization={organization}
              invitation={invitation}
              mayChange={mayChange}
              onTakenBack={(row) => {
                passFocus(row, title.current);
                setTakenBack(invitation.email);
              }}
            />
          ))}
        </ul>
      )}
      {invitations.hasNextPage ? (
        <Button variant="outline" size="small" className="mt-3" onClick={() => void invitations.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </Card>
  );
}

function Invitation({
  organization,
  invitation,
  mayChange,
  onTakenBack,
}: {
  organization: string;
  invitation: InvitationBody;
  mayChange: boolean;
  /** Called with the row as soon as it is taken back; a moment later the row is gone. */
  onTakenBack: (row: HTMLElement | null) => void;
}) {
  const { id, email, role, seat, expiresAt, invitedBy, mail } = invitation;
  const client = useQueryClient();
  const row = useRef<HTMLLIElement>(null);
  const [link, setLink] = useState<string | null>(null);
  const revoke = useMutation({
    mutationFn: () => sendJson(organization, 'DELETE', `/api/invitations/${id}`),
    onSuccess: () => onTakenBack(row.current),
    onSettled: () => afterPeopleMoved(client, organization),
  });
  const renew = useMutation({
    mutationFn: () => sendJson<{ path: string }>(organization, 'POST', `/api/invitations/${id}/link`),
    onSuccess: ({ path }) => setLink(new URL(path, window.location.origin).href),
  });
  const failed = revoke.error ?? renew.error;
  return (
    <li ref={row} className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 py-3">
      <div className="min-w-0">
        <p className="truncate font-medium text-sm">{email}</p>
        <p className="text-muted-foreground text-sm">
          {role}, invited by {invitedBy}, until <Time at={expiresAt} />
        </p>
        {mail === 'trying' || mail === 'failed' ? (
          <p className="text-caution text-sm">
            {mail === 'failed'
              ? 'The mail could not be sent. Make a new link and pass it on.'
              : 'The mail is not out yet; it is tried again.'}
          </p>
        ) : null}
      </div>
      <Badge tone={seat === 'waiting' ? 'accent' : 'neutral'}>
        {seat === 'waiting' ? 'Seat is being bought' : 'Seat kept'}
      </Badge>
      {mayChange ? (
        <div className="col-span-2 flex flex-wrap items-center gap-2">
          <Button
            size="small"
            variant="outline"
            aria-disabled={renew.isPending || seat === 'waiting'}
            onClick={() => {
              if (!renew.isPending && seat !== 'waiting') renew.mutate();
            }}
          >
            New link<span className="sr-only"> for {email}</span>
          </Button>
          <Button
            size="small"
            variant="quiet"
            aria-disabled={revoke.isPending}
            onClick={() => revoke.isPending || revoke.mutate()}
          >
            Take back<span className="sr-only"> the invitation of {email}</span>
          </Button>
        </div>
      ) : null}
      <div aria-live="polite" className="col-span-2">
        {link === null ? null : <Copyable text={link} label="Shown once; the link before it stops working:" />}
        {failed ? (
          <Banner tone="stopped" title={troubleOf(failed).title}>
            <p>{troubleOf(failed).detail}</p>
          </Banner>
        ) : null}
      </div>
    </li>
  );
}
