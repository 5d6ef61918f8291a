'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { Time } from '#components/time.tsx';
import { Badge, type Tone } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import type { MemberBody, SeatStanding } from './contract.ts';

/** Every row is this high, in pixels, so that nothing has to be measured while scrolling. */
const rowHeight = 64;
/** Rows drawn beyond the edge, so that a quick flick shows people and not emptiness. */
const overscan = 8;

const standings: Record<SeatStanding, { label: string; tone: Tone }> = {
  seated: { label: 'Seated', tone: 'accent' },
  waiting: { label: 'Waiting', tone: 'neutral' },
  none: { label: 'No seat', tone: 'caution' },
};

/**
 * The rows that are in sight, of any number, between two empty ones as high as the rest. Assistive programs hear how many
 * there are in all and at which one they are.
 */
export function MembersTable({
  rows,
  total,
  mayChange,
  open,
  onOpen,
  onEnd,
}: {
  rows: readonly MemberBody[];
  total: number;
  mayChange: boolean;
  open: string | null;
  onOpen: (id: string) => void;
  /** The last row that is known came into sight. */
  onEnd: () => void;
}) {
  const viewport = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => viewport.current,
    estimateSize: () => rowHeight,
    overscan,
  });
  const inSight = virtualizer.getVirtualItems();
  const last = inSight.at(-1)?.index ?? 0;
  const atEnd = last >= rows.length - 1 - overscan;
  useEffect(() => {
    if (atEnd) onEnd();
  }, [atEnd, onEnd]);

  const before = inSight[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (inSight.at(-1)?.end ?? 0);
  return (
    <section
      ref={viewport}
      aria-label="List of members"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard.
      tabIndex={0}
      className="mt-4 max-h-[32rem] overflow-y-auto rounded-lg border"
    >
      <table aria-rowcount={total + 1} className="w-full table-fixed text-left">
        <thead className="sticky top-0 z-10 bg-muted text-muted-foreground text-xs">
          <tr aria-rowindex={1}>
            <th scope="col" className="px-3 py-2 font-medium">
              Person
            </th>
            <th scope="col" className="w-24 px-3 py-2 font-medium sm:w-28">
              Seat
            </th>
            <th scope="col" className="hidden w-24 px-3 py-2 font-medium sm:table-cell">
              Role
            </th>
            <th scope="col" className="hidden w-32 px-3 py-2 font-medium xl:table-cell">
              Since
            </th>
            {mayChange ? (
              <th scope="col" className="w-24 px-3 py-2">
                <span className="sr-only">Change</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          <Gap height={before} />
          {inSight.map(({ index }) => {
            const member = rows[index];
            if (member === undefined) return null;
            return (
              <tr
                key={member.id}
                aria-rowindex={index + 2}
                data-member={member.email}
                className="border-t"
                style={{ height: rowHeight }}
              >
                <td className="px-3">
                  <span className="block truncate font-medium text-sm">{member.name}</span>
                  <span className="block truncate text-muted-foreground text-xs">{member.email}</span>
                </td>
                <td className="px-3">
                  <Badge tone={standings[member.seat].tone}>{standings[member.seat].label}</Badge>
                  {/* On a phone there is no column for it. */}
                  <span className="mt-0.5 block px-2.5 text-muted-foreground text-xs sm:hidden">{member.role}</span>
                </td>
                <td className="hidden px-3 text-sm sm:table-cell">{member.role}</td>
                <td className="hidden truncate px-3 text-muted-foreground text-sm xl:table-cell">
                  <Time at={member.joinedAt} style="date" />
                </td>
                {mayChange ? (
                  <td className="px-3 text-right">
                    <Button
                      size="small"
                      variant="outline"
                      aria-expanded={member.id === open}
                      onClick={() => onOpen(member.id)}
                    >
                      Change<span className="sr-only"> {member.name}</span>
                    </Button>
                  </td>
                ) : null}
              </tr>
            );
          })}
          <Gap height={after} />
        </tbody>
      </table>
    </section>
  );
}

/** Stands for rows that are not drawn. */
function Gap({ height }: { height: number }) {
  return height > 0 ? <tr aria-hidden style={{ height }} /> : null;
}
