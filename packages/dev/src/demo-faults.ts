import { readEnvironment } from 'seatbelt/environment';
import { help, OptionsError, readOptions } from './demo/options.ts';
import { startProduct } from './demo/product.ts';
import type { StoryReport } from './demo/report.ts';
import { seconds } from './demo/stage.ts';
import { tellStories } from './demo/tell-stories.ts';
import { silentTeller, type Teller, terminalTeller } from './demo/terminal.ts';
import { whenNpmIsGone } from './supervisor/npm-parent.ts';
import { isToldInASentence } from './supervisor/told-problems.ts';

/** `npm run demo:faults`: the faults as stories, told on a product that really runs. */
process.exitCode = await main();

async function main(): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = (signal: NodeJS.Signals | 'npm') => {
    // A second Ctrl-C does not wait; the children end by themselves when we are gone.
    if (interrupted.signal.aborted) process.exit(130);
    if (process.stdout.isTTY === true) process.stdout.write('\r\x1b[K');
    console.error(`Stopping (${signal}).`);
    interrupted.abort(new Error(`Interrupted by ${signal}.`));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  const stopWatching = whenNpmIsGone(() => interrupt('npm'));
  try {
    return await run(interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    if (!isToldInASentence(error) && !(error instanceof OptionsError)) throw error;
    console.error(`\n${error.message}\n`);
    return 2;
  } finally {
    stopWatching();
  }
}

async function run(signal: AbortSignal): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(help());
    return 0;
  }
  // A database and a Stripe of the user's are never touched; whether this is a place for trials is asked all the same.
  const { DATABASE_URL: _, STRIPE_SECRET_KEY: __, STRIPE_API_BASE: ___, ...others } = process.env;
  readEnvironment(others);
  const teller = options.json ? silentTeller : terminalTeller();
  const began = performance.now();
  const product = await startProduct((line) => teller.line(line), signal);
  try {
    teller.line(`Up in ${since(began)}. Watch it in a browser if you like: ${product.url}`);
    const reports = await tellStories(product, options, teller, signal);
    return conclude(reports, options.json, teller, since(began));
  } finally {
    await product.stop();
  }
}

function since(began: number): string {
  return seconds(performance.now() - began);
}

/** Zero only where everything that had to be so was so. */
function conclude(reports: StoryReport[], json: boolean, teller: Teller, took: string): number {
  const failed = reports.filter(({ ok }) => !ok);
  if (json) console.log(JSON.stringify({ ok: failed.length === 0, stories: reports }, null, 2));
  teller.line('');
  if (failed.length === 0) {
    teller.line(`${reports.length} stories told in ${took}. Every number agrees on both sides.`);
    return 0;
  }
  const numbers = failed.map(({ number }) => number).join(', ');
  const what = failed.flatMap(({ checks }) => checks.filter(({ ok }) => !ok).map((check) => check.what));
  teller.line(`${failed.length} of ${reports.length} stories FAILED (${numbers}), in ${took}:`);
  for (const each of what) teller.line(`- expected: ${each}`);
  return 1;
}
