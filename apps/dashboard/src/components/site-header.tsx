import { ActivityIcon, FlaskConicalIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from '#components/ui/badge.tsx';
import { AccountMenu } from '#features/accounts/account-menu.tsx';
import type { PersonCaller } from '#server/caller.ts';
import { mayUseOperations } from '#server/operators.ts';
import { Logo } from './logo.tsx';
import { PlaceLink } from './place-link.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

export function SiteHeader({ demo, person }: { demo: boolean; person: PersonCaller | null }) {
  return (
    <header className="border-b bg-card">
      <div className="mx-auto flex h-14 max-w-6xl items-center gap-3 px-4 sm:px-6">
        <PlaceLink href="/" className="flex items-center gap-2.5 rounded-lg font-semibold tracking-tight">
          <Logo className="size-7" />
          <span className="max-[22rem]:sr-only">Seatbelt</span>
        </PlaceLink>
        {demo ? <Badge tone="neutral">Demo</Badge> : null}
        <div className="ml-auto flex min-w-0 items-center gap-1">
          {demo ? (
            <HeaderLink href="/fault-lab" label="Fault lab">
              <FlaskConicalIcon aria-hidden />
            </HeaderLink>
          ) : null}
          {person !== null && mayUseOperations(person) ? (
            <HeaderLink href="/operations" label="Operations">
              <ActivityIcon aria-hidden />
            </HeaderLink>
          ) : null}
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

/** A way to a place of its own; on a phone the picture alone. */
function HeaderLink({ href, label, children }: { href: string; label: string; children: ReactNode }) {
  return (
    <PlaceLink
      href={href}
      className="flex h-10 items-center gap-1.5 rounded-lg px-2.5 text-muted-foreground text-sm hover:bg-muted hover:text-foreground [&_svg]:size-4"
    >
      {children}
      <span className="max-sm:sr-only">{label}</span>
    </PlaceLink>
  );
}
