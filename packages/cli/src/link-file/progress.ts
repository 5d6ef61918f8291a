import type { Io } from '../io.ts';
import type { LinkResult } from './link-rows.ts';

const barWidth = 30;
/** Without a terminal a line is printed each time this many rows are done. */
const linesEvery = 100;

/** Shows how far it is, on standard error: a bar on a terminal, plain lines elsewhere. */
export function progress(io: Io, total: number): { done(result: LinkResult): void; end(): void } {
  let count = 0;
  let failed = 0;
  const began = performance.now();
  const bar = () => {
    const filled = Math.round((count / total) * barWidth);
    const seconds = Math.round((performance.now() - began) / 1000);
    const wrong = failed === 0 ? '' : `, ${failed} failed`;
    return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${count}/${total}${wrong}, ${seconds} s`;
  };
  return {
    done(result) {
      count += 1;
      if (result.outcome === 'failed') failed += 1;
      if (io.errIsTerminal) io.err(`\r\u001b[K${bar()}`);
      else if (count % linesEvery === 0)
        io.err(`${count} of ${total} done${failed === 0 ? '' : `, ${failed} failed`}\n`);
    },
    end() {
      if (io.errIsTerminal && count > 0) io.err('\n');
    },
  };
}
