'use client';

import { useQueryClient } from '@tanstack/react-query';
import { CheckIcon, LoaderCircleIcon, XIcon } from 'lucide-react';
import { useEffect } from 'react';
import { useLocale } from '#components/locale.tsx';
import { useChange } from '#hooks/use-seats.ts';
import { rolledBackReason } from '#lib/change-sentences.ts';
import { formatNumber, isOrAre, seats } from '#lib/format.ts';
import type { InvitedBody, ProgressBody } from './contract.ts';
import { afterPeopleMoved, isThrough, useProgress } from './use-invitations.ts';

/** What became of the last invitations sent from here: one change for all of them, step by step. */
export function InviteProgress({ organization, invited }: { organization: string; invited: InvitedBody }) {
  const locale = useLocale();
  const client = useQueryClient();
  const change = useChange(organization, invited.change?.id ?? null);
  const progress = useProgress(organization, invited.change?.id ?? null);
  const skipped =
    invited.skipped.length === 0
      ? null
      : `${formatNumber(invited.skipped.length, locale)} left out: members or invited already.`;
  const through = progress.data !== undefined && isThrough(progress.data);
  // The end moved seats, members and invitations; what is on the screen may have been read just before it.
  useEffect(() => {
    if (through) void afterPeopleMoved(client, organization);
  }, [through, client, organization]);
  if (invited.change === null) {
    return (
      <p role="status" className="mt-4 border-t pt-4 text-sm">
        Nobody was invited. {skipped}
      </p>
    );
  }
  const { status } = change.data?.change ?? invited.change;
  const counts = progress.data;
  const done = counts ? counts.reserved : 0;
  const fallen = status === 'rolled_back';
  return (
    <div className="mt-4 border-t pt-4 text-sm">
      <p role="status" className="flex items-start gap-2">
        {fallen ? (
          <XIcon aria-hidden className="mt-0.5 size-4 shrink-0 text-stopped" />
        ) : through ? (
          <CheckIcon aria-hidden className="mt-0.5 size-4 shrink-0 text-fine" />
        ) : (
          <LoaderCircleIcon aria-hidden className="mt-0.5 size-4 shrink-0 animate-spin text-muted-foreground" />
        )}
        <span>
          {fallen
            ? `The invitations fell with the seats. ${rolledBackReason(change.data?.change ?? invited.change)} Nothing was charged.`
            : through && counts
              ? `${formatNumber(done, locale)} of ${seats(invited.invited, locale)} ${isOrAre(invited.invited)} kept. ${sentSentence(counts, locale)}`
              : sentenceOf(status)}{' '}
          {skipped}
        </span>
      </p>
      {through || fallen ? null : (
        <progress
          aria-label="Seats kept"
          value={done}
          max={invited.invited}
          className="mt-3 h-1.5 w-full overflow-hidden rounded-full accent-primary"
        />
      )}
    </div>
  );
}

function sentSentence({ sent, mailed, reserved }: ProgressBody, locale: string): string {
  if (!mailed) return 'Pass the links on from the list below.';
  if (sent < reserved) return 'The links are on their way.';
  return `${formatNumber(sent, locale)} ${sent === 1 ? 'link was' : 'links were'} sent.`;
}

function sentenceOf(status: string): string {
  switch (status) {
    case 'awaiting_payment':
      return 'Stripe waits for the payment. The invitations are sent when it is made.';
    case 'in_doubt':
      return 'Nobody knows yet what Stripe did. It is being found out; the invitations are sent when the seats are sure.';
    default:
      return 'Written down. Stripe is being asked; the invitations are sent when the seats are sure.';
  }
}
