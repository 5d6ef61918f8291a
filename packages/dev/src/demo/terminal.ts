import pc from 'picocolors';
import type { StoryReport } from './report.ts';
import type { Sides } from './sides.ts';
import type { Story } from './story.ts';
import { sidesTable } from './table.ts';

/** Where a run is told. Machines get the reports at the end instead. */
export type Teller = {
  line(text: string): void;
  story(story: Story): void;
  fact(label: string, text: string): void;
  /** Both sides at a moment, as soon as they were read; the table shows them all at the end. */
  sides?(moment: string, sides: Sides): void;
  table(report: StoryReport): void;
  check(ok: boolean, what: string): void;
  /** What is being waited for; replaced by the next line. Shown on a terminal only. */
  progress(text: string): void;
};

const width = 80;
const labelWidth = 11;

/** Plain sentences on standard output; colours and moving lines only where that is a terminal. */
export function terminalTeller(): Teller {
  const isTerminal = process.stdout.isTTY === true;
  let moving = false;
  const write = (text: string) => {
    if (moving) process.stdout.write('\r\x1b[K');
    moving = false;
    process.stdout.write(`${text}\n`);
  };
  const fact = (label: string, text: string, paint: (text: string) => string = (same) => same) => {
    for (const [index, line] of wrap(text, width - labelWidth - 2).entries()) {
      write(`  ${pc.dim((index === 0 ? label : '').padEnd(labelWidth))}${paint(line)}`);
    }
  };
  return {
    line(text) {
      for (const line of wrap(text, width)) write(line);
    },
    fact,
    story({ number, title, broken }) {
      write('');
      write(pc.bold(`${number}. ${title}`));
      fact('Broken', broken);
    },
    table({ sides }) {
      if (sides.length > 0) write(sidesTable(sides, '  '));
    },
    check(ok, what) {
      fact(ok ? 'ok' : 'WRONG', what, ok ? pc.green : pc.red);
    },
    progress(text) {
      if (!isTerminal) return;
      moving = true;
      process.stdout.write(`\r\x1b[K  ${pc.cyan(text.slice(0, width - 3))}`);
    },
  };
}

/** Says nothing: for `--json`. */
export const silentTeller: Teller = {
  line() {},
  story() {},
  fact() {},
  table() {},
  check() {},
  progress() {},
};

/** Lines of at most that many characters, broken between words; a longer word stands alone. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > columns) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines;
}
