import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { BillingScreen } from '#components/billing/billing-screen.tsx';
import { DoorClosed } from '#components/door-closed.tsx';
import { isDemoSession } from '#server/demo-session.ts';

interface Props {
  readonly params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Seats of ${decodeURIComponent((await params).id)}` };
}

export default async function BillingPage({ params }: Props) {
  if (!isDemoSession((await headers()).get('host'))) return <DoorClosed />;
  const organization = decodeURIComponent((await params).id);
  return (
    <>
      <OrganizationTitle organization={organization} />
      <BillingScreen organization={organization} initial={undefined} demo />
    </>
  );
}

function OrganizationTitle({ organization }: { organization: string }) {
  return (
    <div className="mb-6">
      <p className="text-muted-foreground text-sm">Organization</p>
      <h1 className="break-words font-semibold text-3xl tracking-tight">{organization}</h1>
    </div>
  );
}
