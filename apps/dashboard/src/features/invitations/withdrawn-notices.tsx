'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocale } from '#components/locale.tsx';
import { Time } from '#components/time.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { sendJson } from '#lib/app-api.ts';
import { formatNumber } from '#lib/format.ts';
import type { WithdrawnBody } from './contract.ts';
import { invitationsKey } from './use-invitations.ts';

/** Tells the inviter which invitations fell, why, and what became of the money. Stays until it is put away. */
export function WithdrawnNotices({
  organization,
  withdrawn,
  onAgain,
}: {
  organization: string;
  withdrawn: readonly WithdrawnBody[];
  /** Puts the addresses back into the box; null: they have none, because they may not invite any more. */
  onAgain: ((emails: readonly string[]) => void) | null;
}) {
  const locale = useLocale();
  const client = useQueryClient();
  const putAway = useMutation({
    mutationFn: (change: string) => sendJson(organization, 'DELETE', `/api/invitations/notices/${change}`),
    onSettled: () => client.invalidateQueries({ queryKey: invitationsKey(organization) }),
  });
  return (
    <div aria-live="polite" className={withdrawn.length > 0 ? 'mb-5 grid gap-3' : undefined}>
      {withdrawn.map(({ change, emails, message, code, at }) => (
        <Banner
          key={change}
          tone="caution"
          title={
            emails.length === 1
              ? `The invitation of ${emails[0]} was withdrawn.`
              : `${formatNumber(emails.length, locale)} invitations were withdrawn.`
          }
        >
          <p>
            {/[.!?]$/.test(message) ? message : `${message}.`}{' '}
            {code === 'seat_freed' ? '' : 'The seats were not bought, and nothing was charged. '}
            <Time at={at} />
          </p>
          <p className="mt-2 flex flex-wrap gap-2">
            {onAgain === null ? null : (
              <Button
                size="small"
                variant="outline"
                onClick={() => {
                  onAgain(emails);
                  putAway.mutate(change);
                }}
              >
                Invite again
              </Button>
            )}
            <Button size="small" variant="quiet" onClick={() => putAway.mutate(change)}>
              Put away
            </Button>
          </p>
        </Banner>
      ))}
    </div>
  );
}
