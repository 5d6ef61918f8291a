import type { Difference } from './compare.ts';
import type { Scenario } from './fixture.ts';
import type { StepResult } from './replay.ts';

/** Says field by field how a scenario's live answers differ, one line for each, in the order of its steps. */
export function reportOf(
  scenario: Scenario,
  results: StepResult[],
  isExpected: (difference: Difference) => boolean,
): string[] {
  return results.flatMap(({ step, differences }, index) =>
    differences
      .filter((difference) => !isExpected(difference))
      .map(
        ({ kind, at, path, recorded, live }) =>
          `${scenario.name} #${index + 1} ${step.method} ${step.path}\n` +
          `    ${kind} ${at}${path === at ? '' : ` (${path})`}\n` +
          `    recorded ${recorded}\n    live     ${live}`,
      ),
  );
}
