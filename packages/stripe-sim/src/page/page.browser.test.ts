import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import packedChromium from '@sparticuz/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type StripeSim, startStripeSim } from '../index.ts';

// The packed Chromium exists for Linux on x64 only. Elsewhere the promises of this file are kept by nobody.
const skip = process.platform === 'linux' && process.arch === 'x64' ? false : 'no packed Chromium for this machine';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let sim: StripeSim;
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  sim = await startStripeSim({ clock: { frozen: true } });
  sim.admin.createDemoSubscription({ quantity: 5 });
  browser = await chromium.launch({
    executablePath: await packedChromium.executablePath(),
    // One process for everything would end with the first page that is closed.
    args: [...packedChromium.args.filter((argument) => argument !== '--single-process'), '--no-sandbox'],
  });
});
after(async () => {
  if (skip !== false) return;
  await browser.close();
  await sim.close();
});

async function opened(width: number, colorScheme: 'light' | 'dark'): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(`${sim.url}/_sim`);
  await page.getByText('live', { exact: true }).waitFor();
  return { page, problems };
}

test('a fault armed on the page strikes the next request, and the page shows it', { skip }, async () => {
  const { page, problems } = await opened(1280, 'light');
  await page.getByRole('button', { name: 'Lose next answer' }).click();
  await page.getByText('struck 0 of 1').waitFor();
  const lost = fetch(`${sim.url}/v1/customers`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test_page', 'Idempotency-Key': 'from-the-page' },
  });
  await assert.rejects(lost);
  await page.getByText('no answer').waitFor();
  await page.getByText('from-the-page').waitFor();
  assert.equal(sim.truth().requests.at(-1)?.fault, 'drop_after');
  assert.deepEqual(problems, []);
  await page.close();
});

test('a seat change by another hand is made from the page with the keyboard alone', { skip }, async () => {
  const { page, problems } = await opened(1280, 'dark');
  await page.getByRole('tab', { name: 'Requests' }).focus();
  await page.keyboard.press('ArrowRight');
  const row = page.getByRole('button', { name: /5 seats/ });
  await row.focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Seats', { exact: true }).fill('8');
  await page.getByRole('button', { name: 'Change as the dashboard' }).press('Enter');
  await page.getByRole('button', { name: /8 seats/ }).waitFor();
  const item = sim.truth().subscriptions[0]?.items.data[0];
  assert.equal(item?.quantity, 8);
  assert.equal(sim.truth().quantityHistory[item.id]?.at(-1)?.by, 'dashboard');
  assert.deepEqual(problems, []);
  await page.close();
});

test('events are held, let go last first, and spoiled from the page', { skip }, async () => {
  const received: string[] = [];
  const endpoint = sim.events.addEndpoint({
    receiver: async (request) => {
      const event: { type: string } = JSON.parse(await request.text());
      received.push(event.type);
      return new Response();
    },
  });
  const { page, problems } = await opened(1280, 'light');
  await page.getByRole('button', { name: 'Hold events' }).click();
  await page.getByText('Events are kept back').waitFor();
  sim.admin.createDemoSubscription({ quantity: 3 });
  await page.getByText(/[1-9]\d* deliveries held/).waitFor();
  assert.deepEqual(received, []);
  await page.getByLabel('Release them').selectOption('reverse');
  await page.getByRole('button', { name: 'Release', exact: true }).click();
  await page.getByText('0 deliveries held').waitFor();
  const about = sim.truth().deliveries.map((delivery) => delivery.type);
  assert.deepEqual(received, about.toReversed());

  received.length = 0;
  await page.getByLabel('Do to the next event').selectOption('drop');
  await page.getByRole('region', { name: 'Webhooks' }).getByRole('button', { name: 'Arm' }).click();
  await page.getByText('Next event: Never deliver').waitFor();
  const [subscription] = sim.truth().subscriptions;
  assert.ok(subscription !== undefined);
  const item = subscription.items.data[0]?.id ?? '';
  sim.admin.foreignQuantityChange({ subscription: subscription.id, item, quantity: 9, by: 'portal' });
  await sim.events.flush();
  const states = sim.truth().deliveries.filter((delivery) => delivery.state === 'dropped');
  assert.equal(states.length, 1);
  assert.deepEqual(problems, []);
  sim.events.removeEndpoint(endpoint.id);
  await page.close();
});

for (const [width, scheme] of [
  [390, 'light'],
  [820, 'dark'],
  [1440, 'light'],
] as const) {
  test(`at ${width} px in ${scheme} nothing overflows and axe finds nothing wrong`, { skip }, async () => {
    const { page, problems } = await opened(width, scheme);
    for (const tab of ['Requests', 'Subscriptions', 'Events', 'Money']) {
      await page.getByRole('tab', { name: tab }).click();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, tab);
      await page.evaluate(axeSource);
      const found = await page.evaluate<string[]>(
        "axe.run().then((result) => result.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html).join(' ')))",
      );
      assert.deepEqual(found, [], tab);
    }
    assert.deepEqual(problems, []);
    await page.close();
  });
}
