/** The checks are checked: every planted bug has to be caught, and the table says by which check and after how much. */
import { availableParallelism } from 'node:os';
import { planted } from '../planted-bugs.ts';
import { type Hunted, huntAll } from '../planted-hunt.ts';
import { readSeeds } from '../planted-seeds.ts';
import type { Goal, Part, PartContext, PartResult } from './part.ts';

const schedulesAtMost = 10_000;
const bugsWanted = 20;
/** Bugs that the exhaustive search has to find by itself, so that it is known to be able to fail. */
const alsoBySearch = [
  'roll back on a timeout',
  'a 401 on a retry is a refusal, and nobody looks afterwards',
  'a 429 on a retry proves that nothing ran',
  'fold in the wrong order',
  'a takeover looks like an only send',
  'change the request on replay',
  'settle at the seat count instead of the target',
] as const;

export const plantedBugs: Part = {
  name: 'planted-bugs',
  title: 'planted bugs are caught',
  async run(context: PartContext): Promise<PartResult> {
    const slice = context.size === 'slice';
    const bugs = slice ? planted.slice(0, 1) : planted;
    const searched = slice ? [] : planted.filter(({ name }) => alsoBySearch.some((one) => one === name));
    const total = bugs.length + searched.length;
    let done = 0;
    const told = ({ name }: Hunted): void => {
      done += 1;
      context.progress({ done, total, faults: done, note: name });
    };
    const atOnce = slice ? 1 : availableParallelism();
    const options = { count: schedulesAtMost, everyCheck: false, signal: context.signal };
    // A soak hunts through all seeds; otherwise the one that showed a bug before is tried first.
    const seeds = context.size === 'soak' ? {} : readSeeds();
    const checks = ['schedules', 'search', 'direct tests'] as const;
    const hunted = await huntAll(bugs, { ...options, seeds, checks }, atOnce, told);
    const found = await huntAll(searched, { ...options, checks: ['search'] }, atOnce, told);
    return {
      goals: goalsOf(bugs.length, hunted, searched.length, found, slice),
      violations: [],
      faults: hunted.length + found.length,
      data: {
        planted: {
          kind: 'table',
          title: 'Planted bugs, and what found them',
          columns: ['bug', 'caught by', 'saw', 'after schedules or states', 'seed', 'seconds'],
          rows: [...hunted, ...found].map(rowOf),
          note: 'Where one schedule was enough, the seed that showed the bug in an earlier hunt was tried first (docs/proof.md has the hunts through all seeds). The hunt for a bug ends with the first check that finds it: schedules, then the search, then the direct tests of the core.',
        },
      },
    };
  },
};

function goalsOf(
  bugs: number,
  hunted: readonly Hunted[],
  searched: number,
  found: readonly Hunted[],
  slice: boolean,
): Goal[] {
  const missed = hunted.filter(({ caught }) => caught.length === 0).map(({ name }) => name);
  const caught: Goal = {
    title: 'planted bugs caught',
    wanted: slice ? `all ${bugs}` : `all ${bugs}, >= ${bugsWanted}`,
    got: missed.length === 0 ? `${hunted.length}` : `not: ${missed.join('; ')}`,
    met: missed.length === 0 && hunted.length === bugs && (slice || bugs >= bugsWanted),
  };
  if (slice) return [caught];
  const bySearch = found.filter((one) => one.caught.length > 0).length;
  return [
    caught,
    {
      title: 'of these found by the exhaustive search alone',
      wanted: `all ${searched} asked for`,
      got: String(bySearch),
      met: bySearch === searched && searched >= 5,
    },
  ];
}

function rowOf({ name, caught, broken, seconds }: Hunted): (string | number)[] {
  const [first] = caught;
  const by = first?.by ?? (broken === null ? 'NOT CAUGHT' : `did not run: ${broken}`);
  return [name, by, first?.saw ?? '', first?.after ?? 0, first?.seed ?? '', Number(seconds.toFixed(1))];
}
