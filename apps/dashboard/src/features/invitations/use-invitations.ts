'use client';

import { useInfiniteQuery, useIsMutating, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { openMs, quietMs } from '#hooks/use-seats.ts';
import { readJson, sendJson } from '#lib/app-api.ts';
import type { InvitationsBody, InviteBody, InvitedBody, ProgressBody } from './contract.ts';

export const invitationsKey = (organization: string) => ['invitations', organization] as const;

/** The open invitations and the notices of those that fell. `busy`: something is under way, so it is asked every second. */
export function useInvitations(organization: string, busy: boolean) {
  return useInfiniteQuery({
    queryKey: invitationsKey(organization),
    queryFn: ({ pageParam, signal }) =>
      readJson<InvitationsBody>(
        organization,
        `/api/invitations${pageParam === null ? '' : `?after=${pageParam}`}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ after }) => after,
    refetchInterval: busy ? openMs : quietMs,
  });
}

/** An invitation that is being sent: its key is made once, so that however often it is sent it counts once. */
export interface InviteIntention extends InviteBody {
  readonly key: string;
}

const inviteKey = (organization: string) => ['invite', organization] as const;

export function useInvite(organization: string) {
  const client = useQueryClient();
  return useMutation({
    mutationKey: inviteKey(organization),
    mutationFn: ({ key, ...body }: InviteIntention) =>
      sendJson<InvitedBody>(organization, 'POST', '/api/invitations', body, { 'Idempotency-Key': key }),
    onSettled: () => afterPeopleMoved(client, organization),
  });
}

/** Whether invitations are being sent from this page. What they move is to be seen before their answer arrives. */
export function useIsInviting(organization: string): boolean {
  return useIsMutating({ mutationKey: inviteKey(organization) }) > 0;
}

/** How far the invitations of one change are; asked until all of them have their seat, fell or ended, and then now and then for the mails. */
export function useProgress(organization: string, change: string | null) {
  return useQuery({
    queryKey: ['invitation-progress', organization, change],
    queryFn: ({ signal }) => readJson<ProgressBody>(organization, `/api/invitations/progress?change=${change}`, signal),
    enabled: change !== null,
    refetchInterval: ({ state: { data } }) => {
      if (!data || !isThrough(data)) return openMs;
      return data.mailed && data.sent < data.reserved ? quietMs : false;
    },
  });
}

export function isThrough({ invited, reserved, withdrawn, ended }: ProgressBody): boolean {
  return reserved + withdrawn + ended >= invited;
}

/** Whoever came or went moved seats and lists. */
export function afterPeopleMoved(client: ReturnType<typeof useQueryClient>, organization: string): Promise<unknown> {
  return Promise.all(
    [
      ['seats', organization],
      ['members', organization],
      invitationsKey(organization),
      ['invitation-progress', organization],
    ].map((queryKey) => client.invalidateQueries({ queryKey })),
  );
}
