/** The report: one page that needs nothing else, for whoever was not there when the proof ran. */
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { isDrawing } from '../drawings.ts';
import type { Size, Violation } from '../part.ts';
import type { Ended } from '../run-part.ts';
import { number, type Row } from '../screen.ts';
import { countGoals } from '../verdict.ts';
import { draw, escaped } from './draw.ts';
import { style } from './style.ts';

export interface ReportOf {
  readonly size: Size;
  readonly seed: number;
  readonly began: Date;
  readonly ended: readonly Ended[];
  readonly rows: readonly Row[];
  /** The checkout, to name the commit. */
  readonly root: string;
}

export function reportPage({ size, seed, began, ended, rows, root }: ReportOf): string {
  const { met, missed, stopped } = countGoals(ended);
  const faults = ended.reduce((sum, part) => sum + part.result.faults, 0);
  const titles = new Map(rows.map((row) => [row.name, row.title]));
  const good = missed === 0 && stopped === 0;
  const early = stopped === 0 ? '' : ` ${stopped} part${stopped === 1 ? '' : 's'} stopped early.`;
  const said = good ? 'Every goal is met. Nothing diverged.' : `${missed} failed.${early}`;
  const about = [
    `size ${size}, seed ${seed}`,
    began.toISOString().slice(0, 16).replace('T', ' '),
    `commit ${commitOf(root)}`,
    `Node ${process.version}`,
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Seatbelt: the proof</title><style>${style}</style></head><body>
<h1>Seatbelt: the proof</h1>
<p class="dim">${escaped(about.join(' · '))}</p>
<p class="verdict ${good ? 'good' : 'bad'}">${said} ${met} goals met, ${number(faults)} faults injected.</p>
${goals(ended, titles)}
${ended.map((part) => partSection(part, titles.get(part.name) ?? part.name)).join('\n')}
</body></html>
`;
}

/** One group of rows for each part, whose head leads to what it has drawn. */
function goals(ended: readonly Ended[], titles: ReadonlyMap<string, string>): string {
  const groups = ended.map((part) => {
    const head = `<tr class="part"><th colspan="4"><a href="#${part.name}">${escaped(titles.get(part.name) ?? part.name)}</a></th></tr>`;
    const lines = part.result.goals.map(({ title, wanted, got, met }) => {
      const [sign, how] = part.stopped ? ['stopped', 'dim'] : met ? ['met', 'good'] : ['missed', 'bad'];
      const cells = [`<td class="${how}">${sign}</td>`, `<td>${escaped(title)}</td>`];
      cells.push(`<td class="wanted">${escaped(wanted)}</td>`, `<td class="got">${escaped(got)}</td>`);
      return `<tr>${cells.join('')}</tr>`;
    });
    return `<tbody>${head}${lines.join('')}</tbody>`;
  });
  return `<table class="goals"><thead><tr><th></th><th>goal</th><th>wanted</th><th>got</th></tr></thead>${groups.join('')}</table>`;
}

function partSection(part: Ended, title: string): string {
  const { violations, faults, data } = part.result;
  const drawn: string[] = [];
  const others: [string, unknown][] = [];
  for (const [name, value] of Object.entries(data)) {
    if (isDrawing(value)) drawn.push(draw(value));
    else others.push([name, value]);
  }
  const rest =
    others.length === 0
      ? ''
      : `<details><summary>Other figures</summary><pre>${escaped(JSON.stringify(Object.fromEntries(others), null, 2))}</pre></details>`;
  return `<h2 id="${part.name}">${escaped(title)}</h2><p class="dim">${part.seconds.toFixed(0)} seconds, ${number(faults)} faults</p>${violations.map(violationOf).join('')}${drawn.join('')}${rest}`;
}

function violationOf({ guarantee, message, replay, timeline }: Violation): string {
  const again = replay === null ? '' : `<p>Again: <code>${escaped(replay)}</code></p>`;
  const story = timeline.length === 0 ? '' : `<pre>${escaped(timeline.join('\n'))}</pre>`;
  return `<p class="bad"><strong>${escaped(guarantee)}</strong>: ${escaped(message)}</p>${again}${story}`;
}

function commitOf(root: string): string {
  const { stdout, status } = spawnSync('git', ['-C', root, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'unknown';
}
