import { type FormEvent, useId, useState } from 'react';
import type { SeatsBody } from 'seatbelt/http';
import type { Ending, SeatsClient } from '../client/client.ts';
import { SeatsProblem, SeatsUnreachable } from '../client/problem.ts';
import { dayOf } from '../headless/day-of.ts';
import { meterOf } from '../headless/picture.ts';
import { priceSentence } from '../headless/price-sentence.ts';
import { type Stage, stageOf } from '../headless/stage.ts';
import { type SeatManagerHook, useSeatManager } from '../headless/use-seat-manager.ts';
import { useSeatStepper } from '../headless/use-seat-stepper.ts';
import { english, type Words } from '../headless/words.ts';

export interface SeatManagerProps {
  /** One for the life of the page: `createSeatsClient({ url, token })`. */
  readonly client: SeatsClient;
  /** Counts that the server has read already, so that the first paint shows them and nothing jumps. */
  readonly initialSeats?: SeatsBody;
  /** Nothing can be changed here. The server decides that again for every request. */
  readonly readOnly?: boolean;
  /** BCP 47, for numbers and money. Default: the viewer's. */
  readonly locale?: string;
  /** Words of another language, or a few of your own. */
  readonly words?: Partial<Words>;
  /** `auto` follows the viewer's system. */
  readonly theme?: 'auto' | 'light' | 'dark';
  readonly className?: string;
  /** Hears how each request of this screen ended, unknown ends included. */
  readonly onEnding?: (ending: Ending) => void;
}

interface Speech {
  readonly words: Words;
  readonly locale: string | undefined;
  readonly write: (count: number) => string;
}

/** Seats of one organization: the picture, the number, the price, and the change as it goes. */
export function SeatManager(props: SeatManagerProps) {
  const { client, initialSeats, readOnly: readOnlyHere = false, locale, theme = 'auto', className, onEnding } = props;
  const manager = useSeatManager(client, initialSeats ?? null);
  const titleId = useId();
  const speech: Speech = {
    words: { ...english, ...props.words },
    locale,
    write: (count) => new Intl.NumberFormat(locale).format(count),
  };
  const { seats } = manager;
  const { words } = speech;
  const readOnly = readOnlyHere || seats?.mayChange === false;
  return (
    <section
      className={className === undefined ? 'seatbelt' : `seatbelt ${className}`}
      data-theme={theme}
      data-stage={stageOf(manager).name}
      aria-labelledby={titleId}
      aria-busy={seats === null && manager.turnedAway === null}
    >
      <h2 id={titleId} className="seatbelt-title">
        {words.title}
      </h2>
      {manager.turnedAway !== null ? (
        <p role="alert" className="seatbelt-note" data-tone="stopped">
          {words.turnedAway}
        </p>
      ) : seats === null ? (
        <Skeleton words={words} failed={manager.stale} />
      ) : (
        <>
          {manager.stale ? (
            <p className="seatbelt-note" data-tone="caution">
              {words.stale}
            </p>
          ) : null}
          <Picture seats={seats} speech={speech} />
          {seats.status === 'active' ? null : (
            <p className="seatbelt-note" data-tone="caution">
              {words.account[seats.status]}
            </p>
          )}
          {seats.billing?.openInvoiceUrl && ['past_due', 'unpaid'].includes(seats.billing.subscriptionStatus) ? (
            <div className="seatbelt-note" data-tone="caution">
              <p>{words.pastDue}</p>
              <p>
                <a href={seats.billing.openInvoiceUrl} target="_blank" rel="noreferrer">
                  {words.pay}
                </a>
              </p>
            </div>
          ) : null}
          <Parked seats={seats} cancel={readOnly ? null : manager.cancel} speech={speech} />
          {readOnly ? (
            <p className="seatbelt-hint">{words.readOnly}</p>
          ) : seats.mode === 'follow' ? (
            <p className="seatbelt-hint">{words.followsUse}</p>
          ) : seats.status === 'ended' || seats.status === 'no_subscription' ? null : (
            <Chooser manager={manager} speech={speech} {...(onEnding === undefined ? {} : { onEnding })} />
          )}
        </>
      )}
      <Now manager={manager} words={words} />
    </section>
  );
}

function Picture({ seats, speech: { words, write } }: { seats: SeatsBody; speech: Speech }) {
  const meter = meterOf(seats);
  const rows = [
    ['assigned', seats.assignedSeats],
    ['reserved', seats.reservedSeats],
    ['available', seats.availableSeats],
    ['purchased', seats.purchasedSeats],
  ] as const;
  return (
    <>
      {/* The list below says the same in numbers, so the drawing is for the eye alone. */}
      <div className="seatbelt-meter" aria-hidden="true" data-over={meter.over > 0}>
        {meter.parts.map((part) => (
          <span key={part.name} data-part={part.name} style={{ flexGrow: part.seats }} />
        ))}
      </div>
      <dl className="seatbelt-counts">
        {rows.map(([name, value]) => (
          <div key={name} data-part={name}>
            <dt>{words[name]}</dt>
            <dd data-count={name}>{write(value)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Chooser({
  manager,
  speech,
  onEnding,
}: {
  manager: SeatManagerHook;
  speech: Speech;
  onEnding?: (ending: Ending) => void;
}) {
  const { words, write } = speech;
  const stepper = useSeatStepper(manager, { words, write, readOnly: false });
  const inputId = useId();
  const hintId = useId();
  const { draft, price, seats, sending } = manager;
  const busy = sending !== null;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!stepper.ready || busy) return;
    const ending = await manager.confirm();
    if (ending !== null) onEnding?.(ending);
  }

  const sentence = draft === null ? null : priceSentence(price, draft.seen, speech);
  return (
    <form className="seatbelt-form" onSubmit={submit} noValidate>
      <label htmlFor={inputId}>{words.numberOfSeats}</label>
      <div className="seatbelt-stepper">
        <button {...stepper.fewer} className="seatbelt-step">
          −
        </button>
        <input {...stepper.input} id={inputId} aria-describedby={hintId} readOnly={busy} />
        <button {...stepper.more} className="seatbelt-step">
          +
        </button>
      </div>
      <p id={hintId} className="seatbelt-hint" data-tone={stepper.complaint === null ? undefined : 'stopped'}>
        {stepper.complaint ??
          (stepper.movedMeanwhile && seats !== null ? words.movedMeanwhile(write(seats.purchasedSeats)) : sentence)}
      </p>
      <div className="seatbelt-actions">
        <button type="submit" className="seatbelt-primary" aria-disabled={!stepper.ready || busy}>
          {busy ? words.working : words.change(stepper.chosen === null ? null : write(stepper.chosen))}
        </button>
        <button type="button" aria-disabled={draft === null || busy} onClick={stepper.undo}>
          {words.undo}
        </button>
      </div>
      <Ended manager={manager} words={words} {...(onEnding === undefined ? {} : { onEnding })} />
    </form>
  );
}

/** What waits for a date or for an owner, each with the way to take it back. */
function Parked({
  seats,
  cancel,
  speech: { words, locale, write },
}: {
  seats: SeatsBody;
  cancel: ((change: string) => Promise<void>) | null;
  speech: Speech;
}) {
  const [failed, setFailed] = useState<string | null>(null);
  const { scheduled, awaitingApproval } = seats;
  const counted = (count: number) => words.seats(count, write(count));
  const rows = [
    ...(scheduled === null
      ? []
      : [{ id: scheduled.change, text: words.scheduled(counted(scheduled.seats), dayOf(scheduled.at, locale)) }]),
    ...awaitingApproval.map((change) => ({ id: change.id, text: words.awaitingApproval(counted(change.seatsAfter)) })),
  ];
  if (rows.length === 0) return null;

  async function takeBack(id: string) {
    setFailed(null);
    try {
      await cancel?.(id);
    } catch (error) {
      if (error instanceof SeatsProblem) setFailed(error.body.detail);
      else if (error instanceof SeatsUnreachable) setFailed(words.takeBackUnknown);
      else throw error;
    }
  }

  return (
    <div className="seatbelt-note">
      {rows.map(({ id, text }) => (
        <div key={id} className="seatbelt-now">
          <p>{text}</p>
          {cancel === null ? null : (
            <button type="button" onClick={() => void takeBack(id)}>
              {words.takeBack}
            </button>
          )}
        </div>
      ))}
      {failed === null ? null : (
        <p role="alert" data-tone="stopped">
          {failed}
        </p>
      )}
    </div>
  );
}

/** What became of the last request of this screen, where the line below does not tell. */
function Ended({
  manager,
  words,
  onEnding,
}: {
  manager: SeatManagerHook;
  words: Words;
  onEnding?: (ending: Ending) => void;
}) {
  const { ending } = manager;
  if (ending === null || ending.is === 'answered') return null;
  async function again() {
    const next = await manager.again();
    if (next !== null) onEnding?.(next);
  }
  return (
    <div role="alert" className="seatbelt-note" data-tone={ending.is === 'unknown' ? 'caution' : 'stopped'}>
      <p>
        {ending.is === 'unknown'
          ? words.unknown
          : ending.is === 'not_written'
            ? words.notWritten
            : `${ending.problem.detail} ${words.refused}`}
      </p>
      <p className="seatbelt-actions">
        {ending.is === 'refused' ? null : (
          <button type="button" onClick={() => void again()}>
            {words.again}
          </button>
        )}
        <button type="button" onClick={manager.dismiss}>
          {words.close}
        </button>
      </p>
    </div>
  );
}

const tones: Partial<Record<Stage['name'], 'fine' | 'caution' | 'stopped'>> = {
  applied: 'fine',
  in_doubt: 'caution',
  lost: 'caution',
  awaiting_payment: 'caution',
  rollback_pending: 'stopped',
  rolled_back: 'stopped',
};

/** The change as it goes. Always in the page, so that screen readers hear it move. */
function Now({ manager, words }: { manager: SeatManagerHook; words: Words }) {
  const stage = stageOf(manager);
  const reason = stage.name === 'rolled_back' ? stage.change?.message : null;
  return (
    <div className="seatbelt-now" data-tone={tones[stage.name]}>
      <p role="status" aria-live="polite">
        {reason ? `${reason} ` : ''}
        {words.stage[stage.name]}
      </p>
      {stage.paymentUrl === null ? null : (
        <a href={stage.paymentUrl} target="_blank" rel="noreferrer">
          {words.pay}
        </a>
      )}
    </div>
  );
}

function Skeleton({ words, failed }: { words: Words; failed: boolean }) {
  return (
    <div className="seatbelt-skeleton">
      <div className="seatbelt-meter" aria-hidden="true" />
      <p className="seatbelt-hint">{failed ? words.unreachable : words.loading}</p>
    </div>
  );
}
