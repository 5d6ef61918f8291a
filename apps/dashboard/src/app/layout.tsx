import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { Providers } from '#components/providers.tsx';
import { SiteHeader } from '#components/site-header.tsx';
import { localeFrom } from '#lib/format.ts';
import { isDevMode } from '#server/environment.ts';
import { headerPerson } from '#server/header-person.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Seatbelt', template: '%s · Seatbelt' },
  description: 'Seat counts in Postgres and Stripe that cannot drift apart.',
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f9fa' },
    { media: '(prefers-color-scheme: dark)', color: '#0d1417' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const asked = await headers();
  const locale = localeFrom(asked.get('accept-language'));
  return (
    // next-themes writes the class of the theme before the first paint, which React would otherwise report.
    <html lang="en" suppressHydrationWarning>
      <body>
        <Providers locale={locale} nonce={asked.get('x-nonce') ?? undefined}>
          <a
            href="#content"
            className="sr-only rounded-lg bg-primary px-4 py-2 text-primary-foreground focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50"
          >
            Skip to the content
          </a>
          <SiteHeader demo={isDevMode()} person={await headerPerson(asked)} />
          <main
            id="content"
            tabIndex={-1}
            className="mx-auto w-full max-w-6xl px-4 pt-6 pb-20 outline-none sm:px-6 sm:pt-10"
          >
            {children}
          </main>
        </Providers>
      </body>
    </html>
  );
}
