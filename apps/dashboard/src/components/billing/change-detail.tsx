'use client';

import type { AuditBody } from 'seatbelt/http';
import { Copyable } from '#components/copyable.tsx';
import { useLocale } from '#components/locale.tsx';
import { Time } from '#components/time.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useChange } from '#hooks/use-seats.ts';
import { actorName, moneySentence, rolledBackReason } from '#lib/change-sentences.ts';
import { formatNumber } from '#lib/format.ts';

/** One change with the push that carried it and every audit entry, oldest first. */
export function ChangeDetail({ organization, id }: { organization: string; id: string }) {
  const locale = useLocale();
  const { data, isError } = useChange(organization, id);
  if (isError && !data) {
    return (
      <p className="text-muted-foreground text-sm">The entries cannot be read at the moment. They are still there.</p>
    );
  }
  if (!data) return <Skeleton className="h-24" />;
  const { change, push, audit } = data;
  return (
    <div className="wrap-anywhere space-y-4">
      <p className="text-sm">
        {change.status === 'rolled_back' ? `${rolledBackReason(change)} ` : ''}
        {change.endedAt === null ? 'It has not ended yet.' : moneySentence(change, locale)}
      </p>
      <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-2">
        <Fact label="Change">
          <Copyable text={change.id} />
        </Fact>
        {push ? (
          <Fact label="Quantity at Stripe">
            <span className="tabular-nums">
              {formatNumber(push.fromQuantity, locale)} → {formatNumber(push.targetQuantity, locale)}, {push.outcome}
            </span>
          </Fact>
        ) : null}
        {push?.stripeRequestId ? (
          <Fact label="Stripe request">
            <Copyable text={push.stripeRequestId} />
          </Fact>
        ) : null}
        {change.code ? (
          <Fact label="Code">
            <code className="font-mono text-xs">{change.code}</code>
          </Fact>
        ) : null}
      </dl>
      <ol className="space-y-3">
        {audit.map((entry) => (
          <AuditEntry key={entry.sequence} entry={entry} />
        ))}
      </ol>
    </div>
  );
}

function AuditEntry({ entry }: { entry: AuditBody }) {
  const locale = useLocale();
  const counts =
    entry.seatCountBefore === entry.seatCountAfter
      ? `${formatNumber(entry.seatCountAfter, locale)} seats`
      : `${formatNumber(entry.seatCountBefore, locale)} → ${formatNumber(entry.seatCountAfter, locale)} seats`;
  const settled =
    entry.settledBefore === entry.settledAfter
      ? ''
      : `, confirmed ${formatNumber(entry.settledBefore, locale)} → ${formatNumber(entry.settledAfter, locale)}`;
  return (
    <li className="border-l-2 pl-3 text-sm">
      <p>{entry.note}</p>
      <p className="mt-0.5 flex flex-wrap gap-x-2 text-muted-foreground text-xs">
        <span className="tabular-nums">#{entry.sequence}</span>
        <Time at={entry.at} style="second" />
        <span>{actorName(entry.actor)}</span>
        <span className="tabular-nums">
          {counts}
          {settled}
        </span>
        {entry.stripeRequestId ? <Copyable text={entry.stripeRequestId} /> : null}
        <Copyable text={entry.hash} shown={entry.hash.slice(0, 12)} label="hash" />
      </p>
    </li>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted-foreground text-xs">{label}</dt>
      <dd className="min-w-0 break-all">{children}</dd>
    </div>
  );
}
