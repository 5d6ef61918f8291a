'use client';

import { useQuery } from '@tanstack/react-query';
import { useSettled } from '#hooks/use-settled.ts';
import { sendJson } from '#lib/app-api.ts';
import { type InviteBody, invitedAtOnce, type KnownBody } from './contract.ts';
import { typingMs } from './use-cost.ts';
import { invitationsKey } from './use-invitations.ts';

const nobody: readonly string[] = [];

/**
 * Who of them is a member or invited already, so that their seats are not priced; null: not known yet. Where it cannot be
 * read, all count as new: the server decides once more, and never buys more than it is told to.
 */
export function useKnown(organization: string, emails: InviteBody['emails']): readonly string[] | null {
  const list = emails.join();
  const asked = useSettled(list, typingMs);
  const askable = emails.length > 0 && emails.length <= invitedAtOnce;
  const { data, isError } = useQuery({
    // Below the invitations, so that whoever comes or goes makes it be read anew.
    queryKey: [...invitationsKey(organization), 'known', asked],
    queryFn: () =>
      sendJson<KnownBody>(organization, 'POST', '/api/invitations/known', { emails: asked.split(',') } satisfies Pick<
        InviteBody,
        'emails'
      >),
    enabled: askable && asked === list,
    // What is put into the box a second time may be another's by then.
    gcTime: 0,
  });
  if (!askable || isError) return nobody;
  return asked === list && data ? data.known : null;
}
