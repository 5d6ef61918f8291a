'use client';

import { useState } from 'react';
import { useLocale } from '#components/locale.tsx';
import { PlaceLink } from '#components/place-link.tsx';
import { Time } from '#components/time.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { formatNumber } from '#lib/format.ts';
import type { OperationsBody } from './contract.ts';
import { ReasonForm } from './reason-form.tsx';
import { useSweep } from './use-operations.ts';
import { findingSentence } from './words.ts';

const states = {
  walking: 'Comparing everything that Stripe lists.',
  missing: 'Looking at what Stripe did not list.',
  finished: 'Finished.',
  stopped: 'It ended before everything was compared.',
} as const;
/** Only then has a person to say something; else the next one begins by itself. */
const atItsLimit = 'Stopped at its limit of changes; a person has to say that so many are right.';

/** Compares all of Stripe with the database: how far it is, and what it found. */
export function SweepCard({ sweep, findings }: Pick<OperationsBody, 'sweep' | 'findings'>) {
  const locale = useLocale();
  const [asked, setAsked] = useState<'dry' | 'apply' | null>(null);
  const begin = useSweep();
  const share = sweep === null || sweep.expected === 0 ? null : Math.min(1, sweep.linked / sweep.expected);
  return (
    <Card aria-labelledby="sweep-title" data-sweep={sweep?.state ?? 'none'}>
      <CardTitle id="sweep-title">Sweep</CardTitle>
      <CardHint>Compares every subscription at Stripe with the database, a hundred with each call.</CardHint>
      {sweep === null ? (
        <p className="mt-3 text-sm">There has been none yet. The first one should only report.</p>
      ) : (
        <div className="mt-3 text-sm">
          <p>
            <span className="font-medium">
              {sweep.state === 'stopped' && sweep.repairs >= sweep.repairLimit ? atItsLimit : states[sweep.state]}
            </span>{' '}
            {sweep.dryRun ? 'Only reports.' : 'Answers as the terms say.'} Begun <Time at={sweep.startedAt} />
            {sweep.finishedAt === null ? '' : '; over '}
            {sweep.finishedAt === null ? null : <Time at={sweep.finishedAt} style="time" />}.
          </p>
          {share !== null && sweep.finishedAt === null ? (
            <progress
              aria-label="Progress of the sweep"
              value={share}
              className="mt-2 h-2 w-full overflow-hidden rounded-full"
            />
          ) : null}
          <p className="mt-1 text-muted-foreground">
            {formatNumber(sweep.subscriptions, locale)} subscriptions read, {formatNumber(sweep.linked, locale)} of{' '}
            {formatNumber(sweep.expected, locale)} linked ones; {formatNumber(sweep.findings, locale)} found,{' '}
            {formatNumber(sweep.repairs, locale)} changed, {formatNumber(sweep.unlinked, locale)} not linked to anybody.
          </p>
          {findings.length === 0 ? null : (
            <ul aria-label="Found by the sweep" className="mt-3 space-y-2 border-t pt-3">
              {findings.map((finding) => (
                <li key={finding.number}>
                  {finding.organization === null ? (
                    finding.subscription
                  ) : (
                    <PlaceLink
                      href={`/operations/${encodeURIComponent(finding.organization)}`}
                      className="font-medium text-primary underline-offset-4 wrap-anywhere hover:underline"
                    >
                      {finding.organization}
                    </PlaceLink>
                  )}
                  : {findingSentence(finding)}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        <Button size="small" aria-expanded={asked === 'dry'} onClick={() => setAsked('dry')}>
          Sweep, report only
        </Button>
        <Button size="small" variant="outline" aria-expanded={asked === 'apply'} onClick={() => setAsked('apply')}>
          Sweep and answer
        </Button>
      </div>
      {asked === null ? null : (
        <ReasonForm
          key={asked}
          effect={
            asked === 'dry'
              ? 'Reads Stripe and changes nothing.'
              : "Answers what differs as each organization's terms say, at most 100 of them; then it stops and asks."
          }
          readers="No organization's screens show the reason."
          confirm="Begin"
          busy={begin.isPending}
          failed={begin.isError ? begin.error.message : null}
          onConfirm={(reason) => begin.mutate({ dryRun: asked === 'dry', reason }, { onSuccess: () => setAsked(null) })}
          onCancel={() => setAsked(null)}
        />
      )}
    </Card>
  );
}
