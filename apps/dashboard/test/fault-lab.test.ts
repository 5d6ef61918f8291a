import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { stories } from '../../../packages/dev/src/demo/stories/index.ts';
import { faultStories } from '../src/features/fault-lab/contract.ts';
import { type OpenBrowser, openBrowser, sideways, violations } from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';
import { tellByButton } from './support/lab-stories.ts';

describe('The fault lab shows what becomes of the numbers when servers die and answers are lost', () => {
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;

  before(async () => {
    [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
  });

  /** Waits until a program's two numbers are those. */
  async function numbers(page: Page, side: 'usual' | 'seatbelt', database: number, stripe: number): Promise<void> {
    const half = page.locator(`[data-lab-side="${side}"]`);
    await half.locator('[data-lab-number="database"]', { hasText: new RegExp(`^${database}$`) }).waitFor();
    await half.locator('[data-lab-number="stripe"]', { hasText: new RegExp(`^${stripe}$`) }).waitFor();
  }

  test("a lost answer and a killed server: the usual version's numbers stay apart, Seatbelt's meet again", async () => {
    const page = await browser.page(`${dashboard.url}/fault-lab`);
    page.setDefaultTimeout(120_000);
    await page.getByRole('button', { name: 'Run it side by side' }).click();

    await page.locator('[data-lab-over="false"]').waitFor();
    // A second story would fight for the same machine; it is refused, and nothing is started.
    const second = await fetch(`${dashboard.url}/api/dev/fault-lab`, {
      method: 'POST',
      headers: { origin: dashboard.url, 'content-type': 'application/json' },
      body: JSON.stringify({ story: '1' }),
    });
    assert.equal(second.status, 409);

    await page.getByRole('heading', { name: '1. The server is killed on the way to Stripe' }).waitFor();
    await page.locator('[data-lab-side="usual"][data-standing="apart"]').waitFor();
    await page.locator('[data-lab-side="seatbelt"][data-standing="open"]').waitFor();
    await page.getByRole('heading', { name: '2. Stripe does it, and its answer is lost' }).waitFor();
    await page.locator('[data-lab-over="true"]').waitFor();
    await numbers(page, 'usual', 11, 12);
    await numbers(page, 'seatbelt', 12, 12);
    await page.locator('[data-lab-side="usual"][data-standing="apart"]').waitFor();
    await page.locator('[data-lab-side="seatbelt"][data-standing="meet"]').waitFor();
    assert.equal(await page.getByText('Not so:').count(), 0);
    const status = await page.locator('article [role="status"]').textContent();
    assert.match(status ?? '', /The usual version: 11 seats, 12 billed\. Seatbelt: 12 and 12\./);
    assert.deepEqual(await violations(page), []);
    await page.close();

    // Whoever comes later, on a phone and in the dark, reads the whole story at once.
    const later = await browser.page(`${dashboard.url}/fault-lab`, { width: 320, theme: 'dark' });
    await later.locator('[data-lab-over="true"]').waitFor();
    await numbers(later, 'usual', 11, 12);
    assert.deepEqual(await violations(later), []);
    assert.equal(await sideways(later), 0);
    await later.close();
  });

  // A story starts a product of its own, so a few stand for all nine here; `npm run demo:faults` is tested with all of them.
  test('a story of the command line by its button: in doubt, then both sides meet, with the numbers at each moment', async () => {
    const page = await browser.page(`${dashboard.url}/fault-lab`, { width: 390 });
    page.setDefaultTimeout(150_000);
    await tellByButton(page, 4);
    const moment = page.getByRole('row', { name: /^in doubt/ });
    assert.match((await moment.textContent()) ?? '', /in doubt121012in doubt/);
    await page.close();
  });

  test('the dashboard survives the story: the process that is killed is never its own', async () => {
    const health = await fetch(`${dashboard.url}/api/health`);
    assert.equal(health.status, 200);
    const { rows } = await dashboard.database.pool.query(
      `select datname from pg_database where datname = current_database() || '_fault_lab'`,
    );
    assert.deepEqual(rows, [], "the lab's database is gone with its story");
  });

  test('every story of the command line has its button, in the same order', () => {
    assert.deepEqual(
      faultStories.map(({ id }) => Number(id)),
      stories.map(({ number }) => number),
    );
  });

  test('from another site, from another name, and for what is no story: nothing is started', async () => {
    const start = (story: string, headers: Record<string, string>) =>
      fetch(`${dashboard.url}/api/dev/fault-lab`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ story }),
      });
    assert.equal((await start('side-by-side', { origin: 'https://elsewhere.example' })).status, 403);
    assert.equal((await start('rm -rf', { origin: dashboard.url })).status, 422);
  });
});

test('outside the demo there is no fault lab', async () => {
  await using dashboard = await startDashboard('configured');
  for (const path of ['/fault-lab', '/api/dev/fault-lab', '/api/dev/fault-lab/events?run=x']) {
    const response = await fetch(`${dashboard.url}${path}`, { redirect: 'manual' });
    assert.equal(response.status, 404, path);
  }
});
