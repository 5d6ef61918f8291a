import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { card, changeSeats, counted, type OpenBrowser, openBrowser, priced, stage } from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';

describe('The billing screen while nobody knows, and after a refusal', () => {
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;

  before(async () => {
    [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
  });

  /** The screen of an organization that has had a change, with a clock that can be put forward. */
  async function open(): Promise<{ organization: string; page: Page }> {
    const organization = await dashboard.organization({ seats: 10, used: 1 });
    await dashboard.seatbelt.set(organization, 12);
    const page = await browser.page('about:blank');
    await page.clock.install();
    await page.goto(`${dashboard.url}/organizations/${organization}/billing`);
    await counted(page, 'purchased', 12);
    await stage(page, 'applied');
    await page.locator('[data-live="true"]').waitFor();
    return { organization, page };
  }

  /** What becomes of each try to buy seats on its way. */
  const purchases = (page: Page, onTry: (route: Route) => Promise<unknown>) =>
    page.route('**/api/billing/seats', (route) =>
      route.request().method() === 'PUT' ? onTry(route) : route.fallback(),
    );
  /** Lets the waits between the tries pass. */
  async function triesUsedUp(page: Page): Promise<void> {
    const last = page.locator('[data-stage="unknown"]');
    // They take fifteen seconds; a screen that never says so fails the test instead of holding it.
    for (let seconds = 0; seconds < 120 && (await last.count()) === 0; seconds += 1) await page.clock.runFor(1_000);
    await last.waitFor();
  }
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);

  test('of a request that did not arrive nothing is told that was recorded of an older change', async () => {
    const { page } = await open();
    const latest = card(page, 'Latest change');
    const steps = latest.getByRole('list', { name: 'Timeline' });
    const held = Promise.withResolvers<void>();
    await purchases(page, async (route) => {
      await held.promise;
      await route.abort('connectionreset');
    });
    await steps.getByText('Both sides agree.').waitFor();
    await changeSeats(page, 14);
    for (const stageOfIt of ['writing', 'lost', 'unknown']) {
      if (stageOfIt === 'lost') held.resolve();
      if (stageOfIt === 'unknown') await triesUsedUp(page);
      await stage(page, stageOfIt);
      await latest.getByText('From 12 to 14 seats').waitFor();
      await steps.getByText('Written in the database').waitFor();
      assert.equal(await steps.getByText('Both sides agree.').count(), 0, stageOfIt);
      assert.equal(await page.getByText('It goes on without this page.').count(), 0, stageOfIt);
    }
    await latest.getByText('nobody knows whether the request arrived').waitFor();

    // It stays so until it is asked again; the focus is never lost.
    const asked = Promise.withResolvers<void>();
    await page.unrouteAll();
    await purchases(page, async (route) => {
      await asked.promise;
      await route.continue();
    });
    const again = page.getByRole('button', { name: 'Ask again' });
    await again.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Asking again…' }).waitFor();
    assert.equal(await focused(page), 'Asking again…');
    asked.resolve();
    await stage(page, 'applied');
    await counted(page, 'purchased', 14);
    await page.getByText('Nobody knows yet whether this arrived.').waitFor({ state: 'detached' });
    assert.match((await focused(page)) ?? '', /^(Working…|Change)/);
    await page.close();
  });

  test('what nobody knows can be dismissed', async () => {
    const { page } = await open();
    await purchases(page, (route) => route.abort('connectionreset'));
    await changeSeats(page, 14);
    await triesUsedUp(page);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await stage(page, 'applied');
    await page.getByText('Nobody knows yet whether this arrived.').waitFor({ state: 'detached' });
    assert.equal(await focused(page), 'Change to 14');
    await page.close();
  });

  test('a request that arrived is seen as a change although its answer is lost, and then needs the page no more', async () => {
    const { organization, page } = await open();
    const held = Promise.withResolvers<void>();
    await purchases(page, async (route) => {
      await route.fetch();
      await held.promise;
      await route.abort('connectionreset');
    });
    await changeSeats(page, 14);
    await card(page, 'Latest change').getByText('Seats set from 12 to 14').waitFor();
    await page.getByText('Under way. It goes on without this page.').waitFor();
    assert.equal(dashboard.quantityOf(organization), 14);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    held.resolve();
    await page.close();
  });

  test('after a refusal the older change is no news, and the refusal goes with the next edit', async () => {
    const { page } = await open();
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      const region = document.querySelector('[role="status"].sr-only');
      if (region === null) throw new Error('Nothing is announced.');
      new MutationObserver(() => heard.push(region.textContent ?? '')).observe(region, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    await purchases(page, (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        json: { type: 'urn:x', title: 'No', status: 409, detail: 'No.', code: 'above_maximum' },
      }),
    );
    await changeSeats(page, 14);
    const refusal = page.getByRole('alert').getByText('That is above the most seats allowed.');
    await refusal.waitFor();
    await stage(page, 'applied');
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('13');
    await refusal.waitFor({ state: 'detached' });
    const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard);
    assert.deepEqual(
      heard.filter((sentence) => sentence !== ''),
      ['Writing: From 12 to 14 seats.'],
    );

    const use = card(page, 'Seats in use');
    await use.getByRole('radio', { name: 'Free' }).click();
    await use.getByLabel('Holders').fill('nobody');
    await use.getByRole('button', { name: 'Free 1 seat' }).click();
    await use.getByText('One of these names holds no seat.').waitFor();
    await use.getByRole('radio', { name: 'Assign' }).click();
    await use.getByText('One of these names holds no seat.').waitFor({ state: 'detached' });
    await page.close();
  });

  test('a number that was chosen from another count is not sent before one goes on from the count of now', async () => {
    const { organization, page } = await open();
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('24');
    await priced(page);
    await dashboard.seatbelt.set(organization, 22, { actor: 'another admin' });
    await page.getByText('It changed to 22 while you were choosing.').waitFor();
    await priced(page);
    const change = page.getByRole('button', { name: 'Change to 24' });
    assert.equal(await change.getAttribute('aria-disabled'), 'true');
    await page.getByRole('button', { name: 'Go on from 22' }).click();
    assert.equal(await focused(page), 'Change to 24');
    await page.locator('button[type="submit"][aria-disabled="false"]', { hasText: 'Change to 24' }).waitFor();
    await change.click();
    await counted(page, 'purchased', 24);
    await page.close();
  });
});
