'use client';

import { SearchIcon } from 'lucide-react';
import { useRef, useState } from 'react';
import type { SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { Input } from '#components/ui/input.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useSettled } from '#hooks/use-settled.ts';
import { formatNumber } from '#lib/format.ts';
import { passFocus } from '#lib/pass-focus.ts';
import type { MemberBody } from './contract.ts';
import { MemberPanel } from './member-panel.tsx';
import { MembersTable } from './members-table.tsx';
import { useMembers } from './use-members.ts';

/** A search is sent when the typing pauses. */
const typingMs = 250;

/** Everybody in the organization, however many: searched by the server, drawn only where one looks. */
export function MembersCard({
  organization,
  seats,
  mayChange,
  busy,
}: {
  organization: string;
  seats: SeatsBody | undefined;
  mayChange: boolean;
  busy: boolean;
}) {
  const locale = useLocale();
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState<string | null>(null);
  const [removed, setRemoved] = useState<string | null>(null);
  const card = useRef<HTMLElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const search = useSettled(typed.trim(), typingMs);
  const members = useMembers(organization, search, busy);
  const rows: MemberBody[] = members.data?.pages.flatMap((page) => page.members) ?? [];
  const total = members.data?.pages[0]?.total;
  const chosen = rows.find((member) => member.id === open) ?? null;
  /** Back to the button that opened the panel; a row that was scrolled out of sight is not drawn. */
  function close() {
    passFocus(panel.current, card.current?.querySelector<HTMLElement>('tr [aria-expanded="true"]') ?? title.current);
    setOpen(null);
  }
  function afterRemoving({ name }: MemberBody) {
    passFocus(panel.current, title.current);
    setOpen(null);
    setRemoved(name);
  }
  return (
    <Card ref={card} aria-labelledby="members-title">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <CardTitle ref={title} id="members-title" tabIndex={-1}>
          Members
          {total === undefined ? null : <span className="text-muted-foreground"> {formatNumber(total, locale)}</span>}
        </CardTitle>
        <div className="relative w-full sm:w-64">
          <SearchIcon aria-hidden className="pointer-events-none absolute top-3 left-3 size-4 text-muted-foreground" />
          <Input
            type="search"
            aria-label="Search members by name or address"
            placeholder="Name or address"
            className="pl-9"
            maxLength={100}
            value={typed}
            onText={setTyped}
          />
        </div>
      </div>
      <p role="status" className="text-muted-foreground text-sm wrap-anywhere">
        {removed === null ? '' : `${removed} was removed.`}
      </p>
      <p role="status" className="sr-only">
        {search !== '' && total !== undefined && !members.isPlaceholderData
          ? `${formatNumber(total, locale)} found for ${search}.`
          : ''}
      </p>
      {members.isPending ? (
        <div className="mt-4 grid gap-2" role="status" aria-label="The members are being read">
          {[0, 1, 2, 3].map((row) => (
            <Skeleton key={row} className="h-14" />
          ))}
        </div>
      ) : members.isError && rows.length === 0 ? (
        <p className="mt-3 text-muted-foreground text-sm">
          The members cannot be read at the moment. It is tried again.
        </p>
      ) : rows.length === 0 ? (
        <CardHint>
          {search === ''
            ? 'Nobody is a member yet. Invite the first person above; who accepts appears here.'
            : 'Nobody is called that. Search by a part of the name or of the address.'}
        </CardHint>
      ) : (
        <MembersTable
          rows={rows}
          total={total ?? rows.length}
          mayChange={mayChange}
          open={open}
          onOpen={(id) => {
            setOpen(id === open ? null : id);
            setRemoved(null);
          }}
          onEnd={() => {
            if (members.hasNextPage && !members.isFetching) void members.fetchNextPage();
          }}
        />
      )}
      {chosen && mayChange ? (
        <div ref={panel}>
          <MemberPanel
            key={chosen.id}
            organization={organization}
            member={chosen}
            seats={seats}
            onClose={close}
            onRemoved={() => afterRemoving(chosen)}
          />
        </div>
      ) : null}
    </Card>
  );
}
