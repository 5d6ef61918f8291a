import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import {
  agreement,
  card,
  changeSeats,
  counted,
  type OpenBrowser,
  openBrowser,
  sideways,
  stage,
} from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';

describe('What waits for a person, and what has to be known, on the billing screen', () => {
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

  /** The page as one of the demo's people sees it. */
  async function pageAs(as: 'owner' | 'admin' | 'member', organization: string): Promise<Page> {
    const page = await browser.page(`${dashboard.url}/sign-in`);
    const { status } = await page.evaluate(async (body) => {
      const answer = await fetch('/api/auth/dev/sign-in', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      return { status: answer.status };
    }, JSON.stringify({ as }));
    assert.equal(status, 200);
    await page.goto(billing(organization));
    return page;
  }

  test('whoever is signed out, or belongs to it no more, is told so, and not that the database is away', async () => {
    const organization = await dashboard.organization({ seats: 5, used: 1 });
    const page = await browser.page('about:blank');
    await page.route('**/api/billing/live**', (route) => route.abort());
    await page.goto(billing(organization));
    await counted(page, 'purchased', 5);
    const turnAway = (status: number, code: string) =>
      page.route('**/api/billing/seats', (route) =>
        route.fulfill({
          status,
          contentType: 'application/problem+json',
          body: JSON.stringify({ type: `urn:x:${code}`, title: code, status, detail: code, code }),
        }),
      );
    await turnAway(401, 'unauthorized');
    // Coming back to a page makes it ask what has moved.
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    await page.getByText('You are signed out.').waitFor();
    await card(page, 'Both sides').getByText('The seats cannot be read').waitFor();
    assert.equal(
      await page.getByRole('link', { name: 'Sign in again' }).getAttribute('href'),
      `/sign-in?next=${encodeURIComponent(`/organizations/${organization}/billing`)}`,
    );
    await turnAway(404, 'unknown_organization');
    await page.getByText('You have no access to these seats any more.').waitFor();
    assert.equal(await page.getByText('The database cannot be read').count(), 0);
    assert.equal(await page.getByRole('link', { name: 'Sign in again' }).count(), 0);
    // The numbers of before stay, and those of now come as soon as they may be read.
    await counted(page, 'purchased', 5);
    await page.unroute('**/api/billing/seats');
    await page.getByText('You have no access to these seats any more.').waitFor({ state: 'detached' });
    await page.close();
  });

  describe('a purchase above what may be bought in a day', () => {
    const guarded = { guard: { seatsPerDay: 5 } } as const;

    test('the admin who asked sees that it waits; the owner approves; it is bought once', async () => {
      const organization = await dashboard.organization({ seats: 10, used: 7, terms: guarded });
      const admin = await pageAs('admin', organization);
      await changeSeats(admin, 22);
      await admin.getByText('Seats from 10 to 22: an owner decides.').waitFor();
      await admin.getByText('Nothing is charged meanwhile. It lapses on').waitFor();
      // Who asks does not decide, and may take the question back.
      await admin.getByRole('button', { name: 'Withdraw' }).waitFor();
      assert.equal(await admin.getByRole('button', { name: 'Approve' }).count(), 0);
      assert.equal(dashboard.quantityOf(organization), 10);

      const owner = await pageAs('owner', organization);
      await counted(owner, 'purchased', 10);
      await owner.getByRole('button', { name: 'Approve' }).click();
      await counted(owner, 'purchased', 22);
      await agreement(owner, 'meet');
      await owner.getByText(/: an owner decides\.$/).waitFor({ state: 'detached' });
      assert.equal(dashboard.quantityOf(organization), 22);

      // The admin's screen is told by events, without a reload.
      await counted(admin, 'purchased', 22);
      await admin.getByText(/: an owner decides\.$/).waitFor({ state: 'detached' });
      const { entries } = await dashboard.seatbelt.history(organization, { kind: 'set' });
      assert.deepEqual(
        entries.map(({ change }) => [change.status, change.seatsAfter]),
        [['applied', 22]],
      );
      await owner.close();
      await admin.close();
    });

    test('the owner declines: nothing is bought, and the history says who said no', async () => {
      const organization = await dashboard.organization({ seats: 10, used: 7, terms: guarded });
      const asked = await dashboard.seatbelt.set(organization, 30, { actor: 'ada' });
      assert.equal(asked.status, 'awaiting_approval');
      const owner = await pageAs('owner', organization);
      await owner.getByText('Seats from 10 to 30: an owner decides.').waitFor();
      await owner.getByRole('button', { name: 'Decline' }).click();
      await owner.getByText(/: an owner decides\.$/).waitFor({ state: 'detached' });
      await stage(owner, 'rolled_back');
      await counted(owner, 'purchased', 10);
      assert.equal(dashboard.quantityOf(organization), 10);
      const entry = card(owner, 'History').getByRole('button', { name: /Seats from 10 to 30/ });
      await entry.getByText('Rolled back').waitFor();
      const ended = await dashboard.seatbelt.change(organization, asked.change?.id ?? '');
      assert.equal(ended?.change.code, 'approval_declined');
      await owner.close();
    });

    test('a member sees that it waits, and has nothing to decide with', async () => {
      const organization = await dashboard.organization({ seats: 10, used: 7, terms: guarded });
      await dashboard.seatbelt.set(organization, 30, { actor: 'ada' });
      const member = await pageAs('member', organization);
      await member.getByText('You can look at the seats and not change them.').waitFor();
      await stage(member, 'awaiting_approval');
      for (const name of ['Approve', 'Decline', 'Withdraw']) {
        assert.equal(await member.getByRole('button', { name }).count(), 0);
      }
      await member.close();
    });
  });

  test('an unpaid invoice: a quiet banner says what happens next, with the way to pay; paid, it goes by itself', async () => {
    const organization = await dashboard.organization({ seats: 10, used: 7 });
    const page = await browser.page(billing(organization));
    await counted(page, 'purchased', 10);
    await dashboard.becomesOverdue(organization);
    await page.getByText('The last payment did not go through.').waitFor();
    await page.getByText('Nobody loses a seat. Stripe tries the card again by itself').waitFor();
    // It is told once, in words for people; the incident behind it has Stripe's.
    assert.equal(await page.getByText('past_due').count(), 0);
    const pay = page.getByRole('link', { name: 'Pay the open invoice' });
    assert.match((await pay.getAttribute('href')) ?? '', /^https?:\/\//);
    await counted(page, 'assigned', 7);
    await dashboard.paysOpenInvoice(organization);
    await page.getByText('The last payment did not go through.').waitFor({ state: 'detached' });
    await page.close();
  });

  test('an open incident says what happens next and since when; settled, it goes by itself', async () => {
    const organization = await dashboard.organization({ seats: 10, used: 7 });
    const page = await browser.page(billing(organization));
    await counted(page, 'purchased', 10);
    dashboard.changeInStripe(organization, 4);
    await dashboard.seatbelt.mark(organization);
    await page.getByText('Changes of the bill are on hold.').waitFor();
    await page.getByText('Until that is resolved seats cannot grow; freeing and assigning still work.').waitFor();
    await page.getByText(/an operator can settle it at any time\. On hold since/).waitFor();
    await dashboard.seatbelt.resolve(organization, { by: 'database', reason: 'Nobody meant to lower it.' });
    await page.getByText('Changes of the bill are on hold.').waitFor({ state: 'detached' });
    await agreement(page, 'meet');
    assert.equal(dashboard.quantityOf(organization), 10);
    await page.close();
  });

  for (const motion of ['reduce', 'no-preference'] as const) {
    const name = motion === 'reduce' ? 'who asked for less motion gets none' : 'others see that something goes on';
    test(`while Stripe is being asked: ${name}`, async () => {
      const organization = await dashboard.organization({ seats: 10, used: 7 });
      const page = await browser.page('about:blank');
      await page.emulateMedia({ reducedMotion: motion });
      await page.goto(billing(organization));
      await counted(page, 'purchased', 10);
      const held = dashboard.sim.faults.add({
        kind: 'delay_before',
        delayMs: 8_000,
        match: { route: 'POST /v1/subscriptions/:id' },
      });
      const asked = dashboard.seatbelt.set(organization, 12);
      await stage(page, 'asking');
      const endless = await page.evaluate(
        () =>
          document
            .getAnimations()
            .filter((animation) => animation.effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY).length,
      );
      if (motion === 'reduce') assert.equal(endless, 0);
      else assert.ok(endless > 0, 'the sign of what is under way turns');
      dashboard.sim.faults.release(held);
      assert.equal((await asked).status, 'applied');
      await page.close();
    });
  }

  test('at 320 pixels nothing scrolls sideways, whatever there is to say', async () => {
    const organization = await dashboard.organization({
      seats: 1_000,
      used: 700,
      terms: { guard: { seatsPerDay: 5 }, decrease: { when: 'period_end' } },
    });
    await dashboard.seatbelt.set(organization, 999, { actor: 'a'.repeat(100), reason: 'b'.repeat(200) });
    await dashboard.seatbelt.set(organization, 1_100, { actor: 'ada' });
    await dashboard.becomesOverdue(organization);
    const search = `search=${'c'.repeat(100)}&status=open&kind=transfer&from=2026-01-01&to=2026-12-31`;
    const page = await browser.page(`${billing(organization)}?${search}`, { width: 320 });
    await page.getByText('The last payment did not go through.').waitFor();
    await page.getByText('Seats from 1,000 to 1,100: an owner decides.').waitFor();
    await page.getByText('on: 999 seats instead of 1,000.').waitFor();
    await card(page, 'History').getByText('No change fits.').waitFor();
    assert.equal(await sideways(page), 0);
    await page.getByRole('button', { name: 'Take all away' }).click();
    await card(page, 'History')
      .getByRole('button', { name: /Seats from 1,000 to 999/ })
      .click();
    await page.getByText('#').first().waitFor();
    assert.equal(await sideways(page), 0);
    await page.close();
  });
});
