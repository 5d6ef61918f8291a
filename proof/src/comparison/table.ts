import { columns } from './columns.ts';
import type { Comparison } from './compare.ts';

/** The comparison as a Markdown table, which a terminal shows as well. */
export function table({ programs, size }: Comparison): string {
  const head = [
    'program',
    ...columns.map(({ title }) => title),
    `organizations apart, of ${size.organizations}`,
    'the same after one more undisturbed change each',
  ];
  const rows = programs.map(({ program, atRest, afterOneMore }) => [
    program === 'Seatbelt' ? '**Seatbelt**' : program,
    ...columns.map(({ key }) => String(atRest[key])),
    String(atRest.organizationsApart),
    String(afterOneMore.organizationsApart),
  ]);
  return markdown(head, rows);
}

/** What struck each program, and what its callers heard at first: the comparison is only worth something if these are alike. */
export function faultTable({ programs }: Comparison): string {
  const kinds = [...new Set(programs.flatMap(({ struck }) => Object.keys(struck)))].sort();
  const head = ['program', ...kinds.map((kind) => `\`${kind}\``), 'SIGKILLs', 'connections cut'].concat(
    ['yes', 'no', '“not known yet”', 'nothing'].map((heard) => `heard ${heard} at first`),
  );
  const rows = programs.map(({ program, struck, kills, connectionCuts, heardAtFirst }) =>
    [
      program,
      ...kinds.map((kind) => struck[kind] ?? 0),
      kills,
      connectionCuts,
      heardAtFirst.success,
      heardAtFirst.failure,
      heardAtFirst.unknown,
      heardAtFirst.nothing,
    ].map(String),
  );
  return markdown(head, rows);
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
