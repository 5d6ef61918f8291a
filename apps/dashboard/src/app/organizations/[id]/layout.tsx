import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { OrganizationHead } from '#features/accounts/organization-head.tsx';
import { organizationHead } from '#features/accounts/server/organization-head.ts';
import { firstReading } from '#server/first-reading.ts';
import { pageAccess } from '#server/page-access.ts';

interface Props {
  readonly params: Promise<{ id: string }>;
  readonly children: ReactNode;
}

/** What all pages of one organization have in common: whose it is, and the way between them. Each page checks again what it shows. */
export default async function OrganizationLayout({ params, children }: Props) {
  const organization = decodeURIComponent((await params).id);
  const access = await pageAccess(organization, 'seats:read', `/organizations/${encodeURIComponent(organization)}`);
  // Staff may look at every organization, and so at none that does not exist.
  if (access.role === 'operator' && (await firstReading(organization)).is === 'unknown_organization') notFound();
  return (
    <>
      <OrganizationHead {...(await organizationHead(access))} />
      {children}
    </>
  );
}
