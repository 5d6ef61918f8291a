import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { stories } from '../../../../packages/dev/src/demo/stories/index.ts';
import { faultStories } from '../../src/features/fault-lab/contract.ts';
import { sideways, violations } from './browser.ts';

/** Presses the button of that story of the command line and reads its end from the page. */
export async function tellByButton(page: Page, number: number): Promise<void> {
  const story = faultStories.find(({ id }) => id === String(number));
  const endsWith = stories.find((known) => known.number === number)?.endsWith;
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
}
