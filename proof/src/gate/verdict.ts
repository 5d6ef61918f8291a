/** The end of a run on one screen: every goal, wanted and got; and a violation with everything that shows it again. */
import pc from 'picocolors';
import type { Violation } from './part.ts';
import type { Ended } from './run-part.ts';
import type { Row } from './screen.ts';
import { number } from './screen.ts';

/** More lines of a timeline than this are in the report, not on the screen. */
const linesShown = 60;

export function verdict(ended: readonly Ended[], rows: readonly Row[], reportFile: string): string {
  const titles = new Map(rows.map((row) => [row.name, row.title]));
  const lines: string[] = [''];
  for (const part of ended) {
    const title = titles.get(part.name) ?? part.name;
    if (part.stopped) {
      lines.push(`${pc.yellow('-')} ${title}: stopped before its end`);
      continue;
    }
    for (const goal of part.result.goals) {
      const sign = goal.met ? pc.green('✔') : pc.red('✖');
      lines.push(`${sign} ${title.padEnd(34)} ${goal.title.padEnd(46)} ${goal.wanted.padEnd(22)} ${goal.got}`);
    }
    for (const line of part.result.failed ?? []) lines.push(`  why: ${line}`);
  }
  const violations = ended.flatMap((part) => part.result.violations.map((violation) => ({ part, violation })));
  for (const { part, violation } of violations) lines.push('', ...tellViolation(part.name, violation));

  const faults = ended.reduce((sum, part) => sum + part.result.faults, 0);
  const { missed, stopped } = countGoals(ended);
  const said =
    violations.length > 0
      ? pc.red(`${violations.length} violation(s).`)
      : missed > 0
        ? pc.red(`${missed} goal(s) missed.`)
        : stopped > 0
          ? pc.yellow('Stopped before the end. Nothing was violated until then.')
          : pc.green('Every goal is met. Nothing diverged.');
  lines.push('', `${said} ${number(faults)} faults were injected. The report: ${reportFile}`);
  return lines.join('\n');
}

function tellViolation(part: string, violation: Violation): string[] {
  const { guarantee, message, replay, timeline } = violation;
  const hidden = Math.max(0, timeline.length - linesShown);
  return [
    pc.red(`${part} VIOLATED ${guarantee}: ${message}`),
    ...(replay === null ? [] : [`  again: ${replay}`]),
    ...(hidden > 0 ? [`  … ${hidden} earlier lines are in the report`] : []),
    ...timeline.slice(-linesShown).map((line) => `  ${line}`),
  ];
}

/** A violation is a failure of its own; a part that was stopped has neither passed nor failed. */
export function countGoals(ended: readonly Ended[]): { met: number; missed: number; stopped: number } {
  const counts = { met: 0, missed: 0, stopped: 0 };
  for (const part of ended) {
    counts.missed += part.result.violations.length;
    if (part.stopped) counts.stopped += 1;
    else for (const goal of part.result.goals) counts[goal.met ? 'met' : 'missed'] += 1;
  }
  return counts;
}
