import type { Answer } from './doors.ts';
import type { Sides } from './sides.ts';

/** What a story showed, for the terminal and for `--json`. Times are milliseconds. */
export type StoryReport = {
  number: number;
  title: string;
  organization: string;
  /** What was broken, in a sentence. */
  broken: string;
  /** What each caller was told. */
  callers: { asked: string; answer: Answer | { connectionLost: string }; afterMs: number }[];
  /** What the two sides said at each moment. */
  sides: ({ moment: string } & Sides)[];
  alerts: Record<string, string>[];
  /** Sentences told on the way. */
  notes: { label: string; text: string }[];
  healed: { how: string; afterMs: number } | null;
  /** Everything that had to be so, and whether it was. */
  checks: Check[];
  ok: boolean;
  tookMs: number;
};

export type Check = { ok: boolean; what: string };
