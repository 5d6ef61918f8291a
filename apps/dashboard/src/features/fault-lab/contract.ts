import type { TimedLabEvent } from '@seatbelt/dev/fault-lab/events';

export type { LabNumbers, LabSide } from '@seatbelt/dev/fault-lab/events';
export type LabEvent = TimedLabEvent;

/** A story that a visitor can start. `id`: as the lab's process is asked for it. */
export interface LabStory {
  readonly id: string;
  readonly title: string;
  /** What breaks, in a sentence. */
  readonly breaks: string;
}

/** The story that a visitor should see first. */
export const sideBySide: LabStory = {
  id: 'side-by-side',
  title: 'The same bad day, twice',
  breaks: 'The server is killed on the way to Stripe; then Stripe does what it is asked, and its answer is lost.',
};

/** The stories of `npm run demo:faults`, by their numbers there. */
export const faultStories: readonly LabStory[] = [
  { id: '1', title: 'A normal day', breaks: 'Nothing breaks: what it looks like when all is well.' },
  { id: '2', title: 'The card is declined', breaks: 'Stripe refuses; the seats go back in one commit.' },
  { id: '3', title: 'Stripe is down', breaks: 'Every connection to Stripe is dropped.' },
  { id: '4', title: "Stripe's answer is lost", breaks: 'Stripe writes, and three answers in a row never arrive.' },
  { id: '5', title: 'Two servers, 200 callers', breaks: 'Everybody adds one seat to the same organization at once.' },
  { id: '6', title: 'The server is killed', breaks: 'kill -9 while Stripe holds the request.' },
  { id: '7', title: 'The database is gone', breaks: 'PostgreSQL crashes just when Stripe has refused.' },
  { id: '8', title: 'A foreign hand', breaks: "Somebody changes the quantity in Stripe's own dashboard." },
  { id: '9', title: 'A process is paused', breaks: 'A server freezes, another one goes on, then it wakes up.' },
];

export const labStories: readonly LabStory[] = [sideBySide, ...faultStories];

/** One telling of a story. */
export interface LabRunBody {
  readonly id: string;
  readonly story: string;
  readonly over: boolean;
}

/** `GET /api/dev/fault-lab` */
export interface LabBody {
  /** The newest run; null: none since the server started. */
  readonly run: LabRunBody | null;
}
