/** What a person sees while the parts run: a bar for each on a terminal, plain lines elsewhere. */
import pc from 'picocolors';
import type { Progress } from './part.ts';

export interface Row {
  readonly name: string;
  readonly title: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped';
  now: Progress;
  beganAt: number;
  endedAt: number | null;
}

const barWidth = 24;
/** A log that is read later needs to show life, not every step. */
const lineEveryMs = 30_000;
const redrawEveryMs = 250;

export class Screen {
  readonly #rows: readonly Row[];
  readonly #live: boolean;
  readonly #write: (text: string) => void;
  readonly #timer: NodeJS.Timeout;
  #drawn = 0;
  #toldAt = performance.now();

  constructor(rows: readonly Row[], live: boolean, write: (text: string) => void) {
    this.#rows = rows;
    this.#live = live;
    this.#write = write;
    this.#timer = setInterval(() => this.#tick(), redrawEveryMs);
  }

  began(row: Row): void {
    if (!this.#live) this.#write(`begins   ${row.title}\n`);
  }

  ended(row: Row): void {
    if (!this.#live) this.#write(`${line(row, false)}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#live) this.#redraw();
  }

  #tick(): void {
    if (this.#live) this.#redraw();
    else if (performance.now() - this.#toldAt >= lineEveryMs) {
      this.#toldAt = performance.now();
      for (const row of this.#rows) if (row.state === 'running') this.#write(`${line(row, false)}\n`);
    }
  }

  #redraw(): void {
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : '';
    const faults = this.#rows.reduce((sum, row) => sum + row.now.faults, 0);
    const lines = [...this.#rows.map((row) => line(row, true)), pc.dim(`${number(faults)} faults injected so far`)];
    this.#drawn = lines.length;
    const width = process.stdout.columns ?? 120;
    this.#write(`${up}${lines.map((text) => `\x1b[2K${cut(text, width)}\n`).join('')}`);
  }
}

function line(row: Row, bars: boolean): string {
  const { now, state } = row;
  const seconds = state === 'waiting' ? 0 : ((row.endedAt ?? performance.now()) - row.beganAt) / 1_000;
  const sign = { waiting: ' ', running: '>', done: pc.green('✔'), failed: pc.red('✖'), stopped: '-' }[state];
  const rate = seconds > 0.5 && now.done > 0 ? `${rateOf(now.done / seconds)}/s` : '';
  const count = now.total === null ? number(now.done) : `${number(now.done)} of ${number(now.total)}`;
  const text = [
    sign,
    row.title.padEnd(34),
    bars ? bar(now, state) : '',
    count.padStart(18),
    rate.padStart(9),
    `${number(now.faults)} faults`.padStart(17),
    `${seconds.toFixed(0)} s`.padStart(6),
  ]
    .filter((piece) => piece !== '')
    .join(' ');
  return state === 'running' && now.note ? `${text}  ${now.note}` : text;
}

function bar(now: Progress, state: Row['state']): string {
  const share = state === 'done' ? 1 : now.total === null || now.total === 0 ? 0 : Math.min(1, now.done / now.total);
  const full = Math.round(share * barWidth);
  return `${'█'.repeat(full)}${pc.dim('░'.repeat(barWidth - full))}`;
}

export function number(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

function rateOf(value: number): string {
  return value >= 10 ? number(value) : value.toFixed(1);
}

/** Colours take no place on the screen, so they are not counted. */
function cut(text: string, width: number): string {
  let shown = 0;
  let at = 0;
  while (at < text.length && shown < width - 1) {
    const colour = colourAt(text, at);
    at += colour > 0 ? colour : 1;
    if (colour === 0) shown += 1;
  }
  return at < text.length ? `${text.slice(0, at)}\x1b[0m` : text;
}

function colourAt(text: string, at: number): number {
  if (text[at] !== '\x1b') return 0;
  const end = text.indexOf('m', at);
  return end === -1 ? 0 : end - at + 1;
}
