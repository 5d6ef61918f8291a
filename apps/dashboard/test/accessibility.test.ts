import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import {
  agreement,
  card,
  counted,
  type OpenBrowser,
  openBrowser,
  type PageOptions,
  stage,
  violations,
} from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';
import { firstLoad, totalOf } from './support/weight.ts';

describe('Every screen can be used by everyone', () => {
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;
  let organization: string;

  before(async () => {
    [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
    organization = await dashboard.organization({ seats: 12, used: 7, reserved: 2 });
    await dashboard.seatbelt.set(organization, 14);
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
  });

  const billing = () => `${dashboard.url}/organizations/${organization}/billing`;

  async function openBilling(options: PageOptions): Promise<Page> {
    const page = await browser.page(billing(), options);
    await agreement(page, 'meet');
    await stage(page, 'applied');
    return page;
  }

  for (const theme of ['light', 'dark'] as const) {
    test(`axe finds nothing in the ${theme} theme: list, billing with an open entry, a complaint, a refusal`, async () => {
      const list = await browser.page(dashboard.url, { theme });
      await list.getByRole('link', { name: organization }).waitFor();
      assert.deepEqual(await violations(list), []);
      await list.close();

      const page = await openBilling({ theme });
      await card(page, 'History')
        .getByRole('button', { name: /Seats set from 12 to 14/ })
        .click();
      await page.getByText('Stripe confirmed the quantity.').waitFor();
      assert.deepEqual(await violations(page), []);

      await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('2');
      await page.getByText('9 seats are in use. Free 7 first.').waitFor();
      await card(page, 'Seats in use').getByRole('radio', { name: 'Free' }).click();
      await card(page, 'Seats in use').getByLabel('Holders').fill('nobody');
      await card(page, 'Seats in use').getByRole('button', { name: 'Free 1 seat' }).click();
      await page.getByText('One of these names holds no seat.').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.close();
    });

    test(`axe finds nothing in the ${theme} theme while a change is in doubt`, async () => {
      const doubtful = await dashboard.organization({ seats: 5, used: 1 });
      const fault = dashboard.sim.faults.add({ kind: 'drop_before', times: Number.POSITIVE_INFINITY });
      await dashboard.seatbelt.set(doubtful, 6, { waitMs: 0 });
      const page = await browser.page(`${dashboard.url}/organizations/${doubtful}/billing`, { theme });
      await stage(page, 'in_doubt');
      await agreement(page, 'unknown');
      assert.deepEqual(await violations(page), []);
      dashboard.sim.faults.remove(fault);
      await stage(page, 'applied');
      await page.close();
    });
  }

  for (const width of [320, 390, 768, 1280, 1920]) {
    test(`nothing is cut off or scrolls sideways at ${width} pixels`, async () => {
      const page = await openBilling({ width });
      await card(page, 'History')
        .getByRole('button', { name: /Seats set from 12 to 14/ })
        .click();
      await page.getByText('Stripe confirmed the quantity.').waitFor();
      const sideways = await page.evaluate(() => {
        const root = document.documentElement;
        return root.scrollWidth - root.clientWidth;
      });
      assert.equal(sideways, 0);
      await page.close();
    });
  }

  test('nothing moves while the screen is being filled', async () => {
    const page = await openBilling({});
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          const observer = new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
            resolve(sum);
          });
          observer.observe({ type: 'layout-shift', buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
        }),
    );
    assert.ok(shift < 0.02, `cumulative layout shift ${shift}`);
    await page.close();
  });

  test('a phone on a slow line has little to fetch: the first load of the billing screen is at most 170 kB', async () => {
    const scripts = await firstLoad(`${dashboard.url}/organizations/${organization}/billing`);
    assert.ok(scripts.length > 5, 'the page names its scripts');
    assert.ok(totalOf(scripts) <= 170_000, `${totalOf(scripts)} bytes: ${JSON.stringify(scripts)}`);
  });

  test('the theme can be chosen, and is kept', async () => {
    const page = await openBilling({ theme: 'light' });
    await page.getByRole('button', { name: 'Switch between light and dark' }).click();
    await page.locator('html.dark').waitFor();
    await page.reload();
    await counted(page, 'purchased', 14);
    await page.locator('html.dark').waitFor();
    await page.close();
  });
});
