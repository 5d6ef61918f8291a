'use client';

import { type FormEvent, useId, useState } from 'react';
import type { ChangeBody, SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, CardTitle } from '#components/ui/card.tsx';
import { Checkbox } from '#components/ui/checkbox.tsx';
import { Choices } from '#components/ui/choices.tsx';
import { Input } from '#components/ui/input.tsx';
import { Label } from '#components/ui/label.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import type { UseIntention } from '#hooks/use-intention.ts';
import { cn } from '#lib/class-names.ts';
import { seats as countSeats, formatNumber, isOrAre, type Locale, seatWord } from '#lib/format.ts';
import { readHolders } from '#lib/holders.ts';
import { usage } from '#lib/intention.ts';
import { readSeatNumber, seatsLimit } from '#lib/seat-number.ts';
import { type SeatUse, seatsBought, usageRequest } from '#lib/usage-request.ts';
import { IntentionEnding } from './later.tsx';

type Action = SeatUse['action'];

const actionNames: Record<Action, string> = { add: 'Add', assign: 'Assign', remove: 'Free' };

const actions = (['add', 'assign', 'remove'] as const).map((value) => ({ value, word: actionNames[value] }));

export function UseCard({
  seats,
  intention,
  heard,
  className,
}: {
  seats: SeatsBody | undefined;
  intention: UseIntention;
  /** The changes that show themselves; null: none were read yet. */
  heard: readonly ChangeBody[] | null;
  className?: string;
}) {
  return (
    <Card aria-labelledby="use-title" className={className}>
      <CardTitle id="use-title">Seats in use</CardTitle>
      {seats ? (
        <UseForm seats={seats} intention={intention} heard={heard} />
      ) : (
        <div className="mt-4 space-y-3">
          <Skeleton className="h-10" />
          <Skeleton className="h-16" />
          <Skeleton className="h-20" />
        </div>
      )}
    </Card>
  );
}

function UseForm({
  seats,
  intention,
  heard,
}: {
  seats: SeatsBody;
  intention: UseIntention;
  heard: readonly ChangeBody[] | null;
}) {
  const locale = useLocale();
  const id = useId();
  const [action, setAction] = useState<Action>('add');
  const [names, setNames] = useState('');
  const [count, setCount] = useState('1');
  const [reserve, setReserve] = useState(false);
  const [expand, setExpand] = useState(true);

  const holders = readHolders(names);
  const named = holders.length > 0;
  const quantity = named ? holders.length : readSeatNumber(count, { from: 1, to: seatsLimit });
  const { busy } = intention;
  const asking = busy && intention.state?.intention.method === 'POST';

  const editing =
    <Value,>(set: (value: Value) => void) =>
    (value: Value) => {
      intention.edited('POST');
      set(value);
    };

  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (quantity === null || busy) return;
    const body = usageRequest({ action, quantity, holders, reserve, expand }, seats);
    const sentence = `${actionNames[action]} ${countSeats(quantity, locale)}`;
    const ending = await intention.start(usage(body, sentence), heard);
    if (ending.is === 'answered' && ending.body.success !== false) {
      // What was typed while the answer was awaited stays.
      setNames((now) => (now === names ? '' : now));
      setCount((now) => (now === count ? '1' : now));
    }
  }

  return (
    <form onSubmit={onSubmit} noValidate className="mt-4">
      <div className="grid gap-x-6 gap-y-4 md:grid-cols-[19rem_minmax(0,1fr)]">
        <div>
          <Choices label="What to do with seats" options={actions} value={action} onChange={editing(setAction)} />
          <div className="mt-4 min-h-14 space-y-2">
            {action === 'add' ? (
              <>
                <Choice id={`${id}-reserve`} checked={reserve} onChange={editing(setReserve)}>
                  Reserve for an invite
                </Choice>
                <Choice id={`${id}-expand`} checked={expand} onChange={editing(setExpand)}>
                  Buy what is missing
                </Choice>
              </>
            ) : (
              <p className="text-muted-foreground text-sm">{explanation(action, seats)}</p>
            )}
          </div>
        </div>
        <div className="flex flex-col justify-between gap-3">
          <div className="grid grid-cols-[1fr_5.5rem] gap-3">
            <div>
              <Label htmlFor={`${id}-names`}>
                Holders <span className="font-normal text-muted-foreground">(optional)</span>
              </Label>
              <Input
                id={`${id}-names`}
                className="mt-1.5"
                autoComplete="off"
                spellCheck={false}
                placeholder="ada, grace"
                value={names}
                onText={editing(setNames)}
              />
            </div>
            <div>
              <Label htmlFor={`${id}-count`}>Seats</Label>
              <Input
                id={`${id}-count`}
                className="mt-1.5 text-center tabular-nums"
                inputMode="numeric"
                autoComplete="off"
                readOnly={named}
                aria-invalid={quantity === null}
                aria-describedby={`${id}-hint`}
                value={named ? String(holders.length) : count}
                onText={editing(setCount)}
              />
            </div>
          </div>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <Button
              type="submit"
              variant="outline"
              aria-disabled={quantity === null || busy}
              className="min-w-32 max-sm:w-full"
            >
              {asking
                ? 'Working…'
                : `${actionNames[action]} ${quantity === null ? 'seats' : countSeats(quantity, locale)}`}
            </Button>
            <p
              id={`${id}-hint`}
              className={cn(
                'min-h-[1lh] grow basis-40 text-sm',
                quantity === null ? 'text-stopped' : 'text-muted-foreground',
              )}
            >
              {quantity === null
                ? `Enter a whole number from 1 to ${formatNumber(seatsLimit, locale)}.`
                : effect(action, quantity, seats, expand, named, locale)}
            </p>
          </div>
        </div>
      </div>
      <IntentionEnding intention={intention} method="POST" heard={heard} />
    </form>
  );
}

function explanation(action: 'assign' | 'remove', seats: SeatsBody): string {
  if (action === 'assign') return 'Takes free seats and never buys any. A holder with an invite sits down in its seat.';
  return seats.mode === 'prepaid'
    ? 'The seats can be given to others at once. The bill stays the same.'
    : 'The bill is lowered along with the seats in use.';
}

/** What pressing the button would do to the bill, as far as the counts on screen tell. Named holders may sit already. */
function effect(
  action: Action,
  quantity: number,
  seats: SeatsBody,
  expand: boolean,
  named: boolean,
  locale: Locale,
): string {
  if (action === 'remove') return '';
  if (seats.status === 'over_capacity') return 'Nobody can be added until the seats in use are paid for.';
  const missing = quantity - seats.availableSeats;
  if (missing <= 0) return 'Fits. The bill stays the same.';
  const upTo = named ? 'Up to ' : '';
  if (action === 'add' && expand) {
    const bought = seatsBought(quantity, seats);
    return bought > 0 ? `${upTo}${countSeats(bought, locale)} would be bought.` : 'Waits for the open change.';
  }
  if (seats.availableSeats === 0) return 'No seat is free.';
  return `Only ${formatNumber(seats.availableSeats, locale)} ${seatWord(seats.availableSeats)} ${isOrAre(seats.availableSeats)} free.`;
}

function Choice({
  id,
  checked,
  onChange,
  children,
}: {
  id: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: string;
}) {
  return (
    <div className="flex items-center gap-2.5">
      <Checkbox id={id} checked={checked} onTick={onChange} />
      <Label htmlFor={id} className="cursor-pointer font-normal">
        {children}
      </Label>
    </div>
  );
}
