import type { Metadata } from 'next';
import { Card } from '#components/ui/card.tsx';
import { NewOrganizationForm } from '#features/accounts/new-organization-form.tsx';
import { simulatorUrl } from '#server/environment.ts';
import { pagePerson } from '#server/page-access.ts';

export const metadata: Metadata = { title: 'New organization' };

export default async function NewOrganizationPage() {
  await pagePerson('/organizations/new');
  return (
    <div className="mx-auto max-w-md">
      <h1 className="font-semibold text-3xl tracking-tight">New organization</h1>
      <p className="mt-1 mb-6 text-muted-foreground">
        {simulatorUrl() === null
          ? 'You will be its owner. Its seats begin when an operator has linked its Stripe subscription.'
          : 'You will be its owner. In this demo it begins with five seats at the simulated Stripe, and one of them is yours.'}
      </p>
      <Card>
        <NewOrganizationForm />
      </Card>
    </div>
  );
}
