'use client';

import { usePathname } from 'next/navigation';
import type { SeatsBody } from 'seatbelt/http';
import { Time } from '#components/time.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { type ReadTrouble, readTrouble } from '#lib/read-trouble.ts';
import { Notices } from './later.tsx';
import { linkLook } from './link-look.ts';

/** What a person has to know beyond the numbers: what is so, and what happens next. Most days there is none. */
export function Banners({
  seats,
  trouble,
  asOf,
}: {
  seats: SeatsBody | undefined;
  /** Why the counts could not be read just now; null while they can. */
  trouble: Error | null;
  /** When the counts were read, in milliseconds since 1970. */
  asOf: number;
}) {
  const page = usePathname();
  const why = trouble && readTrouble(trouble);
  // The region is always there, so that a banner that comes later is announced.
  return (
    <div aria-live="polite" className="not-empty:mb-6 space-y-3">
      {why === null ? null : (
        <Banner tone="caution" title={unread[why]}>
          {seats ? (
            <p>
              These are the numbers of <Time at={new Date(asOf).toISOString()} style="second" />. Nothing is lost: a
              change that was written down is carried out without this page. It is asked again every few seconds.
            </p>
          ) : (
            <p>No numbers are known yet. It is asked again every few seconds.</p>
          )}
          {why === 'signed_out' ? (
            <a href={`/sign-in?next=${encodeURIComponent(page)}`} className={linkLook}>
              Sign in again
            </a>
          ) : null}
          {why === 'no_access' ? <p>Ask an owner of the organization, should that be a mistake.</p> : null}
        </Banner>
      )}
      {seats ? <Notices seats={seats} /> : null}
    </div>
  );
}

const unread: Readonly<Record<ReadTrouble, string>> = {
  signed_out: 'You are signed out.',
  no_access: 'You have no access to these seats any more.',
  database: 'The database cannot be read at the moment.',
  unreachable: 'The server cannot be reached at the moment.',
};
