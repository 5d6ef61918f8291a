import type { Metadata } from 'next';
import { KeysScreen } from '#features/api-keys/keys-screen.tsx';
import { pageAccess } from '#server/page-access.ts';

export const metadata: Metadata = { title: 'API keys' };

interface Props {
  readonly params: Promise<{ id: string }>;
}

export default async function KeysPage({ params }: Props) {
  const organization = decodeURIComponent((await params).id);
  await pageAccess(organization, 'keys:manage', `/organizations/${encodeURIComponent(organization)}/keys`);
  return <KeysScreen organization={organization} />;
}
