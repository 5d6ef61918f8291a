'use client';

import { CircleCheckIcon } from 'lucide-react';
import { useLocale } from '#components/locale.tsx';
import { PlaceLink } from '#components/place-link.tsx';
import { Time } from '#components/time.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { formatNumber } from '#lib/format.ts';
import type { OperationsBody, WrongAccount } from './contract.ts';
import { StaffActions } from './staff-actions.tsx';
import { causeSentence, costOf, money, trendSentence, whatIsWrong } from './words.ts';

/** The first question of whoever is called at night: who may be charged wrongly, how much, is it growing, what now. */
export function WrongCard({ wrong, cutShort }: { wrong: OperationsBody['wrong']; cutShort: boolean }) {
  const locale = useLocale();
  const time = (iso: string) => new Date(iso).toLocaleTimeString(locale, { timeStyle: 'short' });
  const { accounts } = wrong;
  const needPerson = accounts.filter(({ healsByItself }) => !healsByItself).length;
  return (
    <Card aria-labelledby="wrong-title" data-wrong={accounts.length}>
      <CardTitle id="wrong-title" tabIndex={-1}>
        Who may be charged wrongly
      </CardTitle>
      {accounts.length === 0 ? (
        <p className="mt-3 flex items-center gap-2">
          <CircleCheckIcon aria-hidden className="size-5 text-fine" />
          Nobody, as far as everything that was looked at shows.
        </p>
      ) : (
        <dl className="mt-3 grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
          <Figure label="Organizations" value={`${formatNumber(accounts.length, locale)}${cutShort ? '+' : ''}`} />
          <Figure
            label="At risk"
            value={wrong.money.length === 0 ? 'unknown' : wrong.money.map((sum) => money(sum, locale)).join(', ')}
            hint={wrong.unpriced === 0 || wrong.money.length === 0 ? '' : `and ${wrong.unpriced} of unknown price`}
          />
          <Figure label="Heal by themselves" value={formatNumber(accounts.length - needPerson, locale)} />
          <Figure label="Need a person" value={formatNumber(needPerson, locale)} />
        </dl>
      )}
      <CardHint className="mt-3">{trendSentence(wrong, time)}</CardHint>
      {accounts.length === 0 ? null : (
        <ul className="mt-4 divide-y border-t">
          {accounts.map((account) => (
            <WrongRow key={account.organization} account={account} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function WrongRow({ account }: { account: WrongAccount }) {
  return (
    <li className="py-4" data-organization={account.organization}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <PlaceLink
          href={`/operations/${encodeURIComponent(account.organization)}`}
          className="min-w-0 font-medium text-primary underline-offset-4 wrap-anywhere hover:underline"
        >
          {account.organization}
        </PlaceLink>
        <span className="flex gap-2">
          <Badge tone={account.kind === 'in_doubt' ? 'caution' : 'stopped'}>
            {account.kind === 'in_doubt' ? 'In doubt' : 'Differs'}
          </Badge>
          {account.paused ? <Badge>On hold</Badge> : null}
        </span>
      </div>
      <WrongFacts account={account} />
      {account.actions.length === 0 ? null : (
        <div className="mt-3">
          <StaffActions
            organization={account.organization}
            actions={account.actions}
            numbers={account}
            afterwards="wrong-title"
          />
        </div>
      )}
    </li>
  );
}

/** What is wrong, what it costs, since when and why, and what happens next. */
export function WrongFacts({ account }: { account: WrongAccount }) {
  const locale = useLocale();
  return (
    <div className="mt-1 text-sm">
      <p>
        {whatIsWrong(account, locale)} Cost of the difference: {costOf(account, locale)}.
      </p>
      <p className="text-muted-foreground">
        Since <Time at={account.since} style="second" />
        {account.kind === 'differs' ? `; ${causeSentence(account.cause)}` : ''}.{' '}
        {account.healsByItself && account.nextAt !== null ? (
          <>
            Heals by itself: the next try is at <Time at={account.nextAt} style="time" />.
          </>
        ) : (
          'Does not end by itself: nothing grows until a person says which side counts.'
        )}
      </p>
    </div>
  );
}

export function Figure({ label, value, hint = '' }: { label: string; value: string; hint?: string }) {
  return (
    <div>
      <dt className="text-muted-foreground text-sm">{label}</dt>
      <dd className="font-semibold text-xl tabular-nums leading-snug wrap-anywhere">{value}</dd>
      {hint === '' ? null : <dd className="text-muted-foreground text-xs">{hint}</dd>}
    </div>
  );
}
