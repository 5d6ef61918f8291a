/**
 * Both stores, one list of cases, and random stories in step. One story again, told line by line: `--seed 4711 --stories 1 --told`. Stops at the first difference unless told to go on.
 */
import { programOptions, refuseOptions, wholeNumber } from '@seatbelt/dev/program-options';
import { allCases, type Failure, runCase, runStory, storySteps, subjects, versionsOf } from './run.ts';

const usage =
  'usage: node proof/src/conformance/main.ts [--stories 20] [--seed 1] [--versions 18,15] [--keep-going] [--told] [--json]';
const { values } = programOptions(usage, {
  options: {
    stories: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    versions: { type: 'string', default: '18,15' },
    'keep-going': { type: 'boolean', default: false },
    told: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const stories = wholeNumber(usage, 'stories', values.stories, 0);
const firstSeed = wholeNumber(usage, 'seed', values.seed, 0);
const versions = versionsOf(values.versions);
if (versions === null) refuseOptions(usage, `There is no PostgreSQL "${values.versions}" here.`);

const of = await subjects(versions);
const failures: Failure[] = [];
let casesRun = 0;
let commits = 0;
const enough = () => failures.length > 0 && !values['keep-going'];
try {
  for (const { name, run } of allCases) {
    if (enough() || values.told) break;
    failures.push(...(await runCase(of, name, run)));
    casesRun += 1;
  }
  for (let seed = firstSeed; seed < firstSeed + stories && !enough(); seed += 1) {
    const told = await runStory(of, seed, storySteps);
    failures.push(...told.failures);
    commits += told.commits;
    if (values.told) console.log(told.lines.join('\n'));
  }
} finally {
  for (const subject of of) await subject.close();
}

if (values.json) console.log(JSON.stringify({ cases: casesRun, commits, failures }));
else {
  for (const { what, store, message } of failures) console.log(`DIFFERS  ${what}\n  ${store}: ${message}\n`);
  const names = of.map(({ name }) => name).join(', ');
  console.log(
    `${casesRun} cases and ${stories} stories with ${commits} commits on ${names}: ${failures.length} failures`,
  );
}
process.exitCode = failures.length > 0 ? 1 : 0;
