import type { Metadata } from 'next';
import { Suspense } from 'react';
import { MembersScreen } from '#features/members/members-screen.tsx';
import { firstReading } from '#server/first-reading.ts';
import { pageAccess } from '#server/page-access.ts';
import { PageSkeleton } from '../page-skeleton.tsx';

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
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Members organization={organization} mayChange={access.may('members:change')} />
    </Suspense>
  );
}

/** Waits for the seats, for whom the answer has begun already. */
async function Members({ organization, mayChange }: { organization: string; mayChange: boolean }) {
  const reading = await firstReading(organization);
  return (
    <MembersScreen
      organization={organization}
      initial={reading.is === 'read' ? reading : undefined}
      mayChange={mayChange}
    />
  );
}
