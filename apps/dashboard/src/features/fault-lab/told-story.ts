import type { LabEvent, LabNumbers, LabSide } from './contract.ts';

/** A line of one side's timeline. */
export interface SaidLine {
  readonly key: number;
  readonly who: string;
  readonly text: string;
  readonly atMs: number;
}

export interface Chapter {
  readonly number: number;
  readonly title: string;
  readonly text: string;
  readonly said: Record<LabSide, SaidLine[]>;
  readonly checks: { readonly ok: boolean; readonly what: string }[];
  /** The numbers that a story stopped at, in order, with the moment's name. */
  readonly moments: { readonly moment: string; readonly numbers: LabNumbers }[];
}

/** Everything that a visitor sees of a run, made from its events. */
export interface ToldStory {
  readonly chapters: readonly Chapter[];
  readonly numbers: Partial<Record<LabSide, LabNumbers>>;
  /** What each side did last. */
  readonly latest: Partial<Record<LabSide, SaidLine>>;
  /** What is being started or waited for at this moment. */
  readonly waiting: string | null;
  readonly end: { readonly ok: boolean; readonly title: string; readonly text: string } | null;
}

export function tellStory(events: readonly LabEvent[]): ToldStory {
  const chapters: Chapter[] = [];
  const numbers: Partial<Record<LabSide, LabNumbers>> = {};
  const latest: Partial<Record<LabSide, SaidLine>> = {};
  let waiting: string | null = null;
  let end: ToldStory['end'] = null;
  // What is said before the first chapter is about how the place was set up.
  const current = () => {
    const last = chapters.at(-1);
    if (last) return last;
    const first: Chapter = emptyChapter(0, 'Before', 'What both sides start from.');
    chapters.push(first);
    return first;
  };
  for (const [key, event] of events.entries()) {
    waiting = null;
    switch (event.is) {
      case 'preparing':
      case 'waiting':
        waiting = event.text === '' ? null : event.text;
        break;
      case 'chapter':
        chapters.push(emptyChapter(event.number, event.title, event.text));
        break;
      case 'numbers':
        numbers[event.side] = event.numbers;
        if (event.moment !== null) current().moments.push({ moment: event.moment, numbers: event.numbers });
        break;
      case 'said':
        latest[event.side] = { key, who: event.who, text: event.text, atMs: event.atMs };
        current().said[event.side].push({ key, who: event.who, text: event.text, atMs: event.atMs });
        break;
      case 'checked':
        current().checks.push({ ok: event.ok, what: event.what });
        break;
      case 'ended':
        end = { ok: event.ok, title: event.title, text: event.text };
    }
  }
  return { chapters, numbers, latest, waiting, end };
}

/** How the two numbers of one program stand to each other. */
export type Standing = 'meet' | 'open' | 'apart' | 'unknown';

export function standingOf(numbers: LabNumbers | undefined): Standing {
  if (numbers === undefined || numbers.database === null) return 'unknown';
  // Only Seatbelt knows that something is open; the usual version has no word for it.
  if (numbers.open !== null) return 'open';
  const { database, settled, stripe } = numbers;
  return database === stripe && (settled === null || settled === stripe) ? 'meet' : 'apart';
}

function emptyChapter(number: number, title: string, text: string): Chapter {
  return { number, title, text, said: { usual: [], seatbelt: [] }, checks: [], moments: [] };
}
