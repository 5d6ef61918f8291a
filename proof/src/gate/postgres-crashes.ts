/** PostgreSQL stopped at once, killed whole and in parts, and out of disk, under load: nothing acknowledged is lost. */
import { diskFullLeg } from '../processes/disk-full.ts';
import { drawingsOf, proxyFaults, settlingGoals, violationsOf } from '../processes/report.ts';
import { runCrashing } from '../processes/run-crashing.ts';
import { together } from '../processes/together.ts';
import type { Goal, Part, PartContext, PartResult, Size } from './part.ts';

const scales: Record<
  Size,
  { readonly crashes: number; readonly organizations: number; readonly leaseMs: number | null }
> = {
  slice: { crashes: 4, organizations: 30, leaseMs: 3_000 },
  gate: { crashes: 20, organizations: 150, leaseMs: null },
  soak: { crashes: 500, organizations: 400, leaseMs: null },
};

export const postgresCrashes: Part = {
  name: 'postgres-crashes',
  title: 'crashes of PostgreSQL',
  async run(context: PartContext): Promise<PartResult> {
    const scale = scales[context.size];
    const [result, disk] = await together(
      context.signal,
      (signal) =>
        runCrashing({
          ...scale,
          seed: context.seed,
          until: context.size === 'soak' ? context.until : null,
          signal,
          progress: ({ crashes, faults, note }) =>
            context.progress({ done: crashes, total: context.until === null ? scale.crashes : null, faults, note }),
        }),
      async (signal) => (context.size === 'slice' ? null : diskFullLeg({ seed: context.seed, signal })),
    );

    const crashes = Object.values(result.crashes).reduce((sum, count) => sum + count, 0);
    const wanted = context.until === null ? Math.min(scale.crashes, 15) : 1;
    const command = `node proof/src/processes/run.ts --crashes ${scale.crashes} --organizations ${scale.organizations} --seed ${context.seed}`;
    const lost = result.findings.filter(({ guarantee }) => guarantee === 'G6').length;
    const goals: Goal[] = [
      {
        title: 'crashes of PostgreSQL and of its backends',
        wanted: `>= ${wanted}`,
        got: crashList(result.crashes),
        met: crashes >= wanted,
      },
      {
        title: 'acknowledged changes that are gone',
        wanted: '0',
        got: `${lost} of ${result.acknowledged}; ${result.unacknowledged} were written and never acknowledged`,
        met: lost === 0 && result.acknowledged > 0,
      },
      ...settlingGoals(result),
      ...(disk === null ? [] : disk.goals),
    ];
    return {
      goals,
      violations: [...violationsOf(result, command), ...(disk?.ended ? violationsOf(disk.ended, command) : [])],
      faults: result.strikes.length + proxyFaults(result) + (disk?.ended?.strikes.length ?? 0),
      data: {
        ...drawingsOf(result, 'PostgreSQL crashes'),
        disk: { kind: 'timeline', title: 'The full disk', lines: disk?.lines ?? [] },
      },
    };
  },
};

function crashList(crashes: Readonly<Record<string, number>>): string {
  const all = Object.values(crashes).reduce((sum, count) => sum + count, 0);
  return `${all} (${Object.entries(crashes)
    .map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`)
    .join(', ')})`;
}
