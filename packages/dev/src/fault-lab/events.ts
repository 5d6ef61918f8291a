/** What the fault lab's process says while a story runs: one JSON document on each line of its standard output. */

/** Whose numbers: the program as it is usually written, or Seatbelt. */
export type LabSide = 'usual' | 'seatbelt';

/** Both systems at one moment, as one of the programs left them. */
export type LabNumbers = {
  /** Seats in the program's own database; null where it does not answer. */
  readonly database: number | null;
  /** The quantity that Stripe bills. */
  readonly stripe: number;
  /** Seats that both sides have agreed on; null for the usual version, which keeps no such number. */
  readonly settled: number | null;
  /** What is still open, in the words of the states page; null: nothing, or the program does not know. */
  readonly open: string | null;
};

export type LabEvent =
  /** Something is being started; replaced by the next event. */
  | { readonly is: 'preparing'; readonly text: string }
  /** A chapter begins. */
  | { readonly is: 'chapter'; readonly number: number; readonly title: string; readonly text: string }
  /** The numbers of one program, whenever they change. */
  | { readonly is: 'numbers'; readonly side: LabSide; readonly moment: string | null; readonly numbers: LabNumbers }
  /** A line of the timeline: who says it (Stripe, Caller, Database, Audit, ...), and what. */
  | { readonly is: 'said'; readonly side: LabSide; readonly who: string; readonly text: string }
  /** What is being waited for; replaced by the next event. */
  | { readonly is: 'waiting'; readonly text: string }
  /** Something that had to be so, and whether it was. */
  | { readonly is: 'checked'; readonly ok: boolean; readonly what: string }
  /** The story is over. `ok`: everything that had to be so was so. */
  | { readonly is: 'ended'; readonly ok: boolean; readonly title: string; readonly text: string };

/** An event with its time in milliseconds since the story was asked for. */
export type TimedLabEvent = LabEvent & { readonly atMs: number };

/** Takes an event to whoever looks on. */
export type Tell = (event: LabEvent) => void;
