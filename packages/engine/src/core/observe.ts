/** What Stripe showed last, kept for the rules that need more than a quantity. */
import type { Step } from './step.ts';
import type { Observation } from './types.ts';

/** @param at the moment that what is shown is not older than: when the reading began, or the request was sent. */
export function observe(step: Step, observation: Observation, at: number): void {
  const known = step.account.observed;
  // A sender or reader that was slow may report after one that began later; the later picture stays.
  if (known !== null && known.at > at) return;
  step.update({ observed: { ...observation, at } });
}
