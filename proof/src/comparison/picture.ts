import { columns } from './columns.ts';
import type { Comparison } from './compare.ts';

const labelWidth = 150;
const panelWidth = 158;
const rowHeight = 26;
const barHeight = 14;
const top = 64;
/** Left free in each panel for the number behind the longest bar. */
const numberWidth = 40;

/**
 * The comparison as an SVG of its own: one panel for each column, one bar for each program, each panel with a scale of its
 * own so that small counts show. Its styles are its own also inside of another page, it follows the reader's light or dark setting and needs no font, script or network.
 */
export function picture({ programs, size, seed }: Comparison): string {
  const width = labelWidth + columns.length * panelWidth;
  const height = top + programs.length * rowHeight + 14;
  const names = programs.map(({ program }, row) =>
    text(labelWidth - 12, middle(row), program, program === 'Seatbelt' ? 'name ours' : 'name'),
  );
  const panels = columns.map(({ key, short }, index) => {
    const x = labelWidth + index * panelWidth;
    const most = Math.max(1, ...programs.map(({ atRest }) => atRest[key]));
    const bars = programs.map(({ program, atRest }, row) => {
      const length = (atRest[key] / most) * (panelWidth - numberWidth - 8);
      const kind = program === 'Seatbelt' ? 'ours' : 'other';
      const bar = `<rect class="${kind}" x="${x}" y="${middle(row) - barHeight / 2}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`;
      return bar + text(x + length + 6, middle(row), String(atRest[key]), program === 'Seatbelt' ? 'ours' : 'number');
    });
    const axis = `<line x1="${x}" y1="${top - 6}" x2="${x}" y2="${height - 10}"/>`;
    return [text(x, top - 18, short, 'head'), axis, ...bars].join('\n');
  });
  const callers = size.organizations * size.together;
  const title = `${callers} people join ${size.organizations} organizations under the same faults, seed ${seed}: what is left`;
  const summary = programs
    .map(
      ({ program, atRest }) => `${program}: ${columns.map(({ key, short }) => `${short} ${atRest[key]}`).join(', ')}`,
    )
    .join('. ');
  return `<svg class="comparison" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="comparison-title comparison-summary">
<title id="comparison-title">${escaped(title)}</title>
<desc id="comparison-summary">${escaped(summary)}.</desc>
<style>
.comparison { --text: #1c1917; --quiet: #57534e; --ground: #fafaf9; --line: #d6d3d1; --ours: #0f766e; --other: #c2410c; font: 12.5px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
@media (prefers-color-scheme: dark) { .comparison { --text: #f5f5f4; --quiet: #a8a29e; --ground: #171412; --line: #44403c; --ours: #2dd4bf; --other: #fb923c; } }
.comparison text { fill: var(--text); dominant-baseline: central; } .comparison .title { font-size: 14px; font-weight: 600; } .comparison .head { fill: var(--quiet); }
.comparison .name { text-anchor: end; } .comparison text.ours { fill: var(--ours); font-weight: 600; } .comparison rect.ours { fill: var(--ours); }
.comparison rect.other { fill: var(--other); } .comparison line { stroke: var(--line); }
</style>
<rect width="${width}" height="${height}" rx="6" style="fill: var(--ground)"/>
${text(16, 20, title, 'title')}
${names.join('\n')}
${panels.join('\n')}
</svg>
`;
}

function middle(row: number): number {
  return top + row * rowHeight + rowHeight / 2;
}

function text(x: number, y: number, said: string, kind: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${escaped(said)}</text>`;
}

function escaped(said: string): string {
  return said.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
