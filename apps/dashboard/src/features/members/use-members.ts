'use client';

import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { afterPeopleMoved } from '#features/invitations/use-invitations.ts';
import { openMs, quietMs } from '#hooks/use-seats.ts';
import { readJson, sendJson } from '#lib/app-api.ts';
import type { MemberBody, MembersBody } from './contract.ts';

/** Members, page by page as they are scrolled to; searched by the server. */
export function useMembers(organization: string, search: string, busy: boolean) {
  return useInfiniteQuery({
    queryKey: ['members', organization, search],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ search, ...(pageParam === null ? {} : { after: pageParam }) });
      return readJson<MembersBody>(organization, `/api/members?${query}`, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ after }) => after,
    placeholderData: keepPreviousData,
    // Every page that was scrolled to is read again, so a long list is left alone unless something is under way.
    refetchInterval: ({ state }) => (busy ? openMs : (state.data?.pages.length ?? 0) > 3 ? false : quietMs),
  });
}

/** What is done to one member. */
export type MemberDeed =
  | { readonly does: 'role'; readonly role: MemberBody['role'] }
  | { readonly does: 'remove' }
  | { readonly does: 'unseat' }
  /** `buy`: 1 only after its price was shown. */
  | { readonly does: 'seat'; readonly buy: 0 | 1 };

/** @param onRemoved called as soon as they are out: their row, and whatever stands on it, is gone a moment later */
export function useMemberDeed(organization: string, member: Pick<MemberBody, 'id'>, onRemoved: () => void) {
  const client = useQueryClient();
  const path = `/api/members/${encodeURIComponent(member.id)}`;
  return useMutation({
    mutationFn: (deed: MemberDeed) => {
      switch (deed.does) {
        case 'role':
          return sendJson(organization, 'PATCH', path, { role: deed.role });
        case 'remove':
          return sendJson(organization, 'DELETE', path);
        case 'unseat':
          return sendJson(organization, 'DELETE', `${path}/seat`);
        case 'seat':
          return sendJson(organization, 'POST', `${path}/seat`, { buy: deed.buy });
      }
    },
    onSuccess: (_, { does }) => {
      if (does === 'remove') onRemoved();
    },
    onSettled: () => afterPeopleMoved(client, organization),
  });
}
