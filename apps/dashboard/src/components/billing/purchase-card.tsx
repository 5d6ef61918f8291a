'use client';

import { MinusIcon, PlusIcon } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useId, useState } from 'react';
import type { ChangeBody, SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { Input } from '#components/ui/input.tsx';
import { Label } from '#components/ui/label.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import type { UseIntention } from '#hooks/use-intention.ts';
import { useQuote } from '#hooks/use-quote.ts';
import type { BillingTerms } from '#lib/billing-terms.ts';
import { seats as countSeats, difference, formatNumber, isOrAre, type Locale, seatWord } from '#lib/format.ts';
import { purchase } from '#lib/intention.ts';
import type { Interval } from '#lib/price-words.ts';
import { readSeatNumber, seatsLimit } from '#lib/seat-number.ts';
import { IntentionEnding, Planned, Progress } from './later.tsx';
import { Price } from './price.tsx';
import { QuickPicks } from './quick-picks.tsx';

/** What is being typed, and the count that was on screen when it was begun: the server is told which one was seen. */
interface Draft {
  readonly text: string;
  readonly seen: number;
}

interface Props {
  organization: string;
  seats: SeatsBody;
  intention: UseIntention;
  /** The changes that show themselves; null: none were read yet. */
  heard: readonly ChangeBody[] | null;
  terms: BillingTerms;
  /** How often it renews; null while that is not known. */
  interval: Interval | null;
}

export function PurchaseCard({
  seats,
  mayApprove,
  ...props
}: Omit<Props, 'seats'> & { seats: SeatsBody | undefined; mayApprove: boolean }) {
  return (
    <Card aria-labelledby="purchase-title">
      <CardTitle id="purchase-title">Seats you pay for</CardTitle>
      {seats === undefined ? (
        <PurchaseSkeleton />
      ) : seats.mode === 'follow' ? (
        <CardHint>Billing follows the seats in use. Add or free seats, and the bill follows by itself.</CardHint>
      ) : (
        <PurchaseForm seats={seats} {...props} />
      )}
      {seats ? <Planned organization={props.organization} seats={seats} mayChange mayApprove={mayApprove} /> : null}
    </Card>
  );
}

function PurchaseForm({ organization, seats, intention, heard, terms, interval }: Props) {
  const locale = useLocale();
  const inputId = useId();
  const hintId = useId();
  const [draft, setDraft] = useState<Draft | null>(null);
  // From the yes until what came of it is known here: a price that was refused is not offered again meanwhile.
  const [confirming, setConfirming] = useState(false);
  const bounds = boundsOf(seats);
  const current = seats.purchasedSeats;
  const text = draft?.text ?? String(current);
  const wanted = readSeatNumber(text, { from: 1, to: seatsLimit });
  const complaint = complaintAbout(wanted, seats, bounds, locale);
  const movedMeanwhile = draft !== null && draft.seen !== current && wanted !== current;
  const chosen = draft !== null && wanted !== null && complaint === null && wanted !== current ? wanted : null;
  const busy = intention.busy || confirming;
  const { price, replace } = useQuote(organization, busy ? null : chosen, seats);
  // What is bought was seen with its price, or with the word that nobody can say it now, and from the count of now.
  const ready = chosen !== null && !movedMeanwhile && (price.is === 'quoted' || price.is === 'unknown');
  const asking = intention.busy && intention.state?.intention.method === 'PUT';

  const begin = (next: Draft | null) => {
    intention.edited('PUT');
    setDraft(next);
  };
  const edit = (next: string) => begin({ text: next, seen: draft?.seen ?? current });
  const step = (by: number) => {
    const next = Math.min(Math.max((wanted ?? current) + by, bounds.lowest), bounds.highest);
    edit(String(next));
  };

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      step(by);
    } else if (event.key === 'Escape' && draft !== null) {
      event.preventDefault();
      begin(null);
    }
  }

  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (!ready || draft === null || busy) return;
    const sentence = `From ${formatNumber(draft.seen, locale)} to ${countSeats(chosen, locale)}`;
    const quoted = price.is === 'quoted' ? { quote: price.quote.quote } : {};
    setConfirming(true);
    const ending = await intention
      .start(purchase({ seats: chosen, expectedSeats: draft.seen, ...quoted }, sentence), heard)
      .finally(() => setConfirming(false));
    if (ending.is === 'answered') {
      // What was typed while the answer was awaited stays, measured against what it says.
      const { purchasedSeats } = ending.body;
      setDraft((now) => (now === null || now.text === text ? null : { text: now.text, seen: purchasedSeats }));
    } else if (ending.is === 'refused') {
      // A draft that was turned down stays, now measured against the count that the server has, with the price of now.
      if (ending.problem.code === 'quote_stale') replace(ending.problem.quote);
      const seen = ending.problem.counts?.purchasedSeats ?? draft.seen;
      setDraft((now) => ({ text: now?.text ?? text, seen }));
    }
  }

  return (
    <form onSubmit={onSubmit} noValidate className="mt-4">
      <div className="grid gap-x-6 gap-y-3 md:grid-cols-[19rem_minmax(0,1fr)]">
        <div>
          <Label htmlFor={inputId}>Number of seats</Label>
          <div className="mt-1.5 flex items-center gap-2">
            <Button
              variant="outline"
              size="step"
              aria-label="One seat fewer"
              aria-disabled={(wanted ?? current) <= bounds.lowest}
              onClick={() => step(-1)}
            >
              <MinusIcon />
            </Button>
            <Input
              id={inputId}
              inputMode="numeric"
              autoComplete="off"
              role="spinbutton"
              aria-valuenow={wanted ?? current}
              aria-valuemin={bounds.lowest}
              aria-valuemax={bounds.highest}
              aria-invalid={complaint !== null}
              aria-describedby={hintId}
              value={text}
              onText={edit}
              onKeyDown={onKeyDown}
              className="h-14 text-center font-semibold text-2xl tabular-nums tracking-tight sm:text-2xl"
            />
            <Button
              variant="outline"
              size="step"
              aria-label="One seat more"
              aria-disabled={(wanted ?? current) >= bounds.highest}
              onClick={() => step(1)}
            >
              <PlusIcon />
            </Button>
          </div>
        </div>
        <div className="flex flex-col justify-between gap-2">
          <p id={hintId} className="min-h-[2lh] text-sm md:min-h-[1lh]">
            {complaint !== null ? (
              <span className="text-stopped">{complaint}</span>
            ) : movedMeanwhile && !busy ? (
              <span className="text-caution">
                It changed to {formatNumber(current, locale)} while you were choosing.{' '}
                <Button
                  variant="link"
                  onClick={(event) => {
                    // This button goes with its sentence, and the focus would go with it.
                    event.currentTarget.form?.querySelector<HTMLElement>('[type="submit"]')?.focus();
                    begin({ text, seen: current });
                  }}
                >
                  Go on from {formatNumber(current, locale)}
                </Button>
              </span>
            ) : (
              <span className="text-muted-foreground">
                {asking ? (
                  <Progress asked={intention.state} heard={heard} />
                ) : (
                  hint(wanted, draft, seats, bounds, locale)
                )}
              </span>
            )}
          </p>
          <div className="flex gap-2">
            <Button type="submit" aria-disabled={!ready || busy} className="grow md:h-14 md:max-w-56">
              {asking ? 'Working…' : chosen === null ? 'Change' : `Change to ${formatNumber(chosen, locale)}`}
            </Button>
            <Button
              variant="outline"
              className="md:h-14"
              aria-disabled={draft === null || busy}
              onClick={() => {
                if (!busy) begin(null);
              }}
            >
              Undo
            </Button>
          </div>
        </div>
      </div>
      <QuickPicks
        seats={seats}
        lowest={bounds.lowest}
        highest={bounds.highest}
        chosen={chosen}
        onPick={(to) => edit(String(to))}
      />
      <Price
        price={price}
        from={current}
        to={chosen ?? current}
        decreasesLater={terms.decreases === 'period_end'}
        interval={interval}
        idle={idleSentence(seats, terms, locale)}
      />
      <IntentionEnding intention={intention} method="PUT" heard={heard} />
    </form>
  );
}

interface Bounds {
  readonly lowest: number;
  readonly highest: number;
}

/** What the engine is sure to accept; the server checks it again. One who is above the maximum may stay there. */
function boundsOf(seats: SeatsBody): Bounds {
  const maximum = seats.maximumSeats === null ? seatsLimit : Math.max(seats.maximumSeats, seats.purchasedSeats);
  return { lowest: Math.max(seats.minimumSeats, seats.usedSeats, 1), highest: Math.min(maximum, seatsLimit) };
}

function complaintAbout(wanted: number | null, seats: SeatsBody, bounds: Bounds, locale: Locale): string | null {
  if (wanted === null) return `Enter a whole number from 1 to ${formatNumber(seatsLimit, locale)}.`;
  if (wanted === seats.purchasedSeats) return null;
  if (wanted < seats.usedSeats) {
    const missing = seats.usedSeats - wanted;
    return `${countSeats(seats.usedSeats, locale)} ${isOrAre(seats.usedSeats)} in use. Free ${formatNumber(missing, locale)} first.`;
  }
  if (wanted < seats.minimumSeats) return `Your contract has at least ${countSeats(seats.minimumSeats, locale)}.`;
  if (wanted > bounds.highest) return `At most ${countSeats(bounds.highest, locale)} are allowed.`;
  return null;
}

function hint(wanted: number | null, draft: Draft | null, seats: SeatsBody, bounds: Bounds, locale: Locale): string {
  if (draft !== null && wanted !== null && wanted !== draft.seen) {
    return `${difference(draft.seen, wanted, locale)} than now. Stripe is asked once it is written down.`;
  }
  const lowest = seats.usedSeats > seats.minimumSeats ? 'in use' : 'in your contract';
  const highest = seats.maximumSeats === null ? '' : `, at most ${formatNumber(bounds.highest, locale)}`;
  return `At least ${formatNumber(bounds.lowest, locale)} (${lowest})${highest}.`;
}

/** What is worth knowing about the bill while nothing is chosen. */
function idleSentence(seats: SeatsBody, terms: BillingTerms, locale: Locale): string {
  const empty = seats.purchasedSeats - Math.max(seats.usedSeats, seats.minimumSeats, 1);
  if (empty <= 0 || seats.pending || seats.scheduled)
    return 'Choose a number to see what it costs, now and at renewal.';
  const when = terms.decreases === 'period_end' ? 'drop them at renewal' : 'drop them to lower the bill';
  return `You pay for ${formatNumber(empty, locale)} empty ${seatWord(empty)}: ${when}. Freeing a seat does not lower the bill by itself.`;
}

function PurchaseSkeleton() {
  return (
    <div className="mt-4">
      <Skeleton className="h-5 w-32" />
      <Skeleton className="mt-2 h-14 md:w-76" />
      <Skeleton className="mt-4 h-32" />
    </div>
  );
}
