import Link from 'next/link';
import { Badge } from '#components/ui/badge.tsx';
import { Logo } from './logo.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

export function SiteHeader({ demo }: { demo: boolean }) {
  return (
    <header className="border-b bg-card">
      <div className="mx-auto flex h-14 max-w-6xl items-center gap-3 px-4 sm:px-6">
        <Link href="/" className="flex items-center gap-2.5 rounded-lg font-semibold tracking-tight">
          <Logo className="size-7" />
          Seatbelt
        </Link>
        {demo ? <Badge tone="neutral">Demo</Badge> : null}
        <div className="ml-auto">
          <ThemeToggle />
        </div>
      </div>
    </header>
  );
}
