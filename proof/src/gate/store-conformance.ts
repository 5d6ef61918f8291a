/** Both stores are one machine: a list of cases, random stories told to both in step, and planted bugs that must show. */
import { allCases, type Failure, runCase, runStory, storySteps, subjects } from '../conformance/run.ts';
import { plantedInAccess, plantedInStore } from '../planted-store-bugs.ts';
import { huntInAccess, huntInStore } from '../planted-stores.ts';
import type { Part, PartContext, PartResult, Size } from './part.ts';

/** Stories of forty steps each. A soak goes on until its time is up. */
const storiesOf: Record<Size, number> = { slice: 6, gate: 60, soak: 2_000 };

export const storeConformance: Part = {
  name: 'store-conformance',
  title: 'Both stores are the same machine',
  run,
};

async function run({ size, seed, until, signal, progress }: PartContext): Promise<PartResult> {
  const failures: Failure[] = [];
  const stories = storiesOf[size];
  const bugs =
    size === 'slice'
      ? []
      : [
          ...plantedInStore.map((bug) => ({ bug, hunt: huntInStore })),
          ...plantedInAccess.map((bug) => ({ bug, hunt: huntInAccess })),
        ];
  const total = allCases.length + stories + bugs.length;
  let cases = 0;
  let told = 0;
  let commits = 0;
  const tell = (note: string, done: number) =>
    progress({ done, total: until === null ? total : null, faults: 0, note });
  const timeIsUp = () => signal.aborted || failures.length > 0 || (until !== null && Date.now() >= until);

  const of = await subjects([18, 15]);
  try {
    for (const { name, run: runOn } of allCases) {
      if (signal.aborted) break;
      tell(name, cases);
      failures.push(...(await runCase(of, name, runOn)));
      cases += 1;
    }
    while (!timeIsUp() && (until !== null || told < stories)) {
      tell(`random story ${seed + told}`, allCases.length + told);
      const story = await runStory(of, seed + told, storySteps);
      failures.push(...story.failures);
      commits += story.commits;
      told += 1;
    }
  } finally {
    for (const subject of of) await subject.close();
  }

  const found: Awaited<ReturnType<typeof huntInStore>>[] = [];
  for (const { bug, hunt } of bugs) {
    if (signal.aborted || failures.length > 0) break;
    tell(`planted: ${bug.name}`, allCases.length + told + found.length);
    found.push(await hunt(bug, signal));
  }
  const caught = found.filter(({ by }) => by !== null).length;
  const stores = of.map(({ name }) => name);
  const goal = (title: string, wanted: string, got: string, met: boolean) => ({ title, wanted, got, met });
  return {
    goals: [
      goal(
        'cases on which all stores agree',
        `${allCases.length}`,
        `${cases - new Set(failures.filter((one) => one.seed === null).map(({ what }) => what)).size}`,
        cases === allCases.length && failures.every((one) => one.seed !== null),
      ),
      goal(
        'random stories without a difference',
        until === null ? `${stories}` : 'all of them',
        `${told - failures.filter((one) => one.seed !== null).length} (${commits} commits)`,
        (until !== null || told === stories) && told > 0 && failures.every((one) => one.seed === null),
      ),
      ...(bugs.length > 0
        ? [
            goal(
              'planted bugs of the store and the way to it caught',
              `${bugs.length}`,
              `${caught}`,
              caught === bugs.length,
            ),
          ]
        : []),
    ],
    violations: failures.map(({ what, store, message, seed: storySeed, timeline }) => ({
      guarantee: 'Stores',
      message: `${what}, ${store}: ${message}`,
      replay:
        storySeed === null
          ? 'node proof/src/conformance/main.ts --stories 0'
          : `node proof/src/conformance/main.ts --seed ${storySeed} --stories 1 --told`,
      timeline,
    })),
    faults: 0,
    data: { stores, cases, stories: told, commits, planted: found.map(({ name, by }) => ({ name, by })) },
  };
}
