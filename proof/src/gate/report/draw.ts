/** One drawing of a part, as HTML. */
import type { Distribution, Drawing, HeatMap, Table, Timeline } from '../drawings.ts';
import { number } from '../screen.ts';

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export function draw(drawing: Drawing): string {
  const title = `<h3>${escaped(drawing.title)}</h3>`;
  switch (drawing.kind) {
    case 'heatmap':
      return title + heatMap(drawing);
    case 'distribution':
      return title + distribution(drawing);
    case 'timeline':
      return title + timeline(drawing);
    case 'table':
      return title + table(drawing);
    case 'picture':
      // Our own drawing, made by code of ours from numbers.
      return `${title}<div class="scroll">${drawing.svg}</div>`;
  }
}

/** The colour follows the logarithm, because the pairs differ by factors, not by sums. */
function heatMap({ rows, columns, cells, impossible, wanted }: HeatMap): string {
  const most = Math.max(1, ...cells.flat());
  const body = rows.map((row, y) => {
    const line = columns.map((column, x) => {
      const reason = impossible[`${row} x ${column}`];
      if (reason !== undefined) return `<td class="cell" style="--heat:0" title="${escaped(reason)}">cannot be</td>`;
      const count = cells[y]?.[x] ?? 0;
      const heat = (Math.log1p(count) / Math.log1p(most)) * 0.75;
      return `<td class="cell${count < wanted ? ' thin' : ''}" style="--heat:${heat.toFixed(3)}">${number(count)}</td>`;
    });
    return `<tr><th>${escaped(row)}</th>${line.join('')}</tr>`;
  });
  const note = wanted > 0 ? `<p class="dim">Wanted: ${wanted} in every cell.</p>` : '';
  return `${note}<div class="scroll"><table><tr><th></th>${heads(columns)}</tr>${body.join('')}</table></div>`;
}

const width = 720;
const height = 180;
const bins = 48;

/** Bins of equal width up to the largest value, with the percentiles that people ask for. */
function distribution({ unit, values }: Distribution): string {
  if (values.length === 0) return '<p class="dim">Nothing was measured.</p>';
  const sorted = values.toSorted((a, b) => a - b);
  const largest = sorted.at(-1) ?? 0;
  const counts = new Array<number>(bins).fill(0);
  for (const value of sorted) {
    const bin = largest === 0 ? 0 : Math.min(bins - 1, Math.floor((value / largest) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  const bars = counts.map((count, index) => {
    const tall = (Math.log1p(count) / Math.log1p(most)) * (height - 30);
    const x = (index * width) / bins;
    return `<rect class="bar" x="${x.toFixed(1)}" y="${(height - 20 - tall).toFixed(1)}" width="${(width / bins - 1).toFixed(1)}" height="${tall.toFixed(1)}"/>`;
  });
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const shares = [0.5, 0.9, 0.99, 1].map(
    (share) => `${share === 1 ? 'max' : `p${share * 100}`} ${measure(at(share), unit)}`,
  );
  return (
    `<p>${number(values.length)} values: ${shares.join(', ')}. <span class="dim">The height is logarithmic.</span></p>` +
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(shares.join(', '))}">${bars.join('')}` +
    `<text x="0" y="${height - 5}">0</text><text x="${width}" y="${height - 5}" text-anchor="end">${measure(largest, unit)}</text></svg>`
  );
}

export function measure(value: number, unit: string): string {
  if (unit !== 'ms') return `${number(value)} ${unit}`;
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 120_000) return `${(value / 1_000).toFixed(1)} s`;
  return value < 7_200_000 ? `${(value / 60_000).toFixed(1)} min` : `${(value / 3_600_000).toFixed(1)} h`;
}

function timeline({ lines }: Timeline): string {
  return `<pre>${escaped(lines.join('\n'))}</pre>`;
}

function table({ columns, rows, note }: Table): string {
  const body = rows.map((row) => {
    const cells = row.map((cell) =>
      typeof cell === 'number'
        ? `<td class="number">${cell}</td>`
        : `<td>${escaped(cell === null ? '' : String(cell))}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  const foot = note === undefined ? '' : `<p class="dim">${escaped(note)}</p>`;
  return `<div class="scroll"><table><tr>${heads(columns)}</tr>${body.join('')}</table></div>${foot}`;
}

function heads(columns: readonly string[]): string {
  return columns.map((column) => `<th>${escaped(column)}</th>`).join('');
}
