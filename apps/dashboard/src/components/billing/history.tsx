'use client';

import { ChevronRightIcon } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type { ChangeBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Time } from '#components/time.tsx';
import { Badge, type Tone } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { queryOf } from '#features/history/filters.ts';
import { useFilters } from '#features/history/use-filters.ts';
import { useHistory } from '#hooks/use-history.ts';
import { actorName, changeTitle } from '#lib/change-sentences.ts';
import { cn } from '#lib/class-names.ts';
import { formatNumber } from '#lib/format.ts';
import { ChainMark } from './chain-mark.tsx';
import { ChangeDetail } from './change-detail.tsx';
import { HistoryChips } from './history-chips.tsx';
import { HistoryTools } from './history-tools.tsx';

const statusNames: Record<ChangeBody['status'], { label: string; tone: Tone }> = {
  requested: { label: 'Requested', tone: 'accent' },
  in_doubt: { label: 'In doubt', tone: 'caution' },
  awaiting_payment: { label: 'Awaiting payment', tone: 'caution' },
  rollback_pending: { label: 'Rolling back', tone: 'caution' },
  scheduled: { label: 'Scheduled', tone: 'neutral' },
  awaiting_approval: { label: 'Awaiting approval', tone: 'caution' },
  applied: { label: 'Applied', tone: 'fine' },
  rolled_back: { label: 'Rolled back', tone: 'stopped' },
};

export function History({
  organization,
  busy,
  className,
}: {
  organization: string;
  /** Something is open, and nothing tells this screen when it moves. */
  busy: boolean;
  className?: string;
}) {
  const { filters, asked, setFilters } = useFilters();
  const history = useHistory(organization, asked, { busy });
  const entries = history.data?.pages.flatMap((page) => page.entries) ?? [];
  const filtered = queryOf(asked).size > 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = history;

  // A page may hold nothing that fits although there is more behind it; then the next one is looked through at once.
  const lookOn = hasNextPage && !isFetchingNextPage && entries.length === 0;
  useEffect(() => {
    if (lookOn) void fetchNextPage();
  }, [lookOn, fetchNextPage]);

  return (
    <Card aria-labelledby="history-title" className={cn('px-0 pb-1 sm:px-0 sm:pb-1', className)}>
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 px-5 sm:px-6">
        <CardTitle id="history-title">History</CardTitle>
        <ChainMark organization={organization} />
      </div>
      <HistoryTools organization={organization} filters={filters} asked={asked} onFilters={setFilters} />
      <HistoryChips filters={filters} onFilters={setFilters} />
      {history.data ? (
        entries.length === 0 ? (
          <p className="px-5 pt-2 pb-4 text-muted-foreground text-sm sm:px-6">
            {hasNextPage || isFetchingNextPage
              ? 'Looking further back…'
              : filtered
                ? 'No change fits. Take a filter away to see more.'
                : 'No change yet. Each one will be listed here with who asked for it, what Stripe answered, and every step in between.'}
          </p>
        ) : (
          <ul className="mt-3 divide-y">
            {entries.map(({ change }) => (
              <ChangeRow key={change.id} organization={organization} change={change} />
            ))}
          </ul>
        )
      ) : history.isError ? (
        <p className="px-5 pt-2 pb-4 text-muted-foreground text-sm sm:px-6">
          The history cannot be read at the moment. It is asked for again.
        </p>
      ) : (
        <div className="mt-4 space-y-4 px-5 pb-4 sm:px-6">
          {['first', 'second', 'third'].map((row) => (
            <Skeleton key={row} className="h-10" />
          ))}
        </div>
      )}
      {hasNextPage && entries.length > 0 ? (
        <div className="px-5 pt-2 pb-3 sm:px-6">
          <Button
            variant="outline"
            size="small"
            aria-disabled={isFetchingNextPage}
            onClick={() => {
              if (!isFetchingNextPage) void fetchNextPage();
            }}
          >
            {isFetchingNextPage ? 'Reading…' : 'Show older changes'}
          </Button>
        </div>
      ) : null}
    </Card>
  );
}

function ChangeRow({ organization, change }: { organization: string; change: ChangeBody }) {
  const locale = useLocale();
  const [open, setOpen] = useState(false);
  const detailId = useId();
  const status = statusNames[change.status];
  const moved = change.seatsAfter - change.seatsBefore;
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={open ? detailId : undefined}
        onClick={() => setOpen(!open)}
        className="group -outline-offset-2 grid w-full cursor-pointer grid-cols-[auto_1fr_auto] items-center gap-x-3 px-5 py-3 text-left transition-colors hover:bg-muted/60 sm:px-6"
      >
        <ChevronRightIcon
          aria-hidden
          className="size-4 text-muted-foreground transition-transform group-aria-expanded:rotate-90"
        />
        <span className="min-w-0">
          <span className="block font-medium text-sm">{changeTitle(change, locale)}</span>
          <span className="block truncate text-muted-foreground text-xs">
            {actorName(change.actor)} · <Time at={change.requestedAt} />
            {change.reason ? ` · ${change.reason}` : ''}
          </span>
        </span>
        <span className="flex items-center gap-3">
          {moved !== 0 ? (
            <span className="hidden text-muted-foreground text-sm tabular-nums sm:inline">
              {formatNumber(change.seatsBefore, locale)} → {formatNumber(change.seatsAfter, locale)}
            </span>
          ) : null}
          <Badge tone={status.tone}>{status.label}</Badge>
        </span>
      </button>
      {open ? (
        <div id={detailId} className="border-t bg-muted/40 px-5 py-4 sm:px-6">
          <ChangeDetail organization={organization} id={change.id} />
        </div>
      ) : null}
    </li>
  );
}
