import Link from 'next/link';
import { Badge } from '#components/ui/badge.tsx';
import { AccountMenu } from '#features/accounts/account-menu.tsx';
import type { PersonCaller } from '#server/caller.ts';
import { Logo } from './logo.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

export function SiteHeader({ demo, person }: { demo: boolean; person: PersonCaller | null }) {
  return (
    <header className="border-b bg-card">
      <div className="mx-auto flex h-14 max-w-6xl items-center gap-3 px-4 sm:px-6">
        <Link href="/" className="flex items-center gap-2.5 rounded-lg font-semibold tracking-tight">
          <Logo className="size-7" />
          <span className="max-[22rem]:sr-only">Seatbelt</span>
        </Link>
        {demo ? <Badge tone="neutral">Demo</Badge> : null}
        <div className="ml-auto flex min-w-0 items-center gap-1">
          {person === null ? null : (
            <AccountMenu
              person={{ name: person.name, email: person.email, visitor: person.visitor, operator: person.operator }}
              demo={demo}
            />
          )}
          <ThemeToggle />
        </div>
      </div>
    </header>
  );
}
