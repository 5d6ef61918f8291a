'use client';

import { LinkIcon, UnlinkIcon } from 'lucide-react';
import { useLocale } from '#components/locale.tsx';
import { Time } from '#components/time.tsx';
import { Button } from '#components/ui/button.tsx';
import { useChain } from '#hooks/use-history.ts';
import { formatNumber } from '#lib/format.ts';

/** Says whether the audit trail is whole: each entry holds the hash of the one before it, and the account knows the last. */
export function ChainMark({ organization }: { organization: string }) {
  const locale = useLocale();
  const { data, isError, isFetching, refetch } = useChain(organization);
  return (
    <p
      role="status"
      data-chain={data ? (data.whole ? 'whole' : 'broken') : 'unknown'}
      className="flex min-h-6 items-center gap-1.5 text-muted-foreground text-xs"
    >
      {isFetching ? (
        'Checking the audit trail…'
      ) : data?.whole ? (
        <>
          <LinkIcon aria-hidden className="size-3.5 text-fine" />
          <span>
            Audit trail whole: {formatNumber(data.entries, locale)} {data.entries === 1 ? 'entry' : 'entries'}, checked
            at <Time at={data.checkedAt} style="time" />.
          </span>
        </>
      ) : data?.broken ? (
        <>
          <UnlinkIcon aria-hidden className="size-3.5 text-stopped" />
          <span className="text-stopped">
            Audit trail broken at entry {formatNumber(data.broken.sequence, locale)}: {data.broken.why}.
          </span>
        </>
      ) : isError ? (
        'The audit trail could not be checked just now.'
      ) : null}
      {isFetching ? null : (
        <Button variant="link" className="text-xs" onClick={() => void refetch()}>
          Check again
        </Button>
      )}
    </p>
  );
}
