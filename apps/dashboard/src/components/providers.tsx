'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ThemeProvider } from 'next-themes';
import { type ReactNode, useState } from 'react';
import type { Locale } from '#lib/format.ts';
import { LocaleContext } from './locale.tsx';

export function Providers({
  locale,
  nonce,
  children,
}: {
  locale: Locale;
  /** What the content security policy asks of the script that sets the theme. */
  nonce: string | undefined;
  children: ReactNode;
}) {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            // One quick second try, so that a single dropped connection does not mark the numbers as old.
            retry: 1,
            retryDelay: 400,
            // The browser's own idea of "offline" says nothing about this server.
            networkMode: 'always',
          },
        },
      }),
  );
  return (
    <ThemeProvider
      attribute="class"
      defaultTheme="system"
      enableSystem
      disableTransitionOnChange
      {...(nonce === undefined ? {} : { nonce })}
    >
      <LocaleContext value={locale}>
        <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
      </LocaleContext>
    </ThemeProvider>
  );
}
