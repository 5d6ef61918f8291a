'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SeatChangeBody } from 'seatbelt/http';
import { sendAbout } from '#lib/api.ts';

export interface Word {
  readonly change: string;
  readonly action: 'cancel' | 'approve' | 'decline';
}

/** A person's word about a change that has not taken effect: taking it back, letting it through. Said twice it counts once. */
export function useAboutChange(organization: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ change, action }: Word): Promise<SeatChangeBody> => sendAbout(organization, change, action),
    onSettled: () =>
      Promise.all(
        [
          ['seats', organization],
          ['changes', organization],
          ['change', organization],
        ].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
}

export type AboutChange = ReturnType<typeof useAboutChange>;
