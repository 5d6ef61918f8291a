'use client';

import { UserRoundIcon } from 'lucide-react';
import { useState } from 'react';
import { menuItem, PopoverMenu } from '#components/ui/popover-menu.tsx';
import { signInAs, signOut } from './auth-client.ts';
import type { OrganizationsBody } from './contract.ts';

/** Whom the demo lets a visitor be, in the order of what they may do. */
const people = [
  { as: 'owner', label: 'Olivia, owner' },
  { as: 'admin', label: 'Adam, admin' },
  { as: 'member', label: 'Mia, member' },
  { as: 'operator', label: 'Otto, staff of the host' },
  { as: 'stranger', label: 'Sam, of no organization' },
] as const;

/** Who is signed in, and the way out. In the demo also: one click to be somebody else. */
export function AccountMenu({ person, demo }: { person: OrganizationsBody['person']; demo: boolean }) {
  const [failed, setFailed] = useState(false);
  async function go(action: () => Promise<void>) {
    try {
      await action();
      // Everything on the page depends on who is looking, so all of it is loaded anew.
      window.location.assign('/');
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      setFailed(true);
    }
  }
  return (
    <PopoverMenu
      id="account-menu"
      label={`Account: ${person.name}`}
      align="right"
      shown={
        <span className="flex items-center gap-2">
          <UserRoundIcon aria-hidden className="size-4 shrink-0 text-muted-foreground" />
          <span className="hidden truncate sm:inline">{person.name}</span>
        </span>
      }
    >
      <p className="px-3 pt-1.5 pb-2 text-sm">
        <span className="block truncate font-medium">{person.name}</span>
        <span className="block truncate text-muted-foreground">{person.email}</span>
      </p>
      {demo ? (
        <fieldset className="border-t pt-1.5">
          <legend className="float-left px-3 py-1 text-muted-foreground text-xs">See the demo as</legend>
          <div className="clear-left">
            {people.map(({ as, label }) => (
              <button key={as} type="button" className={menuItem} onClick={() => void go(() => signInAs(as))}>
                {label}
              </button>
            ))}
          </div>
        </fieldset>
      ) : null}
      {person.visitor ? null : (
        <button type="button" className={menuItem} onClick={() => void go(signOut)}>
          {demo ? 'Back to the visitor' : 'Sign out'}
        </button>
      )}
      <p role="status" className="px-3 text-sm text-stopped">
        {failed ? 'That did not work. Try again.' : ''}
      </p>
    </PopoverMenu>
  );
}
