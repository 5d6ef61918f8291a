import { type ChangeEvent, type KeyboardEvent, useState } from 'react';
import { boundsOf, complaintAbout, readSeats } from './bounds.ts';
import type { SeatManagerHook } from './use-seat-manager.ts';
import type { Words } from './words.ts';

/** A number field with two buttons, as properties to spread on elements of your own. */
export interface SeatStepper {
  readonly input: {
    readonly value: string;
    readonly role: 'spinbutton';
    readonly inputMode: 'numeric';
    readonly autoComplete: 'off';
    readonly 'aria-valuenow': number;
    readonly 'aria-valuemin': number;
    readonly 'aria-valuemax': number;
    readonly 'aria-invalid': boolean;
    readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void;
    readonly onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => void;
  };
  readonly fewer: StepButton;
  readonly more: StepButton;
  readonly wanted: number | null;
  /** Why it cannot be asked for; null where it can. */
  readonly complaint: string | null;
  /** What is chosen, where it is something else than the present number and nothing speaks against it. */
  readonly chosen: number | null;
  /** It can be confirmed: its price was said, or that nobody can say it now. */
  readonly ready: boolean;
  /** Somebody else changed the number since this choice was begun. */
  readonly movedMeanwhile: boolean;
  readonly undo: () => void;
}

interface StepButton {
  readonly type: 'button';
  readonly 'aria-label': string;
  readonly 'aria-disabled': boolean;
  readonly onClick: () => void;
}

const keySteps: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

export function useSeatStepper(
  manager: SeatManagerHook,
  { words, write, readOnly }: { words: Words; write: (count: number) => string; readOnly: boolean },
): SeatStepper {
  const { seats, draft, choose, undo } = manager;
  const current = seats?.purchasedSeats ?? 0;
  const bounds = seats === null ? { lowest: 1, highest: 1 } : boundsOf(seats);
  // What is being typed may be no number for a while; once it is one, the choice is the store's.
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? String(draft?.seats ?? current);
  const wanted = readSeats(text);
  const complaint = seats === null ? null : complaintAbout(wanted, seats, words, write);
  const locked = readOnly || seats === null || manager.sending !== null;
  const isChoice = !locked && draft !== null && typed === null && complaint === null && draft.seats !== current;

  const type = (next: string) => {
    if (locked) return;
    const number = readSeats(next);
    setTyped(number === null ? next : null);
    if (number !== null) choose(number);
  };
  const step = (by: number) => {
    const next = (wanted ?? current) + by;
    // A step never leads out of the bounds; typing may, and is told why it cannot be.
    if (next >= bounds.lowest && next <= bounds.highest) type(String(next));
  };
  const drop = () => {
    setTyped(null);
    undo();
  };

  return {
    input: {
      value: text,
      role: 'spinbutton',
      inputMode: 'numeric',
      autoComplete: 'off',
      'aria-valuenow': wanted ?? current,
      'aria-valuemin': bounds.lowest,
      'aria-valuemax': bounds.highest,
      'aria-invalid': complaint !== null,
      onChange: (event) => type(event.target.value),
      onKeyDown: (event) => {
        const by = keySteps[event.key];
        if (by !== undefined) {
          event.preventDefault();
          step(by);
        } else if (event.key === 'Escape' && (draft !== null || typed !== null)) {
          event.preventDefault();
          drop();
        }
      },
    },
    fewer: {
      type: 'button',
      'aria-label': words.oneFewer,
      'aria-disabled': locked || (wanted ?? current) <= bounds.lowest,
      onClick: () => step(-1),
    },
    more: {
      type: 'button',
      'aria-label': words.oneMore,
      'aria-disabled': locked || (wanted ?? current) >= bounds.highest,
      onClick: () => step(1),
    },
    wanted,
    complaint,
    chosen: isChoice ? draft.seats : null,
    ready: isChoice && manager.price.is !== 'asking',
    movedMeanwhile: draft !== null && draft.seen !== current && manager.sending === null,
    undo: drop,
  };
}
