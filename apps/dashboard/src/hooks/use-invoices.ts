'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { InvoicesBody, OverTimeBody } from '#features/invoices/contract.ts';
import { readJson } from '#lib/app-api.ts';

/** Bills are made once a period; a screen that stays open finds a new one in this time. */
const invoicesMs = 60_000;
/** Whoever looks at a list that is missing wants it soon after Stripe is back. */
const unreadMs = 5_000;

export function useInvoices(organization: string) {
  return useQuery({
    queryKey: ['invoices', organization],
    queryFn: ({ signal }) => readJson<InvoicesBody>(organization, '/api/billing/invoices', signal),
    refetchInterval: ({ state }) => (state.status === 'error' ? unreadMs : invoicesMs),
    retry: false,
  });
}

export type UseInvoices = ReturnType<typeof useInvoices>;

export function useOverTime(organization: string, settledSeats: number | undefined) {
  return useQuery({
    queryKey: ['over-time', organization, settledSeats],
    queryFn: ({ signal }) => readJson<OverTimeBody>(organization, '/api/billing/over-time', signal),
    enabled: settledSeats !== undefined,
    placeholderData: keepPreviousData,
    staleTime: invoicesMs,
    retry: false,
  });
}
