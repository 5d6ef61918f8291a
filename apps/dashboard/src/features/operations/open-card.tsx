'use client';

import { PlaceLink } from '#components/place-link.tsx';
import { Time } from '#components/time.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Card, CardTitle } from '#components/ui/card.tsx';
import type { OperationsBody } from './contract.ts';
import { causeSentence, lasting } from './words.ts';

/** What is in doubt and for how long, what waits, and what is open. */
export function DoubtCard({ counts, causes, readAt }: Pick<OperationsBody, 'counts' | 'causes' | 'readAt'>) {
  const since = counts.inDoubtSince === null ? null : Date.parse(readAt) - Date.parse(counts.inDoubtSince);
  return (
    <Card aria-labelledby="doubt-title">
      <CardTitle id="doubt-title">In doubt and waiting</CardTitle>
      <ul className="mt-3 space-y-1.5 text-sm">
        <li>
          {counts.inDoubt === 0
            ? 'Nothing is in doubt.'
            : `${counts.inDoubt} in doubt, the oldest for ${lasting(since ?? 0)}.`}
        </li>
        <li>{counts.awaitingPayment === 0 ? 'Nothing waits' : `${counts.awaitingPayment} waiting`} for a payment.</li>
        <li>
          {counts.waitingChanges === 0
            ? 'Every accepted change has ended.'
            : counts.waitingChanges === 1
              ? '1 accepted change has not ended.'
              : `${counts.waitingChanges} accepted changes have not ended.`}
        </li>
      </ul>
      <h3 className="mt-4 font-medium text-sm">Differences by cause</h3>
      {causes.length === 0 ? (
        <p className="mt-1 text-muted-foreground text-sm">There are none.</p>
      ) : (
        <ul className="mt-1 space-y-1 text-sm">
          {causes.map(({ cause, accounts }) => (
            <li key={cause ?? 'none'}>
              <span className="font-medium tabular-nums">{accounts}:</span> {causeSentence(cause)}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function IncidentsCard({ incidents }: Pick<OperationsBody, 'incidents'>) {
  return (
    <Card aria-labelledby="incidents-title">
      <CardTitle id="incidents-title">Open incidents</CardTitle>
      {incidents.length === 0 ? (
        <p className="mt-3 text-muted-foreground text-sm">None. Each closes itself when what it tells of is over.</p>
      ) : (
        <ul className="mt-2 divide-y text-sm">
          {incidents.map(({ id, organization, kind, action, message, openedAt }) => (
            <li key={id} className="py-3">
              <div className="flex flex-wrap items-baseline justify-between gap-2">
                <PlaceLink
                  href={`/operations/${encodeURIComponent(organization)}`}
                  className="font-medium text-primary underline-offset-4 wrap-anywhere hover:underline"
                >
                  {organization}
                </PlaceLink>
                <Badge tone={action === 'act' ? 'stopped' : 'caution'}>{action === 'act' ? 'Act' : 'Watch'}</Badge>
              </div>
              <p className="mt-0.5 wrap-anywhere">{message}</p>
              <p className="text-muted-foreground">
                {kind.replaceAll('_', ' ')}, since <Time at={openedAt} style="second" />
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** What staff did lately, with their reasons. What it did to an organization is in that organization's own trail. */
export function ActsCard({ acts }: Pick<OperationsBody, 'acts'>) {
  return (
    <Card aria-labelledby="acts-title">
      <CardTitle id="acts-title">What staff did</CardTitle>
      {acts.length === 0 ? (
        <p className="mt-3 text-muted-foreground text-sm">
          Nothing yet. Everything done here is listed with its reason.
        </p>
      ) : (
        <ul className="mt-2 divide-y text-sm">
          {acts.map(({ id, at, actor, act, organization, reason, failed }) => (
            <li key={id} className="py-2.5 wrap-anywhere">
              <span className="font-medium">{act}</span>
              {organization === null ? '' : `, ${organization}`}: {reason}
              <span className="block text-muted-foreground">
                <Time at={at} style="second" /> by {actor}
              </span>
              {failed === null ? null : <span className="block text-stopped">Not done: {failed}</span>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
