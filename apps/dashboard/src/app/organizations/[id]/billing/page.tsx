import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { BillingScreen } from '#components/billing/billing-screen.tsx';
import { ensureAccount } from '#features/accounts/server/organizations.ts';
import { decoded } from '#lib/decoded.ts';
import { billingTerms } from '#server/billing-terms.ts';
import { simulatorUrl } from '#server/environment.ts';
import { firstReading } from '#server/first-reading.ts';
import { pageAccess } from '#server/page-access.ts';

interface Props {
  readonly params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Seats of ${decoded((await params).id)}` };
}

export default async function BillingPage({ params }: Props) {
  const organization = decodeURIComponent((await params).id);
  const access = await pageAccess(
    organization,
    'seats:read',
    `/organizations/${encodeURIComponent(organization)}/billing`,
  );
  let reading = await firstReading(organization);
  if (reading.is === 'unknown_organization' && access.role === 'owner') {
    await ensureAccount(organization);
    reading = await firstReading(organization);
  }
  if (reading.is === 'unknown_organization') notFound();
  return (
    <BillingScreen
      organization={organization}
      initial={reading.is === 'read' ? reading : undefined}
      mayChange={access.may('seats:change')}
      mayApprove={access.role === 'owner'}
      terms={await billingTerms(organization)}
      demo={simulatorUrl() !== null}
    />
  );
}
