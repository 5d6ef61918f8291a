import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { OperationsScreen } from '#features/operations/operations-screen.tsx';
import { mayUseOperations } from '#server/operators.ts';
import { pagePerson } from '#server/page-access.ts';

export const metadata: Metadata = { title: 'Operations' };

export default async function OperationsPage() {
  if (!mayUseOperations(await pagePerson('/operations'))) notFound();
  return <OperationsScreen />;
}
