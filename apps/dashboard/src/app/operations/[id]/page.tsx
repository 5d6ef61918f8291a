import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { StaffOrganizationScreen } from '#features/operations/organization-screen.tsx';
import { decoded } from '#lib/decoded.ts';
import { firstReading } from '#server/first-reading.ts';
import { mayUseOperations } from '#server/operators.ts';
import { pagePerson } from '#server/page-access.ts';

interface Props {
  readonly params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Operations: ${decoded((await params).id)}` };
}

export default async function StaffOrganizationPage({ params }: Props) {
  const organization = decoded((await params).id);
  const person = await pagePerson(`/operations/${encodeURIComponent(organization)}`);
  if (!mayUseOperations(person)) notFound();
  if ((await firstReading(organization)).is === 'unknown_organization') notFound();
  return <StaffOrganizationScreen organization={organization} />;
}
