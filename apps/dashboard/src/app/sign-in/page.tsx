import type { Metadata } from 'next';
import { Card } from '#components/ui/card.tsx';
import { nextPage } from '#features/accounts/next-page.ts';
import { SignInForm } from '#features/accounts/sign-in-form.tsx';
import { mailOnScreen } from '#server/mail.ts';

export const metadata: Metadata = { title: 'Sign in' };

interface Props {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function SignInPage({ searchParams }: Props) {
  const query = await searchParams;
  return (
    <div className="mx-auto max-w-md">
      <h1 className="mb-6 font-semibold text-3xl tracking-tight">Sign in</h1>
      <Card>
        <SignInForm
          purpose="sign-in"
          next={nextPage(query.next)}
          mail={mailOnScreen()}
          linkFailed={query.link === 'failed'}
          confirming={query.confirm === 'address'}
        />
      </Card>
    </div>
  );
}
