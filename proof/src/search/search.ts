/**
 * Breadth first through every world that can be reached, each once. A broken promise is told by the shortest way to it.
 * From every world the faults may stop for good: that way has to end at rest (G11), with both sides equal (G5).
 */
import { canonical } from './canonical.ts';
import { judgeRest } from './judge.ts';
import { Broken, type Step, stepsFrom } from './steps.ts';
import { type Beginning, begin, type World } from './world.ts';

export interface Found {
  readonly name: string;
  readonly worlds: number;
  readonly steps: number;
  /** The longest way from the beginning that was needed to reach a world. */
  readonly depth: number;
  readonly faults: number;
  /** Everything that can be reached was seen. */
  readonly complete: boolean;
  readonly seconds: number;
  readonly counterexample: Counterexample | null;
}

export interface Counterexample {
  readonly guarantee: string;
  readonly message: string;
  readonly story: readonly string[];
}

export interface Limits {
  readonly worlds: number;
  /** Called now and then; false: stop here. */
  readonly goesOn: (worlds: number, faults: number) => boolean;
}

/** More fault-free steps than any world needs to come to rest; past this it is going in circles. */
const healWithin = 400;
const askEvery = 2_048;

export function search(beginning: Beginning, limits: Limits): Found {
  const beganAt = performance.now();
  const seen = new Set<number>();
  const healed = new Set<number>();
  const parents: number[] = [];
  const counts = { steps: 0, faults: 0 };
  const forgets = beginning.budget.sleeps > 0;
  let level: { readonly world: World; readonly id: number }[] = [];
  let depth = 0;

  const done = (complete: boolean, counterexample: Counterexample | null): Found => ({
    name: beginning.name,
    worlds: seen.size,
    ...counts,
    depth,
    complete,
    seconds: (performance.now() - beganAt) / 1_000,
    counterexample,
  });
  const first = begin(beginning);
  seen.add(hashOf(canonical(first, forgets)));
  parents.push(-1);
  level.push({ world: first, id: 0 });
  // Which step led to a world is found again by its place among the steps of its parent.
  const places: number[] = [-1];

  while (level.length > 0) {
    const next: typeof level = [];
    for (const { world, id } of level) {
      const steps = stepsFrom(world, beginning);
      for (const [place, step] of steps.entries()) {
        counts.steps += 1;
        if (step.fault) counts.faults += 1;
        const told = (error: unknown, rest: readonly string[] = []) =>
          done(false, tell(error, [...storyOf(id), step.name, ...rest]));
        let reached: World;
        try {
          reached = step.next();
        } catch (error) {
          return told(error);
        }
        const hash = hashOf(canonical(reached, forgets));
        if (seen.has(hash)) continue;
        seen.add(hash);
        parents.push(id);
        places.push(place);
        const trouble = heal(reached, hash);
        if (trouble) return told(trouble.error, ['(nothing goes wrong from here on)', ...trouble.way]);
        next.push({ world: reached, id: parents.length - 1 });
        if (seen.size % askEvery === 0 && !limits.goesOn(seen.size, counts.faults)) return done(false, null);
        if (seen.size >= limits.worlds) return done(false, null);
      }
    }
    level = next;
    if (next.length > 0) depth += 1;
  }
  return done(true, null);

  /** Follows the way without faults until it meets one that was followed before, or rest. */
  function heal(from: World, hash: number): { error: unknown; way: readonly string[] } | null {
    const followed: number[] = [];
    const way: string[] = [];
    let world = from;
    let here = hash;
    try {
      while (!healed.has(here)) {
        followed.push(here);
        const step = healingStep(world, beginning);
        if (step === null) {
          judgeRest(world);
          break;
        }
        if (followed.length > healWithin) throw new Broken('G11', `no rest after ${healWithin} steps without a fault`);
        way.push(step.name);
        world = step.next();
        here = hashOf(canonical(world, forgets));
      }
    } catch (error) {
      return { error, way };
    }
    for (const one of followed) healed.add(one);
    return null;
  }

  function storyOf(id: number): string[] {
    const way: number[] = [];
    for (let at = id; at > 0; at = parents[at] ?? -1) way.push(places[at] ?? -1);
    const story: string[] = [];
    let world = first;
    for (const place of way.reverse()) {
      const step = stepsFrom(world, beginning)[place] as Step;
      world = step.next();
      story.push(step.name);
    }
    return story;
  }
}

/** What happens next when nothing goes wrong any more; null: nothing is under way and nothing is due. */
function healingStep(world: World, beginning: Beginning): Step | null {
  // An account that is held is read again and again until a person decides; that is its rest.
  const resting =
    world.account.hold !== null &&
    world.orphans.length + world.voids.length === 0 &&
    world.stripe.pending === null &&
    world.processes.every(({ is }) => is === 'idle');
  if (resting) return null;
  return stepsFrom(world, beginning).find((step) => !step.fault) ?? null;
}

function tell(error: unknown, steps: readonly string[]): Counterexample {
  const story = steps.map((step, index) => `${String(index + 1).padStart(3)}. ${step}`);
  if (error instanceof Broken) return { guarantee: error.guarantee, message: error.message, story };
  return { guarantee: 'Bug', message: error instanceof Error ? (error.stack ?? error.message) : String(error), story };
}

/** 53 bits of the text (cyrb53). Among two million worlds two of them share one by a chance of about 1 in 4,500. */
function hashOf(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & b) + (a >>> 0);
}
