/** Runs the cases against every store and compares what came of them; the random stories run on all stores in step. */
import assert from 'node:assert/strict';
import { cases } from './cases.ts';
import { constraintCases } from './constraint-cases.ts';
import { beganAt } from './decisions.ts';
import { memorySubject } from './memory-subject.ts';
import { postgresSubject } from './postgres-subject.ts';
import { tellInStep } from './random-stories.ts';
import type { Subject } from './subject.ts';
import { turnsCases } from './turns-cases.ts';

/** Long enough that changes open, wait, end and are asked for again under their keys. */
export const storySteps = 40;

export const allCases = [...cases, ...constraintCases, ...turnsCases];

export interface Failure {
  /** The case, or the seed of the story. */
  readonly what: string;
  readonly store: string;
  readonly message: string;
  readonly seed: number | null;
  readonly timeline: readonly string[];
}

/** `18,15`; null where one of them is not a version that is tested. */
export function versionsOf(text: string): (15 | 18)[] | null {
  const versions = text.split(',').map(Number);
  return versions.every((version): version is 15 | 18 => version === 15 || version === 18) ? versions : null;
}

export async function subjects(versions: readonly (15 | 18)[]): Promise<Subject[]> {
  const real = await Promise.all(versions.map((version) => postgresSubject(version, beganAt)));
  return [memorySubject(beganAt), ...real];
}

/** One case on every store. What the first one showed is what the others have to show. */
export async function runCase(
  of: readonly Subject[],
  name: string,
  run: (subject: Subject) => Promise<unknown>,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  const shown: { readonly by: string; readonly what: unknown }[] = [];
  for (const subject of of) {
    try {
      await subject.empty();
      shown.push({ by: subject.name, what: await run(subject) });
    } catch (error) {
      failures.push({ what: name, store: subject.name, message: textOf(error), seed: null, timeline: [] });
    }
  }
  const [model, ...others] = shown;
  for (const other of others) {
    try {
      assert.deepEqual(other.what, model?.what);
    } catch (error) {
      const message = `not as ${model?.by}: ${textOf(error)}`;
      failures.push({ what: name, store: other.by, message, seed: null, timeline: [] });
    }
  }
  return failures;
}

/** One random story, told to all stores at once; they must not differ after any step of it. */
export async function runStory(
  of: readonly Subject[],
  seed: number,
  steps: number,
): Promise<{ failures: Failure[]; commits: number; lines: readonly string[] }> {
  for (const subject of of) await subject.empty();
  const told = await tellInStep(of, seed, steps);
  const failures =
    told.failed === null
      ? []
      : [
          {
            what: `the random story of seed ${seed}`,
            store: told.failed.store,
            message: textOf(told.failed.error),
            seed,
            timeline: told.lines,
          },
        ];
  return { failures, commits: told.commits, lines: told.lines };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
