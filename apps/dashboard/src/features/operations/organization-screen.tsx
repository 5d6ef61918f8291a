'use client';

import { useLocale } from '#components/locale.tsx';
import { PlaceLink } from '#components/place-link.tsx';
import { Time } from '#components/time.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { Card, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { formatNumber } from '#lib/format.ts';
import type { OrganizationBody, StaffAction } from './contract.ts';
import { StaffActions } from './staff-actions.tsx';
import { useStaffOrganization } from './use-operations.ts';
import { afterColon } from './words.ts';
import { Figure, WrongFacts } from './wrong-card.tsx';

/** One organization as the host's staff see it: both sides, what is wrong, what can be done, what was done. */
export function StaffOrganizationScreen({ organization }: { organization: string }) {
  const { data, error } = useStaffOrganization(organization);
  return (
    <>
      <p className="text-sm">
        <PlaceLink href="/operations" className="text-primary underline-offset-4 hover:underline">
          Operations
        </PlaceLink>
      </p>
      <h1 className="mt-1 mb-6 font-semibold text-3xl tracking-tight wrap-anywhere">{organization}</h1>
      {error ? (
        <Banner tone="caution" title="This organization cannot be read." className="mb-5">
          <p>{error.message}</p>
        </Banner>
      ) : null}
      {data === undefined ? (
        error ? null : (
          <Skeleton className="h-56 w-full rounded-xl" />
        )
      ) : (
        <div className="space-y-5">
          <NumbersCard body={data} />
          <ChangesCard changes={data.changes} />
        </div>
      )}
    </>
  );
}

function NumbersCard({ body }: { body: OrganizationBody }) {
  const locale = useLocale();
  const { seats, stripe, wrong, organization, paused } = body;
  const quantity = stripe.known ? stripe.quantity : null;
  const actions: readonly StaffAction[] = wrong?.actions ?? [paused ? 'resume' : 'hold'];
  return (
    <Card aria-labelledby="numbers-title" data-account-status={seats.status}>
      <CardTitle id="numbers-title" tabIndex={-1}>
        Both sides
      </CardTitle>
      <dl className="mt-3 grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-4">
        <Figure label="Stripe bills" value={quantity === null ? 'unknown' : formatNumber(quantity, locale)} />
        <Figure label="Settled" value={formatNumber(seats.settledSeats, locale)} />
        <Figure label="Seats" value={formatNumber(seats.purchasedSeats, locale)} />
        <Figure label="In use" value={formatNumber(seats.usedSeats, locale)} />
      </dl>
      <div className="mt-4">
        {wrong === null ? (
          <p className="text-sm">Nothing shows that this organization is charged wrongly.</p>
        ) : (
          <WrongFacts account={wrong} />
        )}
        {seats.hold ? <p className="mt-2 text-sm">{seats.hold.message}</p> : null}
        {seats.pausedReason ? <p className="mt-2 text-sm">On hold: {seats.pausedReason}</p> : null}
      </div>
      <div className="mt-4">
        <StaffActions
          afterwards="numbers-title"
          organization={organization}
          actions={actions}
          numbers={wrong ?? { observed: quantity, expected: seats.settledSeats }}
        />
      </div>
    </Card>
  );
}

function ChangesCard({ changes }: Pick<OrganizationBody, 'changes'>) {
  return (
    <Card aria-labelledby="changes-title">
      <CardTitle id="changes-title">Latest changes</CardTitle>
      {changes.length === 0 ? (
        <p className="mt-3 text-muted-foreground text-sm">There has been none.</p>
      ) : (
        <ul className="mt-2 divide-y text-sm">
          {changes.map(
            ({ id, kind, status, quantity, seatsBefore, seatsAfter, actor, reason, message, requestedAt }) => (
              <li key={id} className="py-2.5">
                <span className="font-medium">
                  {kind} {quantity}
                </span>
                : {seatsBefore} → {seatsAfter}, {status.replaceAll('_', ' ')}
                <span className="block text-muted-foreground wrap-anywhere">
                  <Time at={requestedAt} style="second" /> by {actor}
                  {afterColon([reason, message])}
                </span>
              </li>
            ),
          )}
        </ul>
      )}
    </Card>
  );
}
