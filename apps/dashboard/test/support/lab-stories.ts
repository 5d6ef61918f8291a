import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { stories } from '../../../../packages/dev/src/demo/stories/index.ts';
import { faultStories } from '../../src/features/fault-lab/contract.ts';
import { type OpenBrowser, openBrowser, sideways, violations } from './browser.ts';
import { type RunningDashboard, startDashboard } from './dashboard.ts';

/** A story starts a product of its own, and one of them waits out a lease of 15 s; the rest is for a busy machine. */
const withinMs = 150_000;

/** Presses the buttons of those stories, one after another as a visitor has to, and reads each one's end from the page. */
export function tellByButton(numbers: readonly number[]): void {
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;
  let page: Page;

  before(async () => {
    [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
    page = await browser.page(`${dashboard.url}/fault-lab`);
    page.setDefaultTimeout(withinMs);
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
  });

  for (const { number, endsWith } of stories.filter((story) => numbers.includes(story.number))) {
    const story = faultStories.find(({ id }) => id === String(number));
    test(`${number}. ${story?.title}: both sides end with ${endsWith}`, async () => {
      assert.ok(story !== undefined, `story ${number} has a button`);
      const button = page.getByRole('button', { name: story.title });
      await button.click();
      const told = page.locator(`[data-lab-story="${number}"]`);
      await told.locator('[data-lab-side="seatbelt"]').waitFor();
      await page.locator(`[data-lab-story="${number}"][data-lab-over="true"]`).waitFor();

      const end = await told.getByRole('status').textContent();
      assert.match(end ?? '', /Every number agrees on both sides\./);
      const shown = (name: string) => told.locator(`[data-lab-number="${name}"]`).textContent();
      assert.deepEqual([await shown('database'), await shown('stripe')], [String(endsWith), String(endsWith)]);
      await told.locator('[data-lab-side="seatbelt"][data-standing="meet"]').waitFor();
      assert.equal(await told.getByText('Not so:').count(), 0);
      const checked = await told.getByRole('list', { name: 'Checked' }).getByRole('listitem').count();
      assert.ok(checked >= 3, `${checked} things were checked`);
      const moments = await told.getByRole('table', { name: 'The numbers at each moment' }).getByRole('row').count();
      assert.ok(moments >= 3, `a heading, and the numbers at ${moments - 1} moments`);
      await button.locator('[data-lab-outcome="agreed"]').waitFor();
      assert.deepEqual(await violations(page), []);
      assert.equal(await sideways(page), 0);
    });
  }
}
