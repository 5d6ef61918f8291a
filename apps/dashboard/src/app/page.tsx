import { headers } from 'next/headers';
import { DoorClosed } from '#components/door-closed.tsx';
import { OrganizationCard } from '#components/organizations/organization-card.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { demoOrganizations, isDemoSession } from '#server/demo-session.ts';
import { firstReading } from '#server/first-reading.ts';
import { logger } from '#server/logger.ts';

export default async function HomePage() {
  if (!isDemoSession((await headers()).get('host'))) return <DoorClosed />;
  const organizations = await listedOrganizations();
  return (
    <>
      <h1 className="font-semibold text-3xl tracking-tight">Organizations</h1>
      <p className="mt-1 mb-6 max-w-prose text-muted-foreground">
        Each one has its seats in the database and a quantity at Stripe. Open one to change its seats and to see both
        numbers meet.
      </p>
      {organizations === null ? (
        <Banner tone="caution" title="The database cannot be read at the moment.">
          <p>Nothing is lost. Reload the page in a moment.</p>
        </Banner>
      ) : organizations.length === 0 ? (
        <Banner title="No organization is linked yet.">
          <p>
            <code className="font-mono">seatbelt link</code> adopts an existing Stripe subscription for one.
          </p>
        </Banner>
      ) : (
        <ul className="grid gap-5 md:grid-cols-2">
          {organizations.map(({ organization, reading }) => (
            <li key={organization}>
              <OrganizationCard organization={organization} initial={reading.is === 'read' ? reading : undefined} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

async function listedOrganizations() {
  try {
    const organizations = await demoOrganizations();
    return await Promise.all(
      organizations.map(async (organization) => ({ organization, reading: await firstReading(organization) })),
    );
  } catch (error) {
    logger.warn({ err: error }, 'The organizations could not be listed.');
    return null;
  }
}
