'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
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

const pathOf = (organization: string) => `/api/operations/${encodeURIComponent(organization)}`;

export function useStaffOrganization(organization: string) {
  return useQuery({
    queryKey: ['operations', organization],
    queryFn: ({ signal }) => readJson<OrganizationBody>(null, pathOf(organization), signal),
    refetchInterval: everyMs,
  });
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
