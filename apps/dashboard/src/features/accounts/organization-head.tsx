import { PlaceLink } from '#components/place-link.tsx';
import { menuItem, PopoverMenu } from '#components/ui/popover-menu.tsx';
import { OrganizationTabs } from './organization-tabs.tsx';
import type { OrganizationHeadProps } from './server/organization-head.ts';

/** The organization's name, the way to the others, and its pages. */
export function OrganizationHead({ organization, name, organizations, pages }: OrganizationHeadProps) {
  return (
    <>
      <nav aria-label="Where you are" className="flex min-h-10 items-center gap-1 text-muted-foreground text-sm">
        <PlaceLink href="/" className="rounded underline-offset-4 hover:text-foreground hover:underline">
          Organizations
        </PlaceLink>
        {organizations.length > 1 ? (
          <>
            <span aria-hidden>/</span>
            <PopoverMenu id="organization-switcher" label="Switch to another organization" shown="Switch">
              <ul>
                {organizations.map((each) => (
                  <li key={each.id}>
                    <PlaceLink
                      href={`/organizations/${encodeURIComponent(each.id)}/billing`}
                      aria-current={each.id === organization ? 'true' : undefined}
                      className={menuItem}
                    >
                      <span className="min-w-0 flex-1 truncate">{each.name}</span>
                      <span className="text-muted-foreground text-xs">{each.role}</span>
                    </PlaceLink>
                  </li>
                ))}
              </ul>
            </PopoverMenu>
          </>
        ) : null}
      </nav>
      <h1 className="mt-1 break-words font-semibold text-3xl tracking-tight">{name}</h1>
      <OrganizationTabs organization={organization} pages={pages} />
    </>
  );
}
