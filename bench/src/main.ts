/** `npm run bench`: measures, prints a table, and keeps the figures in `bench/results/`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programOptions, refuseOptions } from '@seatbelt/dev/program-options';
import { page } from './page.ts';
import { type BenchName, benchNames } from './results.ts';
import { run } from './run.ts';
import { table } from './table.ts';

const help = `npm run bench: measures, prints a table, and keeps the figures in bench/results/.

  --only <name>  only this measurement; may be repeated: ${benchNames.join(', ')}
  --quick        shows in seconds that each measurement works; its figures say nothing
  --minutes <n>  how long the memory is measured (default: 5)
`;

const { values } = programOptions(help, {
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const only = (values.only ?? [...benchNames]).map((name): BenchName => {
  const found = benchNames.find((candidate) => candidate === name);
  return found ?? refuseOptions(help, `There is no measurement "${name}".`);
});

const minutes = values.minutes === undefined ? null : Number(values.minutes);
if (minutes !== null && !(minutes > 0 && minutes <= 24 * 60)) {
  refuseOptions(help, `--minutes is above 0 and at most a day, not "${values.minutes}".`);
}

const results = await run({
  only,
  quick: values.quick,
  minutes,
  tell: (sentence) => process.stderr.write(`${sentence}\n`),
});
process.stdout.write(`${table(results)}\n`);

// A quick run and a part of one are kept under their date only, so that `latest` is always the whole of one full run.
const folder = join(import.meta.dirname, '..', 'results');
await mkdir(folder, { recursive: true });
const json = `${JSON.stringify(results, null, 2)}\n`;
const dated = `${results.measuredAt.replaceAll(':', '-').slice(0, 19)}.json`;
await writeFile(join(folder, dated), json);
if (!results.quick && only.length === benchNames.length) {
  await writeFile(join(folder, 'latest.json'), json);
  await writeFile(join(folder, 'index.html'), page(results));
  process.stdout.write(`Kept as bench/results/${dated}, latest.json and index.html.\n`);
} else {
  process.stdout.write(`Kept as bench/results/${dated}; latest.json is only replaced by a full run of everything.\n`);
}
