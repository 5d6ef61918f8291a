/**
 * What the billing screen costs whoever opens it: JavaScript of the first load, largest paint, and how soon it answers a
 * click. Run: node bench/src/screen/measure.ts. Writes bench/results/screen.json.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { card, counted, openBrowser } from '../../../apps/dashboard/test/support/browser.ts';
import { startDashboard } from '../../../apps/dashboard/test/support/dashboard.ts';
import { firstLoad, totalOf, weighed } from '../../../apps/dashboard/test/support/weight.ts';
import { median, round } from '../lib/figures.ts';
import { machine } from '../lib/machine.ts';

const rounds = 5;

const [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
try {
  const organization = await dashboard.organization({ seats: 12, used: 7 });
  for (const seats of [14, 13]) await dashboard.seatbelt.set(organization, seats);
  const address = `${dashboard.url}/organizations/${organization}/billing`;

  const scripts = await firstLoad(address);

  const paints: number[] = [];
  const afterwards = new Set<string>();
  const answers: number[] = [];
  for (let nth = 0; nth < rounds; nth += 1) {
    const page = await browser.page(address);
    await counted(page, 'purchased', 13);
    paints.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe({
              type: 'largest-contentful-paint',
              buffered: true,
            });
          }),
      ),
    );
    await card(page, 'Invoices').getByRole('link').first().waitFor();
    answers.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const more = document.querySelector<HTMLElement>('[aria-label="One seat more"]');
            const began = performance.now();
            more?.click();
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
          }),
      ),
    );
    const fetched = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => new URL(name).pathname)
        .filter((path) => path.endsWith('.js')),
    );
    for (const path of fetched) if (!scripts.some((script) => script.path === path)) afterwards.add(path);
    await page.close();
  }
  const later = await weighed(dashboard.url, afterwards);
  const report = {
    machine: await machine(),
    firstLoadGzipBytes: totalOf(scripts),
    goalGzipBytes: 170_000,
    // Chart, history, latest change and so on, which the page fetches once it works.
    afterwardsGzipBytes: totalOf(later),
    scripts: scripts.toSorted((one, other) => other.gzipBytes - one.gzipBytes),
    largestPaintMs: { median: round(median(paints)), all: paints.map((ms) => round(ms)), goal: 1_000 },
    clickToPaintMs: { median: round(median(answers)), all: answers.map((ms) => round(ms)), goal: 100 },
  };
  writeFileSync(
    join(import.meta.dirname, '..', '..', 'results', 'screen.json'),
    `${JSON.stringify(report, null, 2)}\n`,
  );
  console.log(JSON.stringify(report, null, 2));
} finally {
  await browser[Symbol.asyncDispose]();
  await dashboard[Symbol.asyncDispose]();
}
