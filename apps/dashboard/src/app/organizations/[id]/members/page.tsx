import type { Metadata } from 'next';
import { MembersScreen } from '#features/members/members-screen.tsx';
import { firstReading } from '#server/first-reading.ts';
import { pageAccess } from '#server/page-access.ts';

export const metadata: Metadata = { title: 'Members' };

interface Props {
  readonly params: Promise<{ id: string }>;
}

export default async function MembersPage({ params }: Props) {
  const organization = decodeURIComponent((await params).id);
  const access = await pageAccess(
    organization,
    'members:read',
    `/organizations/${encodeURIComponent(organization)}/members`,
  );
  const reading = await firstReading(organization);
  return (
    <MembersScreen
      organization={organization}
      initial={reading.is === 'read' ? reading : undefined}
      mayChange={access.may('members:change')}
    />
  );
}
