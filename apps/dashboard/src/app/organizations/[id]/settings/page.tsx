import type { Metadata } from 'next';
import { organizationName } from '#features/accounts/server/organizations.ts';
import { ownMembership } from '#features/members/server/own-membership.ts';
import { SettingsScreen } from '#features/settings/settings-screen.tsx';
import { pageAccess } from '#server/page-access.ts';

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
    <SettingsScreen
      organization={organization}
      name={await organizationName(organization)}
      mayRename={access.may('organization:update')}
      leaves={access.person.visitor ? false : (await ownMembership(organization, access.person.id)) !== null}
    />
  );
}
