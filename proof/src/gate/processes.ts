/** Real server processes: killed, frozen past their lease, cut off and lied to, and judged from outside. */
import { dashboardLeg } from '../processes/dashboard-leg.ts';
import { drawingsOf, judged, settlingGoals, sum } from '../processes/report.ts';
import { inRounds } from '../processes/rounds.ts';
import { runKilling } from '../processes/run-killing.ts';
import { together } from '../processes/together.ts';
import type { Goal, Part, PartContext, PartResult, Size } from './part.ts';

interface Scale {
  readonly kills: number;
  readonly freezes: number;
  readonly stripeRestarts: number;
  readonly organizations: number;
  readonly foreign: number;
  /** null: production's lease of 15 s. */
  readonly leaseMs: number | null;
}

/** The slice has no time to wait for a lease, so its servers have a short one; nothing else is different. */
const scales: Record<Size, Scale> = {
  slice: { kills: 6, freezes: 1, stripeRestarts: 1, organizations: 40, foreign: 1, leaseMs: 3_000 },
  gate: { kills: 250, freezes: 16, stripeRestarts: 3, organizations: 300, foreign: 4, leaseMs: null },
  soak: { kills: 5_000, freezes: 320, stripeRestarts: 60, organizations: 1_000, foreign: 60, leaseMs: null },
};

export const processes: Part = {
  name: 'processes',
  title: 'real processes, killed and frozen',
  async run(context: PartContext): Promise<PartResult> {
    const scale = scales[context.size];
    const replay = `--organizations ${scale.organizations}`;
    const [rounds, dashboard] = await together(
      context.signal,
      (signal) =>
        inRounds(context, async (seed, until) => {
          const result = await runKilling({
            ...scale,
            seed,
            until,
            signal,
            progress: ({ kills, faults, note }) =>
              context.progress({ done: kills, total: until === null ? scale.kills : null, faults, note }),
          });
          const { kills, freezes, stripeRestarts } = result;
          const command = `node proof/src/processes/run.ts --kills ${kills} ${replay} --seed ${seed}`;
          return { ...judged(result, command), kills, freezes, stripeRestarts };
        }),
      async (signal) => (context.size === 'slice' ? null : dashboardLeg({ seed: context.seed, signal })),
    );
    const leg = dashboard?.ended ? judged(dashboard.ended, 'npm run proof -- --only processes') : null;

    // A soak has as many as its time allows.
    const wanted =
      context.size === 'soak' && context.until !== null ? { kills: 1, freezes: 0, stripeRestarts: 0 } : scale;
    const goals: Goal[] = [
      atLeast(
        'servers killed with SIGKILL',
        wanted.kills,
        sum(rounds, ({ kills }) => kills),
      ),
      atLeast(
        'open changes interrupted by that',
        context.size === 'gate' ? 60 : 1,
        sum(rounds, ({ recoveries }) => recoveries.length),
      ),
      atLeast(
        'servers frozen past their lease',
        wanted.freezes,
        sum(rounds, ({ freezes }) => freezes),
      ),
      atLeast(
        'restarts of the simulated Stripe',
        wanted.stripeRestarts,
        sum(rounds, ({ stripeRestarts }) => stripeRestarts),
      ),
      ...settlingGoals(rounds),
      ...(dashboard?.goals ?? []),
    ];
    return {
      goals,
      violations: [...rounds.flatMap(({ violations }) => violations), ...(leg?.violations ?? [])],
      faults: sum(rounds, ({ faults }) => faults) + (leg?.faults ?? 0),
      data: {
        ...drawingsOf(rounds, 'Killed and frozen'),
        dashboard: { kind: 'timeline', title: 'The leg through the built dashboard', lines: dashboard?.lines ?? [] },
      },
    };
  },
};

function atLeast(title: string, wanted: number, got: number): Goal {
  return { title, wanted: `>= ${wanted}`, got: String(got), met: got >= wanted };
}
