import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import {
  agreement,
  card,
  changeSeats,
  counted,
  holdScripts,
  type OpenBrowser,
  openBrowser,
  priced,
  sideways,
  stage,
  violations,
} from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';

describe('The billing screen: price, timeline, invoices, history', () => {
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;

  before(async () => {
    [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
  });
  afterEach(() => dashboard.sim.faults.clear());
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
  });

  const billing = (organization: string) => `${dashboard.url}/organizations/${organization}/billing`;
  const timeline = (page: Page) => card(page, 'Latest change').getByRole('list', { name: 'Timeline' });

  test('what it costs is said as one types, with credits told apart, and is what is confirmed', async () => {
    const organization = await dashboard.organization({ seats: 10, used: 7 });
    const page = await browser.page(billing(organization));
    const purchase = card(page, 'Seats you pay for');
    await purchase.getByText('You pay for 3 empty seats').waitFor();

    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('12');
    await priced(page);
    await purchase.getByText(/^2 more seats: /).waitFor();
    await purchase
      .getByText(/^For the rest of this period: \$[\d.]+ for 12 seats, less \$[\d.]+ that was paid for 10\.$/)
      .waitFor();
    const [asked, sent] = await Promise.all([
      page.waitForRequest((request) => request.method() === 'PUT'),
      page.getByRole('button', { name: 'Change to 12' }).click(),
    ]);
    assert.equal(sent, undefined);
    const { quote, expectedSeats } = asked.postDataJSON() as { quote?: string; expectedSeats?: number };
    assert.match(quote ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(expectedSeats, 10);
    await stage(page, 'applied');
    await agreement(page, 'meet');

    await purchase.getByRole('button', { name: 'Drop 5 empty seats' }).click();
    await purchase.getByText(/^5 seats fewer: \$[\d.]+ comes off the bill of /).waitFor();
    await page.close();
  });

  test('a price that has moved is refused, told anew, and confirmed with what it is now', async () => {
    const organization = await dashboard.organization({ seats: 4, used: 1 });
    const page = await browser.page(billing(organization));
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('6');
    await priced(page);
    // The quote is forgotten behind the screen's back, as after fifteen minutes.
    await dashboard.database.pool.query(`delete from seatbelt.quotes where organization_id = $1`, [organization]);
    const counts = Promise.withResolvers<void>();
    await page.route('**/api/billing/seats', async (route) => {
      if (route.request().method() === 'GET') await counts.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Change to 6' }).click();
    await card(page, 'Seats you pay for').getByText('The price quoted is out of date.').waitFor();
    assert.equal(dashboard.quantityOf(organization), 4);
    // However long the counts take to be read again, nobody can confirm the old price meanwhile.
    assert.equal(await page.locator('[data-price="quoted"]').count(), 0);
    counts.resolve();
    await priced(page);
    await page.getByRole('button', { name: 'Change to 6' }).click();
    // The change before this one, of the seat in use, is shown as applied from the beginning.
    await counted(page, 'purchased', 6);
    await agreement(page, 'meet');
    assert.equal(dashboard.quantityOf(organization), 6);
    await page.close();
  });

  test('what is typed before the page can listen counts', async () => {
    const organization = await dashboard.organization({ seats: 4, used: 4 });
    const page = await browser.page('about:blank');
    const scripts = await holdScripts(page);
    await page.goto(billing(organization), { waitUntil: 'commit' });
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('6');
    scripts.letGo();
    await priced(page);
    await page.getByRole('button', { name: 'Change to 6' }).waitFor();
    await page.close();
  });

  test('what was unticked is not bought, and nothing is', async () => {
    const organization = await dashboard.organization({ seats: 4, used: 4 });
    const page = await browser.page(billing(organization));
    const use = card(page, 'Seats in use');
    await use.getByLabel('Buy what is missing').uncheck();
    await use.getByLabel('Holders').fill('ada, grace');
    const [asked] = await Promise.all([
      page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/api/billing/seats')),
      use.getByRole('button', { name: 'Add 2 seats' }).click(),
    ]);
    const sent: unknown = asked.postDataJSON();
    assert.deepEqual(sent, {
      action: 'add',
      quantity: 2,
      holders: ['ada', 'grace'],
      reserve: false,
      expand: false,
    });
    await use.getByText('Not enough seats are free.').waitFor();
    assert.equal(dashboard.quantityOf(organization), 4);
    await page.close();
  });

  test('where Stripe cannot say the price, that is said, and going on without one is possible', async () => {
    const organization = await dashboard.organization({ seats: 4, used: 1 });
    dashboard.sim.faults.add({
      kind: 'drop_before',
      times: Number.POSITIVE_INFINITY,
      match: { route: 'POST /v1/invoices/create_preview' },
    });
    const page = await browser.page(billing(organization));
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('5');
    await page.getByText('Stripe cannot be asked for the price just now.').waitFor();
    await page.getByRole('button', { name: 'Change to 5' }).click();
    await stage(page, 'applied');
    await page.close();
  });

  test('a price that nobody could say is asked for until it is known, and what the browser could not do is not said of Stripe', async () => {
    const organization = await dashboard.organization({ seats: 4, used: 1 });
    const page = await browser.page(billing(organization));
    await counted(page, 'purchased', 4);
    await page.context().setOffline(true);
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('5');
    await page.getByText('This browser is offline, so the price is not known.').waitFor();
    await page.context().setOffline(false);
    await page.locator('[data-price="quoted"]').waitFor();

    const fault = dashboard.sim.faults.add({
      kind: 'drop_before',
      times: Number.POSITIVE_INFINITY,
      match: { route: 'POST /v1/invoices/create_preview' },
    });
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('6');
    await page.getByText('Stripe cannot be asked for the price just now.').waitFor();
    dashboard.sim.faults.remove(fault);
    await page.locator('[data-price="quoted"]').waitFor();
    await page.close();
  });

  test('a change is followed by events: another admin’s, a decline, and what was recorded of each', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    const page = await browser.page(billing(organization));
    await page.locator('[data-live="true"]').waitFor();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/api/billing/seats')) asked.push(request.method());
    });
    await dashboard.seatbelt.set(organization, 7, { actor: 'another admin' });
    await counted(page, 'purchased', 7);
    await timeline(page).getByText('Stripe said yes').waitFor();
    await timeline(page).getByText('Applied').waitFor();
    assert.deepEqual(asked, [], 'the counts came by themselves');

    dashboard.sim.faults.add({ kind: 'card_decline_402', times: 1, match: { route: 'POST /v1/subscriptions/:id' } });
    await changeSeats(page, 9);
    await stage(page, 'rolled_back');
    await timeline(page).getByText('Not made').waitFor();
    await card(page, 'Latest change').getByText('Seats from 7 to 9', { exact: true }).waitFor();
    await card(page, 'Latest change').getByText('Nothing was charged.').first().waitFor();
    await counted(page, 'purchased', 7);
    await page.close();
  });

  test('an end that reads as the one at page load is said as well, once something else was said', async () => {
    const organization = await dashboard.organization({ seats: 10, used: 1 });
    await dashboard.seatbelt.set(organization, 12);
    const page = await browser.page(billing(organization));
    await stage(page, 'applied');
    const said = (sentence: string) => page.getByRole('status').filter({ hasText: sentence });
    await changeSeats(page, 10);
    await said('Applied: Seats set from 12 to 10.').waitFor();
    await changeSeats(page, 12);
    await said('Applied: Seats set from 10 to 12.').waitFor();
    await page.close();
  });

  test('a number that is typed while an answer is awaited stays, and is counted from what the answer says', async () => {
    const organization = await dashboard.organization({ seats: 10, used: 1 });
    const page = await browser.page(billing(organization));
    const held = Promise.withResolvers<void>();
    await page.route('**/api/billing/seats', async (route) => {
      if (route.request().method() !== 'PUT') return route.fallback();
      const response = await route.fetch();
      await held.promise;
      await route.fulfill({ response });
    });
    await changeSeats(page, 12);
    await counted(page, 'purchased', 12);
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('14');
    held.resolve();
    await priced(page);
    const [asked] = await Promise.all([
      page.waitForRequest((request) => request.method() === 'PUT'),
      page.getByRole('button', { name: 'Change to 14', exact: true }).click(),
    ]);
    const sent = asked.postDataJSON() as { seats?: number; expectedSeats?: number };
    assert.deepEqual([sent.seats, sent.expectedSeats], [14, 12]);
    await counted(page, 'purchased', 14);
    await page.close();
  });

  test('Stripe goes down mid-change: in doubt with its timeline, the same after a reload, then settled by itself', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    const page = await browser.page(billing(organization));
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('8');
    await priced(page);
    const fault = dashboard.sim.faults.add({
      kind: 'drop_after',
      times: Number.POSITIVE_INFINITY,
      match: { route: 'POST /v1/subscriptions/:id' },
    });
    await page.getByRole('button', { name: 'Change to 8' }).click();
    await stage(page, 'in_doubt');
    await timeline(page).getByText('In doubt').first().waitFor();
    // Seven are more than are used, and three of them are not confirmed: it is not said that so many are empty.
    await page.getByRole('button', { name: 'Down to 1', exact: true }).waitFor();
    await page.reload();
    await stage(page, 'in_doubt');
    await timeline(page).getByText('Asking Stripe').waitFor();
    await timeline(page).getByText('In doubt').first().waitFor();
    dashboard.sim.faults.remove(fault);
    await stage(page, 'applied');
    await counted(page, 'purchased', 8);
    assert.equal(dashboard.quantityOf(organization), 8);
    await page.close();
  });

  test('3-D Secure: it waits for the payment with a link to it, and goes on when that is made', async () => {
    const organization = await dashboard.organization({
      seats: 5,
      used: 1,
      terms: { increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } },
    });
    await dashboard.asksForConfirmation(organization);
    const page = await browser.page(billing(organization));
    await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('7');
    await priced(page);
    await card(page, 'Seats you pay for')
      .getByText(/^2 more seats: \$[\d.]+ today, \$70\.00 a month from /)
      .waitFor();
    await page.getByRole('button', { name: 'Change to 7' }).click();
    await stage(page, 'awaiting_payment');
    await timeline(page).getByText('Waiting for payment').waitFor();
    const pay = page.getByRole('link', { name: 'Open the payment page' });
    assert.match((await pay.getAttribute('href')) ?? '', /^https:\/\/invoice\.stripe\.com\//);
    await page.reload();
    await stage(page, 'awaiting_payment');
    assert.equal(dashboard.quantityOf(organization), 5);
    await dashboard.paysOpenInvoice(organization);
    await stage(page, 'applied');
    await counted(page, 'purchased', 7);
    await agreement(page, 'meet');
    await page.close();
  });

  test('fewer seats at renewal: said before, planned, seen after a reload, undone', async () => {
    const organization = await dashboard.organization({
      seats: 10,
      used: 7,
      terms: { decrease: { when: 'period_end' } },
    });
    const page = await browser.page(billing(organization));
    const purchase = card(page, 'Seats you pay for');
    await purchase.getByText('You pay for 3 empty seats: drop them at renewal.').waitFor();
    await purchase.getByRole('button', { name: 'Drop 3 empty seats' }).click();
    await priced(page);
    await purchase
      .getByText(
        /^3 seats fewer from .*: until then seats and bill stay as they are, afterwards it is \$70\.00 a month\.$/,
      )
      .waitFor();
    await page.getByRole('button', { name: 'Change to 7' }).click();
    await purchase.getByText(/^From .* on: 7 seats instead of 10\.$/).waitFor();
    await stage(page, 'scheduled');
    assert.equal(dashboard.quantityOf(organization), 10);
    await page.reload();
    await counted(page, 'purchased', 10);
    await purchase.getByRole('button', { name: 'Undo: keep 10 seats' }).click();
    await purchase.getByText(/instead of 10\.$/).waitFor({ state: 'detached' });
    assert.equal((await dashboard.seatbelt.seats(organization)).scheduled, null);
    assert.equal(dashboard.quantityOf(organization), 10);
    await page.close();
  });

  test('without events the screen asks for itself', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    const page = await browser.page('about:blank');
    await page.route('**/api/billing/live**', (route) => route.abort());
    await page.goto(billing(organization));
    await counted(page, 'purchased', 5);
    await changeSeats(page, 6);
    await stage(page, 'applied');
    await counted(page, 'purchased', 6);
    assert.equal(await page.locator('[data-live="true"]').count(), 0);
    await page.close();
  });

  test('invoices are Stripe’s own, linked, and told to be away when Stripe is', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    const page = await browser.page(billing(organization));
    const invoices = card(page, 'Invoices');
    const link = invoices.getByRole('link').first();
    await link.waitFor();
    assert.match((await link.getAttribute('href')) ?? '', /^https:\/\/invoice\.stripe\.com\//);
    await invoices.getByText('Paid').first().waitFor();
    await page.close();

    const other = await dashboard.organization({ seats: 5, used: 1 });
    const fault = dashboard.sim.faults.add({
      kind: 'drop_before',
      times: Number.POSITIVE_INFINITY,
      match: { route: 'GET /v1/invoices' },
    });
    const away = await browser.page(billing(other));
    await card(away, 'Invoices').getByText('Stripe cannot be asked for the invoices just now.').waitFor();
    await counted(away, 'purchased', 5);
    dashboard.sim.faults.remove(fault);
    await card(away, 'Invoices').getByRole('link').first().waitFor();
    await away.close();
  });

  test('the history is filtered, searched and exported, and its chain is checked', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    await dashboard.seatbelt.set(organization, 6, { actor: 'ada', reason: '=danger, "quoted"' });
    dashboard.sim.faults.add({ kind: 'card_decline_402', times: 1, match: { route: 'POST /v1/subscriptions/:id' } });
    await dashboard.seatbelt.set(organization, 9, { actor: 'grace' });
    const page = await browser.page(billing(organization));
    const history = card(page, 'History');
    await page.locator('[data-chain="whole"]').waitFor();
    await history.getByText('Filter by outcome, kind and day').click();
    await history.getByLabel('Which changes').selectOption('Rolled back');
    await history.getByText('Seats from 6 to 9').waitFor();
    await history.getByText('Seats set from 5 to 6').waitFor({ state: 'detached' });
    await history.getByLabel('Which changes').selectOption('All changes');
    await history.getByLabel('Search the history').fill('ada');
    await history.getByText('Seats set from 5 to 6').waitFor();
    await history.getByText('Seats from 6 to 9').waitFor({ state: 'detached' });

    const csv = await exported(page, 'Export as CSV');
    const lines = csv.trimEnd().split('\r\n');
    assert.equal(lines.length, 2, 'the head and the one that was found');
    assert.match(lines[1] ?? '', /set,applied,6,5,6,ada,"'=danger, ""quoted""",,,,req_/);

    await history.getByLabel('Search the history').fill('');
    await history.getByText('Seats from 6 to 9').waitFor();
    const jsonl = await exported(page, 'Export as JSONL');
    const entries = jsonl
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { change: { actor: string }; audit: { kind: string }[] });
    assert.equal(entries.length, 3);
    const declined = entries.find(({ change }) => change.actor === 'grace');
    assert.deepEqual(
      declined?.audit.map(({ kind }) => kind),
      ['change_requested', 'push_intended', 'push_refused', 'change_rolled_back'],
    );
    await page.close();
  });

  test('the history is filtered by kind and by days where the viewer is; the address keeps it, chips take it away', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    await dashboard.seatbelt.set(organization, 6, { actor: 'ada' });
    await dashboard.seatbelt.set(organization, 7, { actor: 'grace' });
    // In Auckland it is a day later than in UTC for most of a day: 00:30 there on the 2nd is still the 1st here.
    for (const [seats, at] of [
      [6, '2026-06-01T12:30:00Z'],
      [7, '2026-06-01T11:30:00Z'],
    ] as const) {
      await dashboard.database.pool.query(
        `update seatbelt.seat_changes set requested_at = $3::timestamptz where organization_id = $1 and set_seats = $2`,
        [organization, seats, at],
      );
    }
    const page = await browser.page(`${billing(organization)}?from=2026-06-02&to=2026-06-02&status=nonsense`, {
      timezone: 'Pacific/Auckland',
    });
    const history = card(page, 'History');
    await history.getByText('Seats set from 5 to 6').waitFor();
    assert.equal(await history.getByText('Seats set from 6 to 7').count(), 0);
    const csv = await exported(page, 'Export as CSV');
    assert.equal(csv.trimEnd().split('\r\n').length, 2, 'the file honours the days');

    await history.getByLabel('Kind').selectOption('Seats taken');
    await history.getByText('No change fits.').waitFor();
    await page.waitForURL(/kind=add&from=2026-06-02&to=2026-06-02|from=2026-06-02&to=2026-06-02&.*kind=add/);
    await page.reload();
    await history.getByText('No change fits.').waitFor();
    const chips = history.getByRole('list', { name: 'Filters' });
    await chips.getByRole('button', { name: 'Take away the filter Seats taken' }).click();
    await history.getByText('Seats set from 5 to 6').waitFor();
    await chips.getByRole('button', { name: 'Take away the filter To Jun 2, 2026' }).click();
    await chips.getByRole('button', { name: 'Take away the filter From Jun 2, 2026' }).click();
    await history.getByText('Seats set from 6 to 7').waitFor();
    await chips.waitFor({ state: 'detached' });
    await page.waitForURL(billing(organization));

    for (const wrong of ['from=yesterday', 'until=2026-06-02', 'kind=bought']) {
      const response = await fetch(`${dashboard.url}/api/billing/history?${wrong}`, {
        headers: { 'seatbelt-organization': organization },
      });
      assert.equal(response.status, 422, wrong);
      await response.body?.cancel();
    }
    await page.close();
  });

  test('a trail that somebody changed is said to be broken, and where', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    await dashboard.seatbelt.set(organization, 6);
    const { pool } = dashboard.database;
    await pool.query('alter table seatbelt.audit disable trigger audit_append_only');
    await pool.query(
      `update seatbelt.audit set entry = replace(entry, '"seatCountAfter":6', '"seatCountAfter":5') where organization_id = $1`,
      [organization],
    );
    await pool.query('alter table seatbelt.audit enable trigger audit_append_only');
    const page = await browser.page(billing(organization));
    await page.locator('[data-chain="broken"]').waitFor();
    await page.getByText(/Audit trail broken at entry \d+: the hash does not fit the text\./).waitFor();
    await page.close();
  });

  test('strangers and other sites get nothing of it', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    for (const path of ['live', 'history', 'history/chain', 'history/export?format=csv', 'invoices', 'over-time']) {
      const address = `${dashboard.url}/api/billing/${path}`;
      const nobody = await fetch(address, {
        headers: { authorization: 'Bearer wrong', 'seatbelt-organization': organization },
      });
      assert.equal(nobody.status, 401, path);
      await nobody.body?.cancel();
      const unknown = await fetch(address, { headers: { 'seatbelt-organization': 'org_of_somebody_else' } });
      assert.equal(unknown.status, 404, path);
      await unknown.body?.cancel();
    }
  });

  for (const theme of ['light', 'dark'] as const) {
    test(`axe finds nothing in the ${theme} theme with a price, a chart and invoices; nothing is cut off at 320 pixels`, async () => {
      const organization = await dashboard.organization({ seats: 9, used: 4 });
      await dashboard.seatbelt.set(organization, 11);
      const page = await browser.page(billing(organization), { theme, width: 320 });
      await card(page, 'Invoices').getByRole('link').first().waitFor();
      await card(page, 'Seats and cost over time').getByRole('img').waitFor();
      await page.getByRole('spinbutton', { name: 'Number of seats' }).fill('14');
      await priced(page);
      assert.deepEqual(await violations(page), []);
      assert.equal(await sideways(page), 0);
      await page.close();
    });
  }

  /** What a click on a link downloads. */
  async function exported(page: Page, name: string): Promise<string> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      card(page, 'History').getByRole('link', { name }).click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }
});
