import pc from 'picocolors';
import type { Sides } from './sides.ts';

const headings = ['', 'seats', 'settled', 'used', 'Stripe', 'open push'];

/** The two sides at each moment, aligned. A row in which they differ is marked, also without colours. */
export function sidesTable(moments: ({ moment: string } & Sides)[], indent: string): string {
  const rows = moments.map(({ moment, database, stripe }) => ({
    differs: database === null || database.seatCount !== stripe || database.settledSeats !== stripe,
    cells:
      database === null
        ? [moment, 'no answer', '-', '-', String(stripe), '?']
        : [
            moment,
            String(database.seatCount),
            String(database.settledSeats),
            String(database.usedSeats),
            String(stripe),
            database.pushState ?? '-',
          ],
  }));
  const all = [headings, ...rows.map(({ cells }) => cells)];
  const widths = headings.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  const align = (cells: string[]) =>
    cells
      .map((cell, column) => {
        const size = widths[column] ?? 0;
        const text = column === 0 || column === headings.length - 1;
        return text ? cell.padEnd(size) : cell.padStart(size);
      })
      .join('  ')
      .trimEnd();
  return [
    indent + pc.dim(align(headings)),
    ...rows.map(({ cells, differs }) => `${indent}${differs ? pc.yellow(`${align(cells)}  differ`) : align(cells)}`),
  ].join('\n');
}
