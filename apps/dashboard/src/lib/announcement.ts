import type { Now } from './now.ts';

/** What a screen reader is told of the latest change. */
export interface Announcement {
  /** What the screen shows now. */
  readonly shown: string;
  /** The change and its stage that were heard of last. */
  readonly heard: string | null;
  /** Empty: there is no news. */
  readonly sentence: string;
}

const own: ReadonlySet<string> = new Set<Now['stage']>(['writing', 'lost', 'unknown']);

/**
 * What is news. What was so when the page was opened is none. After a request of this screen that made no change the older
 * change is shown again, and saying that again would sound like the outcome of the request.
 */
export function announce(
  before: Announcement | null,
  now: Pick<Now, 'stage' | 'about'>,
  sentence: string,
): Announcement {
  const isOwn = own.has(now.stage);
  const shown = [now.stage, ...(isOwn ? [sentence] : now.about)].join(' ');
  if (before?.shown === shown) return before;
  if (isOwn) return { shown, heard: before?.heard ?? null, sentence };
  return { shown, heard: shown, sentence: before === null || before.heard === shown ? '' : sentence };
}
