'use client';

import { useEffect, useRef, useState } from 'react';
import type { SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import { costSentence } from '#features/invitations/cost-sentence.ts';
import { seatsToBuy } from '#features/invitations/seats-needed.ts';
import { useCost } from '#features/invitations/use-cost.ts';
import { troubleOf } from '#lib/trouble.ts';
import type { MemberBody } from './contract.ts';
import { useMemberDeed } from './use-members.ts';

const roleWords: Readonly<Record<MemberBody['role'], string>> = {
  owner: 'an owner',
  admin: 'an admin',
  member: 'a member',
};

/** What can be done about one member: role, seat, removal. Says what happens to the bill before it happens. */
export function MemberPanel({
  organization,
  member,
  seats,
  onClose,
  onRemoved,
}: {
  organization: string;
  member: MemberBody;
  seats: SeatsBody | undefined;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const locale = useLocale();
  const deed = useMemberDeed(organization, member, onRemoved);
  const [removing, setRemoving] = useState(false);
  // Arrow keys choose in a closed list at once, so choosing alone changes nothing. null: nothing is chosen.
  const [chosen, setChosen] = useState<MemberBody['role'] | null>(null);
  const role = chosen ?? member.role;
  const buy = seats && member.seat === 'none' ? seatsToBuy(seats, 1) : 0;
  const { cost, failed } = useCost(organization, buy > 0 && seats ? seats.usedSeats + 1 : null, seats);
  const heading = useRef<HTMLHeadingElement>(null);
  // The panel opens below the list; who opened it with the keyboard is taken there.
  useEffect(() => heading.current?.focus(), []);

  const trouble = deed.error ? troubleOf(deed.error) : null;
  const waitsForPrice = buy > 0 && cost === null;
  return (
    <section aria-labelledby="member-title" className="mt-4 rounded-lg border bg-muted/40 p-4">
      <div className="flex items-start justify-between gap-3">
        <h3 ref={heading} id="member-title" tabIndex={-1} className="min-w-0 break-words font-medium outline-none">
          {member.name}
        </h3>
        <Button size="small" variant="quiet" onClick={onClose}>
          Close
        </Button>
      </div>
      <div className="mt-3 flex flex-wrap items-end gap-4">
        <Field label="Role">
          {(ids) => (
            <Select {...ids} value={role} onChoice={(value) => setChosen(value as MemberBody['role'])}>
              <option value="owner">Owner</option>
              <option value="admin">Admin</option>
              <option value="member">Member</option>
            </Select>
          )}
        </Field>
        <Button
          variant="outline"
          aria-disabled={deed.isPending || role === member.role}
          onClick={() => {
            if (deed.isPending || role === member.role) return;
            deed.mutate({ does: 'role', role }, { onSuccess: () => setChosen((now) => (now === role ? null : now)) });
          }}
        >
          Save role
        </Button>
        {member.seat === 'none' ? (
          <Button
            variant="outline"
            aria-disabled={deed.isPending || waitsForPrice}
            onClick={() => {
              if (!deed.isPending && !waitsForPrice) deed.mutate({ does: 'seat', buy: buy > 0 ? 1 : 0 });
            }}
          >
            {buy > 0 ? 'Buy a seat and give it' : 'Give a seat'}
          </Button>
        ) : (
          <Button
            variant="outline"
            aria-disabled={deed.isPending}
            onClick={() => deed.isPending || deed.mutate({ does: 'unseat' })}
          >
            Free the seat
          </Button>
        )}
        <Button variant="outline" aria-expanded={removing} onClick={() => setRemoving(!removing)}>
          Remove
        </Button>
      </div>
      <p aria-live="polite" className="mt-3 min-h-[1lh] text-sm">
        {buy > 0
          ? failed
            ? troubleOf(failed).detail
            : cost
              ? costSentence(buy, cost, locale)
              : 'Asking Stripe for the price…'
          : ''}
      </p>
      <p role="status" className="text-sm">
        {deed.isSuccess && deed.variables.does === 'role'
          ? `${member.name} is ${roleWords[deed.variables.role]} now.`
          : ''}
      </p>
      {removing ? (
        <Banner tone="caution" title={`Remove ${member.name}?`}>
          <p>
            {member.seat === 'none'
              ? 'They have no seat, so nothing changes there.'
              : seats?.mode === 'follow'
                ? 'Their seat goes with them, and the bill with it.'
                : 'Their seat is free at once. Freeing a seat does not lower the bill.'}
          </p>
          <p className="mt-2">
            <Button
              size="small"
              aria-disabled={deed.isPending}
              onClick={() => deed.isPending || deed.mutate({ does: 'remove' })}
            >
              <span className="truncate">Remove {member.name}</span>
            </Button>
          </p>
        </Banner>
      ) : null}
      <div aria-live="assertive">
        {trouble ? (
          <Banner tone="stopped" title={trouble.title} className="mt-3">
            <p>{trouble.detail}</p>
          </Banner>
        ) : null}
      </div>
    </section>
  );
}
