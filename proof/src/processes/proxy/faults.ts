import type { Random } from '../../random.ts';

/**
 * Whether and how a proxy misbehaves. Off, everything passes untouched, which is what the phase without faults needs.
 * Every strike is counted by name, so that a run can say what its processes really went through.
 */
export class Faults<Kind extends string> {
  readonly random: Random;
  readonly #kinds: readonly Kind[];
  readonly #counts = new Map<Kind, number>();
  #chance = 0;

  /** @param kinds each as likely as the others; name one twice to make it twice as likely. */
  constructor(random: Random, kinds: readonly Kind[]) {
    this.random = random;
    this.#kinds = kinds;
  }

  /** The chance of a fault at each opportunity, from 0 (never) to 1. */
  set(chance: number): void {
    this.#chance = chance;
  }

  /** The fault of this opportunity, mostly none. Counts it. */
  draw(): Kind | null {
    if (!this.random.chance(this.#chance)) return null;
    const kind = this.random.pick(this.#kinds);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    return kind;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
