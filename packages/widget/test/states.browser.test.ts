import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '@seatbelt/dev/chromium';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Served } from '../example/serve.ts';
import { startPlayground } from '../playground/playground.ts';
import { states } from '../playground/states.ts';

const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

describe('every state of the seat manager', () => {
  let browser: Browser;
  let playground: Served;
  before(async () => {
    [browser, playground] = await Promise.all([launchChromium(), startPlayground()]);
  });
  after(async () => {
    await browser.close();
    await playground[Symbol.asyncDispose]();
  });

  async function opened(query: string, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      colorScheme,
      locale: 'en-US',
      timezoneId: 'Europe/Lisbon',
      reducedMotion: 'reduce',
    });
    page.on('pageerror', (error) => {
      throw error;
    });
    await page.goto(`${playground.origin}/${query}`);
    await page.getByText('12 seats are in use').or(page.locator('[data-state]').last()).first().waitFor();
    return page;
  }

  async function state(name: string): Promise<Page> {
    return await opened(`?state=${encodeURIComponent(name)}`, 480);
  }

  async function chooseFourteen(page: Page): Promise<void> {
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('14');
  }

  for (const scheme of ['light', 'dark'] as const) {
    test(`axe finds nothing in the ${scheme} theme`, async () => {
      const page = await opened('', 1280, scheme);
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate(() =>
        (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      );
      assert.deepEqual(
        violations.flatMap((one) =>
          one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`),
        ),
        [],
      );
      assert.equal(await page.locator('[data-state]').count(), states.length);
      await page.close();
    });
  }

  for (const width of [320, 390, 1280]) {
    test(`nothing is cut off or scrolls sideways at ${width} pixels`, async () => {
      const page = await opened('', width);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('.seatbelt *')]
          .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
          .filter((element) => getComputedStyle(element).overflow !== 'visible')
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      assert.deepEqual(cut, []);
      await page.close();
    });
  }

  test('the price of a choice is told before it is confirmed, and what came of it after', async () => {
    const page = await state('calm');
    await chooseFourteen(page);
    await page.getByText('2 seats more: $24.51 today. The next invoice, on December 1, asks for $288.').waitFor();
    await page.getByRole('button', { name: 'Change to 14' }).click();
    await page.getByRole('status').getByText('Done. Stripe has confirmed it.').waitFor();
    await page.close();
  });

  test('with the keyboard alone: steps, ten at once, bounds, and Escape', async () => {
    const page = await state('calm');
    const input = page.getByRole('spinbutton');
    await input.focus();
    await page.keyboard.press('ArrowUp');
    assert.equal(await input.inputValue(), '13');
    await page.keyboard.press('PageUp');
    assert.equal(await input.inputValue(), '23');
    await page.keyboard.press('Escape');
    assert.equal(await input.inputValue(), '12');
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('ArrowDown');
    assert.equal(await input.inputValue(), '9', 'a step never leads below the seats in use');
    await input.fill('8');
    await page.getByText('9 seats are in use. Free 1 first.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Change', exact: true }).getAttribute('aria-disabled'), 'true');
    await input.fill('2.5');
    await page.getByText('Enter a whole number from 1 to 1,000,000.').waitFor();
    await input.fill('13');
    await page.getByText('The next invoice').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Done. Stripe has confirmed it.').waitFor();
    await page.close();
  });

  test('while the price is being asked for nothing can be confirmed; where nobody can say it, it can', async () => {
    const slow = await state('slow price');
    await chooseFourteen(slow);
    await slow.getByText('Asking Stripe for the price').waitFor();
    await slow.getByRole('spinbutton').press('Enter');
    assert.equal(await slow.locator('[data-stage]').getAttribute('data-stage'), 'idle', 'nothing was sent');
    const button = slow.getByRole('button', { name: 'Change to 14' });
    assert.equal(await button.getAttribute('aria-disabled'), 'true');
    await slow.close();

    const none = await state('no price');
    await chooseFourteen(none);
    await none.getByText('The price is not known at the moment.').waitFor();
    await none.getByRole('button', { name: 'Change to 14' }).click();
    await none.getByText('Done. Stripe has confirmed it.').waitFor();
    await none.close();
  });

  test('an answer that does not come is never shown as an outcome', async () => {
    const page = await state('answer lost');
    await chooseFourteen(page);
    await page.getByRole('button', { name: 'Change to 14' }).click();
    await page.locator('[data-stage="lost"]').waitFor();
    await page.getByText('it is not known whether the request arrived').waitFor();
    assert.equal(await page.getByText('Done.').count(), 0);
    assert.equal(await page.getByText('Nothing was charged').count(), 0);
    await page.close();
  });

  const sentences: [state: string, sentence: RegExp, choose: boolean][] = [
    ['loading', /Reading the seats/, false],
    ['unreachable', /server does not answer/, false],
    ['turned away', /no access/, false],
    ['read only', /An owner or admin can change them/, false],
    ['slow price', /Asking Stripe for the price/, true],
    ['no price', /price is not known at the moment.*Stripe could not be asked/, true],
    ['asking Stripe', /Stripe is being asked/, false],
    ['in doubt', /Nobody knows yet what Stripe did/, false],
    ['awaiting payment', /waits for the payment/, false],
    ['rolling back', /old number is being put back/, false],
    ['over capacity', /More seats are in use than are paid for/, false],
    ['held', /Stripe and our records differ/, false],
    ['decrease scheduled', /10 seats from December 1 on\. Until then the bill stays the same/, false],
    ['awaiting approval', /14 seats: an owner has to approve it/, false],
    ['past due', /An invoice is open/, false],
    ['paused', /Changes are paused/, false],
    ['ended', /subscription has ended/, false],
    ['no subscription', /no subscription yet/, false],
    ['follows use', /Billing follows the seats in use/, false],
  ];
  for (const [name, sentence, choose] of sentences) {
    test(`${name}: says so`, async () => {
      const page = await state(name);
      if (choose) await chooseFourteen(page);
      await page.getByText(sentence).first().waitFor();
      await page.close();
    });
  }

  const endings: [state: string, sentence: RegExp][] = [
    ['refused', /13 seats are in use\. Nothing was changed and nothing was charged\./],
    ['not written', /The server could not write it\. Nothing was changed/],
    ['rolled back', /Your card was declined\. It was not made\. Nothing was charged/],
    ['slow change', /written down first/],
  ];
  for (const [name, sentence] of endings) {
    test(`${name}: says what happened to the money`, async () => {
      const page = await state(name);
      await chooseFourteen(page);
      await page.getByRole('button', { name: 'Change to 14' }).click();
      await page.getByText(sentence).first().waitFor();
      await page.close();
    });
  }

  test('while a payment is awaited the way to pay is there', async () => {
    const page = await state('awaiting payment');
    const link = page.getByRole('link', { name: 'Pay now' });
    assert.equal(await link.getAttribute('href'), 'https://invoice.stripe.com/i/example');
    await page.close();
  });
});
