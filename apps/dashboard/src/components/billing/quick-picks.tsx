'use client';

import type { SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Button } from '#components/ui/button.tsx';
import { formatNumber, seatWord } from '#lib/format.ts';

/** Steps that people take at once. */
const jumps = [5, 10, 25] as const;

/** The numbers people mostly choose: without the empty seats, or a handful more. One that cannot be is not offered. */
export function QuickPicks({
  seats,
  lowest,
  highest,
  chosen,
  onPick,
}: {
  seats: SeatsBody;
  lowest: number;
  highest: number;
  chosen: number | null;
  onPick: (to: number) => void;
}) {
  const locale = useLocale();
  const empty = seats.purchasedSeats - lowest;
  return (
    <fieldset className="mt-4 flex min-h-8 flex-wrap gap-2">
      <legend className="sr-only">Quick picks</legend>
      {empty > 0 ? (
        <Pick to={lowest} chosen={chosen} onPick={onPick}>
          {/* Of a number that is not confirmed yet it is not said how many are empty. */}
          {seats.purchasedSeats === seats.settledSeats
            ? `Drop ${formatNumber(empty, locale)} empty ${seatWord(empty)}`
            : `Down to ${formatNumber(lowest, locale)}`}
        </Pick>
      ) : null}
      {jumps.map((jump) =>
        seats.purchasedSeats + jump <= highest ? (
          <Pick key={jump} to={seats.purchasedSeats + jump} chosen={chosen} onPick={onPick}>
            +{formatNumber(jump, locale)}
          </Pick>
        ) : null,
      )}
    </fieldset>
  );
}

function Pick({
  to,
  chosen,
  onPick,
  children,
}: {
  to: number;
  chosen: number | null;
  onPick: (to: number) => void;
  children: React.ReactNode;
}) {
  return (
    <Button variant="outline" size="small" aria-pressed={chosen === to} onClick={() => onPick(to)}>
      {children}
    </Button>
  );
}
