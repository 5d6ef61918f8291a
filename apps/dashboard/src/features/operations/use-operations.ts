'use client';

import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { readJson, sendJson } from '#lib/app-api.ts';
import type { NumbersShown, OperationsBody, OrganizationBody, StaffAction } from './contract.ts';

const everyMs = 4_000;

export function useOperations() {
  return useQuery({
    queryKey: ['operations'],
    queryFn: ({ signal }) => readJson<OperationsBody>(null, '/api/operations', signal),
    refetchInterval: everyMs,
  });
}

/** Reads it for its screen, so that whoever typed its id hears here that there is none. @throws Problem, Unreachable */
export function useLookUp(): (organization: string) => Promise<void> {
  const queryClient = useQueryClient();
  return async (organization) => {
    await queryClient.fetchQuery(readingOf(organization));
  };
}

const pathOf = (organization: string) => `/api/operations/${encodeURIComponent(organization)}`;

function readingOf(organization: string) {
  return queryOptions({
    queryKey: ['operations', organization],
    queryFn: ({ signal }) => readJson<OrganizationBody>(null, pathOf(organization), signal),
  });
}

export function useStaffOrganization(organization: string) {
  return useQuery({ ...readingOf(organization), refetchInterval: everyMs });
}

/** What staff do about an organization; everything that shows it is read anew afterwards, whatever came of it. */
export function useStaffAction(organization: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly action: StaffAction; readonly reason: string } & NumbersShown) =>
      sendJson<OrganizationBody>(null, 'POST', pathOf(organization), body),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['operations'] }),
  });
}

export function useSweep() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly dryRun: boolean; readonly reason: string }) =>
      sendJson<{ begun: true }>(null, 'POST', '/api/operations/sweep', body),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['operations'] }),
  });
}
