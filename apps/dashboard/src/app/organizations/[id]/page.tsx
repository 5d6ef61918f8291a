import { redirect } from 'next/navigation';

/** An organization's first page is its seats, until there are others. */
export default async function OrganizationPage({ params }: { params: Promise<{ id: string }> }) {
  redirect(`/organizations/${(await params).id}/billing`);
}
