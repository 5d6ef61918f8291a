'use client';

import { usePathname } from 'next/navigation';
import { PlaceLink } from '#components/place-link.tsx';
import type { OrganizationHeadProps } from './server/organization-head.ts';

const labels = { billing: 'Seats', members: 'Members', keys: 'API keys', settings: 'Settings' } as const;

/** The pages of an organization; the one that is open is marked for eyes and for screen readers. */
export function OrganizationTabs({ organization, pages }: Pick<OrganizationHeadProps, 'organization' | 'pages'>) {
  const path = usePathname();
  return (
    <nav aria-label="Pages of this organization" className="mt-3 mb-6 overflow-x-auto border-b">
      <ul className="flex gap-1">
        {(['billing', ...pages] as const).map((page) => {
          const href = `/organizations/${encodeURIComponent(organization)}/${page}`;
          return (
            <li key={page}>
              <PlaceLink
                href={href}
                aria-current={path === href ? 'page' : undefined}
                className="-mb-px -outline-offset-2 inline-block whitespace-nowrap border-transparent border-b-2 px-3 py-2 font-medium text-muted-foreground text-sm hover:text-foreground aria-[current]:border-primary aria-[current]:text-foreground"
              >
                {labels[page]}
              </PlaceLink>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
