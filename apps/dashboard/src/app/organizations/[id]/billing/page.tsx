import type { Metadata } from 'next';
import { headers } from 'next/headers';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { BillingScreen } from '#components/billing/billing-screen.tsx';
import { DoorClosed } from '#components/door-closed.tsx';
import { isDemoSession } from '#server/demo-session.ts';
import { simulatorUrl } from '#server/environment.ts';
import { firstReading } from '#server/first-reading.ts';

interface Props {
  readonly params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Seats of ${decodeURIComponent((await params).id)}` };
}

export default async function BillingPage({ params }: Props) {
  if (!isDemoSession((await headers()).get('host'))) return <DoorClosed />;
  const organization = decodeURIComponent((await params).id);
  const reading = await firstReading(organization);
  if (reading.is === 'unknown_organization') notFound();
  return (
    <>
      <nav aria-label="Where you are" className="text-muted-foreground text-sm">
        <Link href="/" className="rounded underline-offset-4 hover:text-foreground hover:underline">
          Organizations
        </Link>
      </nav>
      <h1 className="mt-1 mb-6 break-words font-semibold text-3xl tracking-tight">{organization}</h1>
      <BillingScreen
        organization={organization}
        initial={reading.is === 'read' ? reading : undefined}
        demo={simulatorUrl() !== null}
      />
    </>
  );
}
