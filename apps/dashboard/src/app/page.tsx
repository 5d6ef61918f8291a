import { OrganizationCard } from '#components/organizations/organization-card.tsx';
import { PlaceLink } from '#components/place-link.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { buttonLook } from '#components/ui/button.tsx';
import { ConfirmAddress } from '#features/accounts/confirm-address.tsx';
import { organizationsOf } from '#features/accounts/server/organizations.ts';
import type { PersonCaller } from '#server/caller.ts';
import { firstReading } from '#server/first-reading.ts';
import { logger } from '#server/logger.ts';
import { sendsMail } from '#server/mail.ts';
import { pagePerson } from '#server/page-access.ts';

interface Props {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function HomePage({ searchParams }: Props) {
  const person = await pagePerson('/');
  const [organizations, query] = await Promise.all([listedOrganizations(person), searchParams]);
  return (
    <>
      {!person.addressConfirmed && sendsMail() ? (
        <ConfirmAddress email={person.email} linkFailed={query.error !== undefined} />
      ) : query.address === 'confirmed' && person.addressConfirmed && !person.visitor ? (
        <Banner className="mb-6" title="Your address is confirmed." />
      ) : null}
      <div className="mb-6 flex flex-wrap items-start justify-between gap-4">
        <div>
          <h1 className="font-semibold text-3xl tracking-tight">Organizations</h1>
          <p className="mt-1 max-w-prose text-muted-foreground">
            Each one has its seats in the database and a quantity at Stripe. Open one to change its seats and to see
            both numbers meet.
          </p>
        </div>
        <PlaceLink href="/organizations/new" className={buttonLook({ variant: 'outline' })}>
          New organization
        </PlaceLink>
      </div>
      {organizations === null ? (
        <Banner tone="caution" title="The database cannot be read at the moment.">
          <p>Nothing is lost. Reload the page in a moment.</p>
        </Banner>
      ) : organizations.length === 0 ? (
        <Banner title="You do not belong to an organization yet.">
          <p>Found one, or open the link of an invitation that was sent to you.</p>
        </Banner>
      ) : (
        <ul className="grid grid-cols-[minmax(0,1fr)] gap-5 md:grid-cols-[repeat(2,minmax(0,1fr))]">
          {organizations.map(({ id, name, reading }) => (
            <li key={id}>
              <OrganizationCard organization={id} name={name} initial={reading.is === 'read' ? reading : undefined} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

async function listedOrganizations(person: PersonCaller) {
  try {
    const organizations = await organizationsOf(person);
    return await Promise.all(
      organizations.map(async ({ id, name }) => ({ id, name, reading: await firstReading(id) })),
    );
  } catch (error) {
    logger.warn({ err: error }, 'The organizations could not be listed.');
    return null;
  }
}
