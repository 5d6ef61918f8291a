import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  agreement,
  card,
  changeSeats,
  count,
  counted,
  holdAnswers,
  type OpenBrowser,
  openBrowser,
  priced,
  stage,
} from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';

describe('An owner changes seats on the screen', () => {
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;

  before(async () => {
    [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
  });

  const billing = (organization: string) => `${dashboard.url}/organizations/${organization}/billing`;

  test('from the first visit to a changed seat, both sides meet and the history says how', async () => {
    const organization = await dashboard.organization({ seats: 10, used: 7 });
    const page = await browser.page(dashboard.url);
    await page.getByRole('link', { name: organization }).click();
    await counted(page, 'purchased', 10);
    await agreement(page, 'meet');

    await changeSeats(page, 12);
    await stage(page, 'applied');
    await counted(page, 'purchased', 12);
    await agreement(page, 'meet');
    await card(page, 'Latest change').getByText('Stripe has confirmed it and bills for 12 seats.').waitFor();
    assert.equal(dashboard.quantityOf(organization), 12);

    await card(page, 'History')
      .getByRole('button', { name: /Seats set from 10 to 12/ })
      .click();
    await page.getByText('Stripe confirmed the quantity.').waitFor();
    const request = dashboard.sim.truth().requests.findLast((entry) => entry.method === 'POST');
    await page
      .getByRole('button', { name: `Copy ${request?.requestId}` })
      .first()
      .waitFor();
    await page.close();
  });

  test('one who clicks twice makes one change', async () => {
    const organization = await dashboard.organization({ seats: 4, used: 1 });
    const page = await browser.page(billing(organization));
    await counted(page, 'purchased', 4);
    await page.getByRole('button', { name: 'One seat more' }).click();
    await priced(page);
    await page.getByRole('button', { name: 'Change to 5' }).dblclick();
    await stage(page, 'applied');
    const { changes } = await dashboard.seatbelt.changes(organization);
    assert.deepEqual(
      changes.filter((change) => change.kind === 'set').map((change) => change.quantity),
      [5],
    );
    await page.close();
  });

  test('what is typed while the answer is on its way stays', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 2 });
    const page = await browser.page(billing(organization));
    const use = card(page, 'Seats in use');
    const answers = await holdAnswers(page, /\/api\/billing\/seats(\?|$)/);
    await use.getByLabel('Holders').fill('ada');
    await use.getByRole('button', { name: 'Add 1 seat' }).click();
    await counted(page, 'assigned', 3);
    await use.getByLabel('Holders').fill('grace, barbara');
    answers.letGo();
    await use.getByRole('button', { name: 'Add 2 seats' }).waitFor();
    assert.equal(await use.getByLabel('Holders').inputValue(), 'grace, barbara');
    await page.close();
  });

  test('members take free seats without a word to Stripe, and buy what is missing', async () => {
    const organization = await dashboard.organization({ seats: 3, used: 2 });
    const page = await browser.page(billing(organization));
    const use = card(page, 'Seats in use');
    const writes = () => dashboard.sim.truth().requests.filter((entry) => entry.method === 'POST').length;
    const before = writes();

    await use.getByLabel('Holders').fill('ada');
    await use.getByText('Fits. The bill stays the same.').waitFor();
    await use.getByRole('button', { name: 'Add 1 seat' }).click();
    await counted(page, 'assigned', 3);
    await page.getByText('The bill stays the same.').first().waitFor();
    assert.equal(writes(), before);

    await use.getByLabel('Holders').fill('grace, barbara');
    await use.getByLabel('Reserve for an invite').check();
    await use.getByText('Up to 2 seats would be bought.').waitFor();
    await use.getByRole('button', { name: 'Add 2 seats' }).click();
    await counted(page, 'reserved', 2);
    await counted(page, 'purchased', 5);
    assert.equal(writes(), before + 1);
    await agreement(page, 'meet');

    await use.getByRole('radio', { name: 'Free' }).click();
    await use.getByLabel('Holders').fill('ada');
    await use.getByRole('button', { name: 'Free 1 seat' }).click();
    await counted(page, 'assigned', 2);
    assert.equal(await count(page, 'purchased'), 5);
    await page.close();
  });

  test('a stale screen is refused, says what happened to the money, and goes on from the present number', async () => {
    const organization = await dashboard.organization({ seats: 6, used: 1 });
    const page = await browser.page('about:blank');
    // After what it was opened with the screen hears nothing before the click, however long that takes.
    const clicked = Promise.withResolvers<void>();
    await page.route(/\/api\/billing\/(seats|live)(\?|$)/, async (route) => {
      if (route.request().method() === 'GET') await clicked.promise;
      await route.continue();
    });
    await page.goto(billing(organization));
    await counted(page, 'purchased', 6);
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('8');
    await priced(page);
    await dashboard.seatbelt.set(organization, 7, { actor: 'another admin' });
    await page.getByRole('button', { name: 'Change to 8' }).click();

    const purchase = card(page, 'Seats you pay for');
    await purchase.getByText('Someone changed the seats meanwhile.').waitFor();
    clicked.resolve();
    await purchase.getByText('Nothing was changed and nothing was charged.').waitFor();
    await counted(page, 'purchased', 7);
    await purchase.getByText('1 more seat than now.').waitFor();

    await page.getByRole('button', { name: 'Change to 8' }).click();
    await counted(page, 'purchased', 8);
    await agreement(page, 'meet');
    await page.close();
  });

  test('a number that cannot be is explained before it is sent', async () => {
    const organization = await dashboard.organization({ seats: 6, used: 4, maximumSeats: 9 });
    const page = await browser.page(billing(organization));
    const input = page.getByRole('spinbutton', { name: 'Number of seats' });
    const before = dashboard.sim.truth().requests.length;
    for (const [typed, said] of [
      ['3', '4 seats are in use. Free 1 first.'],
      ['10', 'At most 9 seats are allowed.'],
      ['0', 'Enter a whole number from 1 to 1,000,000.'],
      ['2.5', 'Enter a whole number from 1 to 1,000,000.'],
      ['', 'Enter a whole number from 1 to 1,000,000.'],
    ] as const) {
      await input.fill(typed);
      await page.getByText(said).waitFor();
      await input.press('Enter');
    }
    await input.press('Escape');
    assert.equal(await input.inputValue(), '6');
    const writes = dashboard.sim
      .truth()
      .requests.slice(before)
      .filter((entry) => entry.method === 'POST');
    assert.deepEqual(writes, []);
    await page.close();
  });

  test('all of it works with the keyboard alone', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 2 });
    const page = await browser.page(dashboard.url);
    const tabTo = async (name: RegExp) => {
      for (let tabs = 0; tabs < 60; tabs += 1) {
        await page.keyboard.press('Tab');
        const focused = await page.evaluate(() => {
          const element = document.activeElement;
          // Behind the last of them comes the page itself, which has every text in it and does nothing.
          if (!(element instanceof HTMLElement) || element === document.body) return '';
          const label = element instanceof HTMLInputElement ? (element.labels?.[0]?.textContent ?? '') : '';
          return `${element.getAttribute('aria-label') ?? ''} ${element.textContent} ${label}`;
        });
        if (name.test(focused)) return;
      }
      assert.fail(`Nothing called ${name} could be reached with Tab.`);
    };

    await tabTo(new RegExp(organization));
    await page.keyboard.press('Enter');
    await counted(page, 'purchased', 5);
    await tabTo(/Number of seats/);
    const outline = await page.evaluate(() => {
      const element = document.activeElement;
      return element === null ? '' : getComputedStyle(element).outlineStyle;
    });
    assert.equal(outline, 'solid', 'the focus can be seen');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await priced(page);
    await page.keyboard.press('Enter');
    await stage(page, 'applied');
    await counted(page, 'purchased', 7);

    // The end is announced, with what became of the money.
    const announced = page.getByRole('status').filter({ hasText: 'Applied: Seats set from 5 to 7.' });
    await announced.waitFor({ state: 'attached' });

    // Its row is there a moment later than the announcement.
    await page.getByRole('button', { name: 'Seats set from 5 to 7' }).waitFor();
    await tabTo(/Seats set from 5 to 7/);
    await page.keyboard.press('Enter');
    await page.getByText('Stripe confirmed the quantity.').waitFor();
    await page.close();
  });
});
