import { setTimeout as pause } from 'node:timers/promises';
import { StoryFailed } from './story.ts';

// Nobody tells a stranger at the public doors when something changes, so they are asked; often enough to time it.
const askEveryMs = 100;

/**
 * Asks until the answer is neither undefined nor false, and gives it.
 *
 * @throws StoryFailed when that takes longer than `withinMs`, or the signal's reason.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  options: { withinMs: number; signal: AbortSignal; still?: (elapsedMs: number) => void },
): Promise<T> {
  const began = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    const elapsedMs = performance.now() - began;
    if (elapsedMs > options.withinMs) {
      throw new StoryFailed(`${what}: did not happen within ${Math.round(options.withinMs / 1000)} s.`);
    }
    options.still?.(elapsedMs);
    await pause(askEveryMs, undefined, { signal: options.signal });
  }
}
