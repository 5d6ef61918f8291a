import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { Providers } from '#components/providers.tsx';
import { SiteHeader } from '#components/site-header.tsx';
import { localeFrom } from '#lib/format.ts';
import { themeAtFirst } from '#lib/theme.ts';
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
    // The class of the theme is written before the first paint, which React would otherwise report.
    <html lang="en" suppressHydrationWarning>
      <body>
        {/* A browser hides the nonce from scripts, so that React finds another one than it was given. */}
        <script
          nonce={asked.get('x-nonce') ?? undefined}
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: a text of ours, which nobody else can write into.
          dangerouslySetInnerHTML={{ __html: themeAtFirst }}
        />
        <Providers locale={locale}>
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
