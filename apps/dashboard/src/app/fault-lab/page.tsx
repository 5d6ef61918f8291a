import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { notFound } from 'next/navigation';
import { FaultLabScreen } from '#features/fault-lab/fault-lab-screen.tsx';
import { labExists, readLab } from '#features/fault-lab/server/lab.ts';

export const metadata: Metadata = { title: 'Fault lab' };

/** Only in the demo; elsewhere there is no such page. */
export default async function FaultLabPage() {
  if (!labExists((await headers()).get('host'))) notFound();
  return <FaultLabScreen initial={readLab().run} />;
}
