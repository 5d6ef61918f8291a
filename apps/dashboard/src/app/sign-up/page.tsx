import type { Metadata } from 'next';
import { Card } from '#components/ui/card.tsx';
import { nextPage } from '#features/accounts/next-page.ts';
import { SignInForm } from '#features/accounts/sign-in-form.tsx';
import { mailOnScreen } from '#server/mail.ts';

export const metadata: Metadata = { title: 'Make an account' };

interface Props {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function SignUpPage({ searchParams }: Props) {
  const query = await searchParams;
  return (
    <div className="mx-auto max-w-md">
      <h1 className="mb-6 font-semibold text-3xl tracking-tight">Make an account</h1>
      <Card>
        <SignInForm
          purpose="sign-up"
          next={nextPage(query.next)}
          mail={mailOnScreen()}
          linkFailed={query.link === 'failed'}
        />
      </Card>
    </div>
  );
}
