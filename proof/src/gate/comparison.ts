import { columns } from '../comparison/columns.ts';
import { type Comparison, compare, faultsOf } from '../comparison/compare.ts';
import { picture } from '../comparison/picture.ts';
import { type ProgramName, programNames } from '../comparison/programs.ts';
import { sizes } from '../comparison/sizes.ts';
import type { Picture, Table } from './drawings.ts';
import type { Goal, Part, PartContext, PartResult, Violation } from './part.ts';

/** Which guarantee a count above 0 breaks, for Seatbelt. */
const brokenBy = {
  chargedForNobody: 'G5',
  notCharged: 'G5',
  lostUpdates: 'G6',
  neverHeard: 'G7',
  toldUntrue: 'G4',
} as const satisfies Record<(typeof columns)[number]['key'], string>;

/** The usual version, Stripe-first, better-auth and Seatbelt under the same faults. */
export const comparisonPart: Part = {
  name: 'comparison',
  title: 'The same faults for the usual version, Stripe-first, better-auth and Seatbelt',
  async run(context: PartContext): Promise<PartResult> {
    const comparisons: Comparison[] = [];
    const size = context.size === 'slice' ? sizes.slice : sizes.gate;
    const ofOne = size.organizations * size.together * programNames.length;
    let faultsBefore = 0;
    do {
      const round = comparisons.length;
      const comparison = await compare(size, context.seed + round, {
        signal: context.signal,
        tell: ({ program, done, faults }) =>
          context.progress({
            done: round * ofOne + done,
            total: context.until === null ? ofOne : null,
            faults: faultsBefore + faults,
            note: program,
          }),
      });
      comparisons.push(comparison);
      faultsBefore += comparison.programs.reduce((sum, figures) => sum + faultsOf(figures), 0);
    } while (context.until !== null && Date.now() < context.until && !context.signal.aborted);
    return judged(comparisons);
  },
};

/** What the runs say: Seatbelt is at 0 everywhere, and the same faults did bite the others. */
export function judged(comparisons: readonly Comparison[]): PartResult {
  const of = (program: ProgramName) =>
    comparisons.flatMap(({ programs }) => programs.filter((one) => one.program === program));
  const seatbelt = of('Seatbelt');
  const usual = [...of('usual'), ...of('usual, row locked')];
  const total = (figures: typeof seatbelt, key: (typeof columns)[number]['key']) =>
    figures.reduce((sum, { atRest }) => sum + atRest[key], 0);
  const inMoneyOrCounts = ['chargedForNobody', 'notCharged', 'lostUpdates'] as const;
  const bites = inMoneyOrCounts.reduce((sum, key) => sum + total(usual, key), 0);
  const unstruck = comparisons.flatMap(({ programs }) => programs).filter((figures) => faultsOf(figures) === 0);
  const apart = seatbelt.reduce(
    (sum, one) => sum + one.atRest.organizationsApart + one.afterOneMore.organizationsApart,
    0,
  );
  const goals: Goal[] = [
    ...columns.map(({ key, title }): Goal => {
      const got = total(seatbelt, key);
      return { title: `Seatbelt: ${title}`, wanted: '0', got: String(got), met: got === 0 && seatbelt.length > 0 };
    }),
    {
      title: 'Seatbelt: organizations of which people, stored number and bill are not one',
      wanted: '0',
      got: String(apart),
      met: apart === 0 && seatbelt.length > 0,
    },
    {
      title: 'The faults bite: the usual version is off by so many seats and updates',
      wanted: '> 0',
      got: String(bites),
      met: bites > 0,
    },
    {
      title: 'Programs that no fault struck',
      wanted: '0',
      got: String(unstruck.length),
      met: unstruck.length === 0,
    },
  ];
  const violations = comparisons.flatMap(({ seed, programs }) =>
    programs
      .filter(({ program }) => program === 'Seatbelt')
      .flatMap(({ atRest, left }) =>
        columns
          .filter(({ key }) => atRest[key] > 0)
          .map(
            ({ key, title }): Violation => ({
              guarantee: brokenBy[key],
              message: `Seatbelt: ${title}: ${atRest[key]} (seed ${seed})`,
              // Real processes meet at other moments in each run; the same seed gives the same faults, not the same run.
              replay: null,
              timeline: left,
            }),
          ),
      ),
  );
  return {
    goals,
    violations,
    faults: comparisons.flatMap(({ programs }) => programs).reduce((sum, figures) => sum + faultsOf(figures), 0),
    data: drawn(comparisons),
  };
}

/** The report draws the last run; a soak has many. */
function drawn(comparisons: readonly Comparison[]): Readonly<Record<string, unknown>> {
  const last = comparisons.at(-1);
  if (last === undefined) return {};
  const title = `The same faults in ${last.programs.length} programs: what is left (seed ${last.seed})`;
  const table: Table = {
    kind: 'table',
    title,
    columns: [
      'program',
      ...columns.map(({ title: column }) => column),
      'organizations apart',
      'after one more undisturbed change',
      'versions',
    ],
    rows: last.programs.map(({ program, atRest, afterOneMore, versions }) => [
      program,
      ...columns.map(({ key }) => atRest[key]),
      atRest.organizationsApart,
      afterOneMore.organizationsApart,
      versions,
    ]),
    note: 'What each program is configured to do and what it does not claim stands in docs/comparison.md.',
  };
  const drawing: Picture = { kind: 'picture', title, svg: picture(last) };
  return { picture: drawing, table, runs: comparisons.length };
}
