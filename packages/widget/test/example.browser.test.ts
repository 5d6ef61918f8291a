import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchChromium } from '@seatbelt/dev/chromium';
import type { Browser, Page } from 'playwright-core';
import type { Authorization } from 'seatbelt';
import { type Product, product } from '../../engine/test/product.ts';
import { type Host, startHost } from '../example/host.ts';

const owner: Authorization = { organization: 'org_test', actor: 'user_owner', may: 'change' };
const secret = 'a secret of more than thirty-two bytes, for tests';

describe('the widget on a page of one origin, the seats on another', () => {
  let browser: Browser;
  let shop: Product;
  let host: Host;
  let signedIn: Authorization | null = owner;
  before(async () => {
    [browser, shop] = await Promise.all([launchChromium(), product()]);
    host = await startHost(shop.seatbelt, () => signedIn, { secret, lifetimeSeconds: 1 });
  });
  after(async () => {
    await browser.close();
    await host[Symbol.asyncDispose]();
    await shop[Symbol.asyncDispose]();
  });

  async function opened(as: Authorization | null): Promise<{ page: Page; problems: string[] }> {
    signedIn = as;
    const page = await browser.newPage({ viewport: { width: 480, height: 900 }, locale: 'en-US' });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(host.app);
    return { page, problems };
  }

  test('an owner sees the price, buys two seats, and both sides agree', async () => {
    const { page, problems } = await opened(owner);
    await page.getByRole('spinbutton').fill('12');
    await page.getByText(/2 seats more: nothing today\. The next invoice, on .*, asks for \$/).waitFor();
    await page.getByRole('button', { name: 'Change to 12' }).click();
    await page.getByText('Done. Stripe has confirmed it.').waitFor();
    assert.equal(await page.locator('[data-count="purchased"]').textContent(), '12');
    assert.equal(shop.stripeQuantity(), 12);
    const { changes } = await shop.seatbelt.changes('org_test');
    assert.equal(changes[0]?.actor, 'user_owner', 'who did it comes from the token');
    assert.deepEqual(problems, []);
    await page.close();
  });

  test('a token that ran out is replaced without anybody noticing', async () => {
    const { page } = await opened(owner);
    let tokens = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/widget-token')) tokens += 1;
    });
    await page.locator('[data-count="purchased"]').waitFor();
    const refused = page.waitForResponse(
      (response) => response.url().startsWith(host.api) && response.status() === 401,
    );
    await page.getByRole('spinbutton').fill('13');
    // Typing until the token of one second is over: each choice asks for a price.
    for (let wanted = 14; ; wanted = wanted === 14 ? 13 : 14) {
      await page.getByRole('spinbutton').fill(String(wanted));
      await page.getByText(/The next invoice/).waitFor();
      if (tokens > 0) break;
    }
    await refused;
    await page.getByText(/The next invoice/).waitFor();
    await page.close();
  });

  test('a member sees the seats and can change nothing, whatever the page does', async () => {
    const { page } = await opened({ ...owner, actor: 'user_member', may: 'read' });
    await page.getByText('You can see the seats.').waitFor();
    assert.equal(await page.getByRole('spinbutton').count(), 0);
    const before = shop.stripeWrites().length;
    const status = await page.evaluate(async (api) => {
      const put = async () => {
        const token = await (await fetch('/widget-token', { method: 'POST' })).text();
        const response = await fetch(`${api}/api/billing/seats`, {
          method: 'PUT',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ seats: 40 }),
        });
        return response.status;
      };
      // A token lives for a second here, and may be over before it arrives.
      let answered = 401;
      for (let tries = 0; tries < 5 && answered === 401; tries += 1) answered = await put();
      return answered;
    }, host.api);
    assert.equal(status, 403);
    assert.equal(shop.stripeWrites().length, before);
    await page.close();
  });

  test('nobody signed in, and a token for an organization that is not there: no seats, no details', async () => {
    const stranger = await opened(null);
    await stranger.page
      .getByText('You have no access to these seats.')
      .or(stranger.page.getByText(/server does not answer/))
      .waitFor();
    assert.equal(await stranger.page.locator('[data-count]').count(), 0);
    await stranger.page.close();
    const foreign = await opened({ ...owner, organization: 'org_foreign' });
    await foreign.page.getByText('You have no access to these seats.').waitFor();
    assert.equal(await foreign.page.locator('[data-count]').count(), 0);
    await foreign.page.close();
  });

  test('a declined card: the number is as before and the screen says that nothing was charged', async () => {
    const { page } = await opened(owner);
    await page.locator('[data-count="purchased"]', { hasText: /^12$/ }).waitFor();
    const fault = shop.sim.faults.add({ kind: 'card_decline_402', match: { route: 'POST /v1/subscriptions/:id' } });
    await page.getByRole('spinbutton').fill('15');
    await page.getByRole('button', { name: 'Change to 15' }).click();
    await page.locator('[data-stage="rolled_back"]').waitFor();
    await page.getByText('Nothing was charged and the number is as before.').waitFor();
    await page.locator('[data-count="purchased"]', { hasText: /^12$/ }).waitFor();
    assert.equal(shop.stripeQuantity(), 12);
    shop.sim.faults.remove(fault);
    await page.close();
  });

  test('a decrease that waits for the end of the period is shown, and can be taken back', async () => {
    await shop.seatbelt.changeTerms('org_test', { decrease: { when: 'period_end' } }, { actor: 'staff' });
    const { page } = await opened(owner);
    await page.getByRole('spinbutton').fill('9');
    await page.getByRole('button', { name: 'Change to 9' }).click();
    await page.getByText(/9 seats from .* on\. Until then the bill stays the same/).waitFor();
    assert.equal(shop.stripeQuantity(), 12);
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByRole('button', { name: 'Take it back' }).waitFor({ state: 'detached' });
    assert.equal((await shop.seatbelt.seats('org_test')).scheduled, null);
    await page.close();
  });
});
