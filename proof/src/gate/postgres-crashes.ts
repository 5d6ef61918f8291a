/** PostgreSQL stopped at once, killed whole and in parts, and out of disk, under load: nothing acknowledged is lost. */
import { diskFullLeg } from '../processes/disk-full.ts';
import { databaseFaultKinds } from '../processes/faults/database.ts';
import { drawingsOf, judged, settlingGoals, sum } from '../processes/report.ts';
import { inRounds } from '../processes/rounds.ts';
import { runCrashing } from '../processes/run-crashing.ts';
import { together } from '../processes/together.ts';
import type { Goal, Part, PartContext, PartResult, Size } from './part.ts';

const scales: Record<
  Size,
  { readonly crashes: number; readonly organizations: number; readonly leaseMs: number | null }
> = {
  slice: { crashes: 4, organizations: 10, leaseMs: 3_000 },
  gate: { crashes: 20, organizations: 150, leaseMs: null },
  soak: { crashes: 500, organizations: 400, leaseMs: null },
};

export const postgresCrashes: Part = {
  name: 'postgres-crashes',
  title: 'crashes of PostgreSQL',
  async run(context: PartContext): Promise<PartResult> {
    const scale = scales[context.size];
    const replay = `--organizations ${scale.organizations}`;
    const [rounds, disk] = await together(
      context.signal,
      (signal) =>
        inRounds(context, async (seed, until) => {
          const result = await runCrashing({
            ...scale,
            seed,
            until,
            signal,
            progress: ({ crashes, faults, note }) =>
              context.progress({ done: crashes, total: until === null ? scale.crashes : null, faults, note }),
          });
          const { crashes, acknowledged, unacknowledged } = result;
          const command = `node proof/src/processes/run.ts --crashes ${scale.crashes} ${replay} --seed ${seed}`;
          return { ...judged(result, command), crashes, acknowledged, unacknowledged };
        }),
      async (signal) => (context.size === 'slice' ? null : diskFullLeg({ seed: context.seed, signal })),
    );
    const leg = disk?.ended ? judged(disk.ended, 'npm run proof -- --only postgres-crashes') : null;

    const kinds = databaseFaultKinds.map((kind) => [kind, sum(rounds, ({ crashes }) => crashes[kind])] as const);
    const crashes = sum(kinds, ([, count]) => count);
    const wanted = context.size === 'gate' ? 15 : Math.min(scale.crashes, 4);
    const lost = sum(rounds, (round) => round.lost);
    const acknowledged = sum(rounds, (round) => round.acknowledged);
    const goals: Goal[] = [
      {
        title: 'crashes of PostgreSQL and of its backends',
        wanted: `>= ${wanted}`,
        got: `${crashes} (${kinds.map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`).join(', ')})`,
        met: crashes >= wanted,
      },
      {
        title: 'acknowledged changes that are gone',
        wanted: '0',
        got: `${lost} of ${acknowledged}; ${sum(rounds, (round) => round.unacknowledged)} were written and never acknowledged`,
        met: lost === 0 && acknowledged > 0,
      },
      ...settlingGoals(rounds),
      ...(disk?.goals ?? []),
    ];
    return {
      goals,
      violations: [...rounds.flatMap(({ violations }) => violations), ...(leg?.violations ?? [])],
      faults: sum(rounds, ({ faults }) => faults) + (leg?.faults ?? 0),
      data: {
        ...drawingsOf(rounds, 'PostgreSQL crashes'),
        disk: { kind: 'timeline', title: 'The full disk', lines: disk?.lines ?? [] },
      },
    };
  },
};
