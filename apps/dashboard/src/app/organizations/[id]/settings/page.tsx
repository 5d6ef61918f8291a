import type { Metadata } from 'next';
import { Suspense } from 'react';
import { organizationName } from '#features/accounts/server/organizations.ts';
import { ownMembership } from '#features/members/server/own-membership.ts';
import { SettingsScreen } from '#features/settings/settings-screen.tsx';
import { pageAccess } from '#server/page-access.ts';
import { PageSkeleton } from '../page-skeleton.tsx';

export const metadata: Metadata = { title: 'Settings' };

interface Props {
  readonly params: Promise<{ id: string }>;
}

export default async function SettingsPage({ params }: Props) {
  const organization = decodeURIComponent((await params).id);
  const access = await pageAccess(
    organization,
    'seats:read',
    `/organizations/${encodeURIComponent(organization)}/settings`,
  );
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Settings
        organization={organization}
        mayRename={access.may('organization:update')}
        person={access.person.visitor ? null : access.person.id}
      />
    </Suspense>
  );
}

/** @param props.person who may leave; null: the demo's visitor, who belongs nowhere */
async function Settings({
  organization,
  mayRename,
  person,
}: {
  organization: string;
  mayRename: boolean;
  person: string | null;
}) {
  return (
    <SettingsScreen
      organization={organization}
      name={await organizationName(organization)}
      mayRename={mayRename}
      leaves={person !== null && (await ownMembership(organization, person)) !== null}
    />
  );
}
