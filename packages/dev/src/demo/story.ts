import type { Stage } from './stage.ts';

/** One fault, told on an organization of its own. */
export type Story = {
  number: number;
  title: string;
  /** What breaks, in a sentence. */
  broken: string;
  /** What the organization begins with. */
  seats: number;
  used: number;
  /** What both sides have to agree on at the end. */
  endsWith: number;
  tell(stage: Stage): Promise<void>;
};

/** Something that had to happen did not. The message says what, in words for a person. */
export class StoryFailed extends Error {
  override readonly name = 'StoryFailed';
}
