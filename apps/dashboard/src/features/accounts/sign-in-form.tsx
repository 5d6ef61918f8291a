'use client';

import { type FormEvent, useState } from 'react';
import { PlaceLink } from '#components/place-link.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import type { MailOnScreen } from '#server/mail.ts';
import { SignInFailed, sendMagicLink, signIn, signUp } from './auth-client.ts';

type State =
  | { readonly is: 'idle' }
  | { readonly is: 'busy' }
  | { readonly is: 'sent' }
  | { readonly is: 'failed'; readonly sentence: string };

/** Signs in, or makes an account: the same form with one field more. */
export function SignInForm({
  purpose,
  next,
  email: invited,
  mail,
  linkFailed = false,
  confirming = false,
}: {
  purpose: 'sign-in' | 'sign-up';
  /** The page of ours to go to afterwards. */
  next: string;
  /** The address that was invited; it is the one to use. */
  email?: string | undefined;
  /** Whether links can be mailed from here, and why not. */
  mail: MailOnScreen;
  linkFailed?: boolean;
  /** They opened the link that confirms their address without being signed in to its account. */
  confirming?: boolean;
}) {
  const [state, setState] = useState<State>(
    linkFailed
      ? { is: 'failed', sentence: 'That link was used before or is too old. Ask for a new one.' }
      : { is: 'idle' },
  );
  const [email, setEmail] = useState(invited ?? '');
  const busy = state.is === 'busy';

  async function attempt(action: () => Promise<void>, done: () => void) {
    if (busy) return;
    setState({ is: 'busy' });
    try {
      await action();
      done();
    } catch (error) {
      if (!(error instanceof SignInFailed)) throw error;
      setState({ is: 'failed', sentence: error.message });
    }
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const password = String(data.get('password'));
    const enter = () => window.location.assign(next);
    if (purpose === 'sign-up') void attempt(() => signUp(String(data.get('name')).trim(), email, password), enter);
    else void attempt(() => signIn(email, password), enter);
  }

  return (
    <form method="post" onSubmit={submit} className="grid gap-4">
      {/* Empty, it takes no room, and is still there for a screen reader to listen to. */}
      <div aria-live="polite" className="empty:-mb-4">
        {confirming && state.is === 'idle' ? (
          <Banner title="Sign in to confirm the address.">
            <p>The link counts only for the account that it was sent for. After signing in it goes on by itself.</p>
          </Banner>
        ) : null}
        {state.is === 'failed' ? <Banner tone="stopped" title={state.sentence} /> : null}
        {state.is === 'sent' ? (
          <Banner title="The link is on its way.">
            <p>
              It works for ten minutes and once.
              {mail.is === 'log' ? ' In development it is printed to the log of the server.' : null}
            </p>
          </Banner>
        ) : null}
      </div>
      {purpose === 'sign-up' ? (
        <Field label="Your name">{(ids) => <Input {...ids} name="name" required autoComplete="name" />}</Field>
      ) : null}
      <Field label="E-mail address">
        {(ids) => (
          <Input
            {...ids}
            type="email"
            name="email"
            required
            autoComplete="email"
            value={email}
            onText={setEmail}
            readOnly={invited !== undefined}
          />
        )}
      </Field>
      <Field
        label="Password"
        hint={purpose === 'sign-up' ? 'At least 10 characters. A sentence is a good one.' : undefined}
      >
        {(ids) => (
          <Input
            {...ids}
            type="password"
            name="password"
            required
            minLength={purpose === 'sign-up' ? 10 : 1}
            autoComplete={purpose === 'sign-up' ? 'new-password' : 'current-password'}
          />
        )}
      </Field>
      <Button type="submit" aria-disabled={busy}>
        {purpose === 'sign-up' ? 'Make the account' : 'Sign in'}
      </Button>
      {purpose === 'sign-in' && mail.is === 'off' ? (
        <p className="text-muted-foreground text-sm">Magic link by mail is off because {mail.because}.</p>
      ) : null}
      {purpose === 'sign-in' && mail.is !== 'off' ? (
        <Button
          variant="outline"
          aria-disabled={busy || email === ''}
          onClick={() => {
            if (email !== '')
              void attempt(
                () => sendMagicLink(email, next),
                () => setState({ is: 'sent' }),
              );
          }}
        >
          Mail me a link instead
        </Button>
      ) : null}
      {invited === undefined ? (
        <p className="text-muted-foreground text-sm">
          {purpose === 'sign-in' ? 'No account yet? ' : 'An account already? '}
          <PlaceLink
            className="text-primary underline underline-offset-4"
            href={`${purpose === 'sign-in' ? '/sign-up' : '/sign-in'}?next=${encodeURIComponent(next)}`}
          >
            {purpose === 'sign-in' ? 'Make one' : 'Sign in'}
          </PlaceLink>
        </p>
      ) : null}
    </form>
  );
}
