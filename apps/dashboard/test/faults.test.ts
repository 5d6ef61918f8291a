import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type SentryReceiver, sentryReceiver } from '../../../packages/engine/src/alerts/testing/sentry-receiver.ts';
import { agreement, card, changeSeats, counted, type OpenBrowser, openBrowser, stage } from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';

describe('When something breaks, the screen says what is known and what became of the money', () => {
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;
  let sentry: SentryReceiver;

  before(async () => {
    sentry = await sentryReceiver();
    [dashboard, browser] = await Promise.all([startDashboard('demo', { sentryDsn: sentry.dsn }), openBrowser()]);
  });
  afterEach(() => dashboard.sim.faults.clear());
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
    await sentry[Symbol.asyncDispose]();
  });

  async function openBilling(): Promise<{ organization: string; page: Page }> {
    const organization = await dashboard.organization({ seats: 10, used: 7 });
    const page = await browser.page(`${dashboard.url}/organizations/${organization}/billing`);
    await counted(page, 'purchased', 10);
    await agreement(page, 'meet');
    return { organization, page };
  }

  const flip = (page: Page, name: string) => card(page, 'Break something').getByRole('switch', { name }).click();
  const mend = (page: Page) => page.getByRole('button', { name: 'Mend everything' }).click();

  test('a declined card: rolled back, nothing was charged', async () => {
    const { organization, page } = await openBilling();
    await flip(page, 'Card declines');
    await page.getByRole('switch', { name: 'Card declines', checked: true }).waitFor();
    await changeSeats(page, 12);
    await stage(page, 'rolled_back');
    await card(page, 'Latest change').getByText('Nothing was charged.').waitFor();
    await counted(page, 'purchased', 10);
    await agreement(page, 'meet');
    assert.equal(dashboard.quantityOf(organization), 10);
    assert.equal((await dashboard.seatbelt.seats(organization)).purchasedSeats, 10);

    await mend(page);
    await page.getByRole('switch', { name: 'Card declines', checked: false }).waitFor();
    await changeSeats(page, 12);
    await stage(page, 'applied');
    assert.equal(dashboard.quantityOf(organization), 12);
    await page.close();
  });

  test('a lost answer: in doubt, never success or failure, and applied by itself', async () => {
    const { organization, page } = await openBilling();
    await flip(page, 'Stripe answers lost');
    await page.getByRole('switch', { name: 'Stripe answers lost', checked: true }).waitFor();
    await changeSeats(page, 13);
    await stage(page, 'in_doubt');
    const latest = card(page, 'Latest change');
    await latest.getByText('nobody knows yet whether the bill changed').waitFor();
    await agreement(page, 'open');
    // Stripe has done it, and the database does not count on that before it is proven.
    assert.equal(dashboard.quantityOf(organization), 13);
    assert.equal((await dashboard.seatbelt.seats(organization)).settledSeats, 10);

    // A reload in the middle finds the same change.
    await page.reload();
    await stage(page, 'in_doubt');
    await mend(page);
    await stage(page, 'applied');
    await counted(page, 'purchased', 13);
    await agreement(page, 'meet');
    const writes = dashboard.sim.truth().requests.filter((entry) => entry.method === 'POST' && entry.executed);
    assert.equal(new Set(writes.map((entry) => entry.key)).size, writes.filter((entry) => !entry.replayed).length);
    await page.close();
  });

  test('Stripe down: its number is unknown and not guessed, and the change goes through when it is back', async () => {
    const { organization, page } = await openBilling();
    await flip(page, 'Stripe down');
    await page.getByRole('switch', { name: 'Stripe down', checked: true }).waitFor();
    await changeSeats(page, 11);
    await stage(page, 'in_doubt');
    await agreement(page, 'unknown');
    await card(page, 'Both sides').getByText('?', { exact: true }).waitFor();
    assert.equal(dashboard.quantityOf(organization), 10);
    await mend(page);
    await stage(page, 'applied');
    await agreement(page, 'meet');
    assert.equal(dashboard.quantityOf(organization), 11);
    await page.close();
  });

  test('the database goes away after Stripe refused: the last numbers are marked as old, then it is rolled back', async () => {
    const { organization, page } = await openBilling();
    await flip(page, 'Database down after Stripe refuses');
    await page.getByText('Armed: change the seats now. It strikes once.').waitFor();
    await changeSeats(page, 14);
    await page.getByText('On: this server is cut off from its database for some seconds.').waitFor();
    await page.getByText('The database cannot be read at the moment.').waitFor();
    await page.getByText('Last known numbers').waitFor();
    // The answer to the request itself comes after 10 s: Stripe refused, and that is all that is known so far.
    await stage(page, 'rollback_pending');
    await page.getByText('Stripe refused the change. The old number comes back.').waitFor();
    await stage(page, 'rolled_back');
    await counted(page, 'purchased', 10);
    await agreement(page, 'meet');
    await page.getByText('Last known numbers').waitFor({ state: 'detached' });
    assert.equal(dashboard.quantityOf(organization), 10);
    const seats = await dashboard.seatbelt.seats(organization);
    assert.deepEqual([seats.purchasedSeats, seats.settledSeats, seats.pending], [10, 10, null]);

    // The dashboard brings a Sentry, and the people who run it heard of this while it lasted.
    const { event } = await sentry.accepted();
    assert.equal(event.level, 'fatal');
    assert.match(JSON.stringify(event), new RegExp(organization));
    await page.close();
  });

  test('an answer of the server that is lost on the way: the same intention is sent again and counts once', async () => {
    const { organization, page } = await openBilling();
    const keys: (string | undefined)[] = [];
    await page.route('**/api/billing/seats', async (route) => {
      if (route.request().method() !== 'PUT') return route.fallback();
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.fallback();
      // The server does it, and its answer is thrown away.
      await route.fetch();
      return route.abort('connectionreset');
    });
    await changeSeats(page, 12);
    await stage(page, 'applied');
    await page.waitForFunction(() => document.querySelector('[data-stage="applied"]') !== null);
    await page.getByRole('button', { name: 'Change', exact: true }).waitFor();
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    const { changes } = await dashboard.seatbelt.changes(organization);
    assert.equal(changes.filter((change) => change.kind === 'set').length, 1);
    await page.close();
  });

  test('the server is away: the screen keeps the last numbers and says how old they are', async () => {
    const { page } = await openBilling();
    await page.route('**/api/**', (route) => route.abort('connectionrefused'));
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    await page.getByText('The server cannot be reached at the moment.').waitFor({ timeout: 30_000 });
    await page.getByText('Last known numbers').waitFor();
    await counted(page, 'purchased', 10);
    await page.unroute('**/api/**');
    await page.getByText('The server cannot be reached at the moment.').waitFor({ state: 'detached' });
    await page.close();
  });

  test('a quantity changed in Stripe by somebody else: both sides visibly differ, and nothing grows until it is settled', async () => {
    const { organization, page } = await openBilling();
    dashboard.changeInStripe(organization, 6);
    await dashboard.seatbelt.mark(organization);
    await page.reload();
    await page.getByText('Changes of the bill are on hold.').waitFor();
    await agreement(page, 'apart');
    await changeSeats(page, 11);
    await page.getByText('Stripe and the database differ here.').waitFor();
    await page.getByText('Nothing was changed and nothing was charged.').waitFor();

    // An operator takes Stripe's word; then fewer seats are paid for than are in use, and nobody is thrown out.
    await dashboard.seatbelt.resolve(organization, { by: 'stripe', reason: 'The customer lowered it in the portal.' });
    await page.reload();
    await page.getByText('1 more seat is in use than paid for.').waitFor();
    await counted(page, 'assigned', 7);
    await counted(page, 'purchased', 6);
    await agreement(page, 'meet');
    assert.equal(dashboard.quantityOf(organization), 6);
    await page.close();
  });
});
