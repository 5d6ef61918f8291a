'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Locale } from '#lib/format.ts';
import { LocaleContext } from './locale.tsx';

export function Providers({ locale, children }: { locale: Locale; children: ReactNode }) {
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
    <LocaleContext value={locale}>
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    </LocaleContext>
  );
}
