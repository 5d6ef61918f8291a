'use client';

import { useState } from 'react';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { SignInFailed, sendConfirmation } from './auth-client.ts';

type State = { readonly is: 'idle' | 'busy' | 'sent' } | { readonly is: 'failed'; readonly sentence: string };

/** Says that an address is not proven yet, and mails the link that proves it. */
export function ConfirmAddress({ email, linkFailed }: { email: string; linkFailed: boolean }) {
  const [state, setState] = useState<State>({ is: 'idle' });

  async function mail() {
    if (state.is === 'busy') return;
    setState({ is: 'busy' });
    try {
      await sendConfirmation(email);
      setState({ is: 'sent' });
    } catch (error) {
      if (!(error instanceof SignInFailed)) throw error;
      setState({ is: 'failed', sentence: error.message });
    }
  }

  return (
    <Banner className="mb-6" title="Your address is not confirmed yet.">
      <p>
        {linkFailed ? 'That link is too old, or it is none of ours. ' : null}
        Open the link that was mailed to <span className="break-all font-medium">{email}</span>. Whoever is staff counts
        as such only then.
      </p>
      <Button
        size="small"
        variant="outline"
        className="mt-3"
        aria-disabled={state.is === 'busy'}
        onClick={() => void mail()}
      >
        Mail the link again
      </Button>
      <p role="status" className="mt-2">
        {state.is === 'sent' ? 'It is on its way, and works for a day.' : state.is === 'failed' ? state.sentence : ''}
      </p>
    </Banner>
  );
}
