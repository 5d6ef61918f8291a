import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { executorOf, policy, readPulse } from 'seatbelt/operator';
import type { OperationsBody, OrganizationBody } from '../src/features/operations/contract.ts';
import { quoted } from '../src/lib/quoted.ts';
import { card, type OpenBrowser, openBrowser, sideways, violations } from './support/browser.ts';
import { type RunningDashboard, startDashboard } from './support/dashboard.ts';
import { Person, signUp } from './support/people.ts';

describe('Operations: who may be charged wrongly comes first, and staff settle it with a reason', () => {
  let dashboard: RunningDashboard;
  let browser: OpenBrowser;
  /** The demo's visitor, who is staff too. */
  let visitor: Person;

  before(async () => {
    [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
    visitor = new Person(dashboard.url, 'visitor');
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
  });

  const read = () => visitor.get<OperationsBody>('GET', '/api/operations');
  /** What was adopted or put back goes with the numbers that were seen. */
  const act = (organization: string, body: object) => visitor.ask('POST', `/api/operations/${organization}`, { body });

  /** Somebody sets the quantity in Stripe's dashboard, and Seatbelt has looked. */
  async function drifted(to: number): Promise<string> {
    const organization = await dashboard.organization({ seats: 10, used: 7 });
    dashboard.changeInStripe(organization, to);
    await dashboard.seatbelt.mark(organization);
    await dashboard.seatbelt.advance(organization);
    assert.equal((await dashboard.seatbelt.seats(organization)).status, 'held');
    return organization;
  }

  async function trailOf(
    organization: string,
  ): Promise<{ kind: string; actor: string | null; reason: string | null }[]> {
    const entries = [];
    for await (const { entry } of dashboard.seatbelt.exportAudit(organization)) entries.push(JSON.parse(entry));
    return entries;
  }

  const row = (page: Page, organization: string) => page.locator(`li[data-organization="${organization}"]`);

  test('a difference is shown with what it costs and why; adopting it asks why, and settles it', async () => {
    const organization = await drifted(14);
    const page = await browser.page(`${dashboard.url}/operations`);
    await row(page, organization).getByText('Agreed on 10; Stripe bills 14, 4 too many.').waitFor();
    // The simulator's demo price is ten dollars a month.
    await row(page, organization).getByText('Cost of the difference: $40.00 a month.').waitFor();
    assert.deepEqual(await violations(page), []);

    await row(page, organization)
      .getByRole('button', { name: `Adopt 14, ${organization}` })
      .click();
    await page.getByText('Nothing is written to Stripe and no bill moves.').waitFor();
    await page.getByRole('button', { name: 'Adopt 14 now' }).click();
    await page.getByText('Say why in a few words. Nothing was done yet.').waitFor();
    assert.equal((await dashboard.seatbelt.seats(organization)).status, 'held');

    await page.getByLabel('Reason, kept in the audit trail').fill('The customer bought four in the dashboard.');
    await page.getByRole('button', { name: 'Adopt 14 now' }).click();
    await row(page, organization).waitFor({ state: 'detached' });
    const seats = await dashboard.seatbelt.seats(organization);
    assert.deepEqual([seats.status, seats.purchasedSeats, seats.settledSeats], ['active', 14, 14]);
    assert.equal(dashboard.quantityOf(organization), 14);
    const said = (await trailOf(organization)).find(({ actor }) => actor === 'staff:demo-owner');
    assert.equal(said?.reason, 'The customer bought four in the dashboard.');
    await page.close();
  });

  test('the form says who reads the reason: a hold is told to the members word for word', async () => {
    const organization = await drifted(14);
    const page = await browser.page(`${dashboard.url}/operations/${organization}`);
    await page.getByRole('button', { name: `Hold, ${organization}` }).click();
    const told = 'Every member of the organization reads the reason, word for word, for as long as it is on hold.';
    await page
      .getByLabel('Reason, kept in the audit trail')
      .and(page.getByRole('textbox', { description: told }))
      .waitFor();
    await page.getByLabel('Reason, kept in the audit trail').fill('Your bank asks us to wait.');
    await page.getByRole('button', { name: 'Hold now' }).click();
    await page.getByText('On hold: Your bank asks us to wait.').waitFor();
    await page.close();
    assert.equal((await dashboard.seatbelt.seats(organization)).pausedReason, 'Your bank asks us to wait.');
    await act(organization, { action: 'resume', reason: 'The bank has answered.' });
    await act(organization, { action: 'adopt', reason: 'They meant it.', observed: 14, expected: 10 });
  });

  test('an organization that there is not is said so where it is typed, and is a 404 where it is in the address', async () => {
    const page = await browser.page(`${dashboard.url}/operations`);
    const typed = page.getByLabel('Look at an organization');
    for (const name of ['..', 'org_nobody', '%zz']) {
      await typed.fill(name);
      await typed.press('Enter');
      await page.getByText(`There is no organization ${quoted(name)}.`).waitFor();
      assert.equal(new URL(page.url()).pathname, '/operations');
    }
    const organization = await dashboard.organization({ seats: 3, used: 1 });
    await typed.fill(organization);
    await typed.press('Enter');
    await page.getByRole('heading', { name: organization }).waitFor();
    await page.close();
    for (const path of [
      '/operations/%25zz',
      '/operations/org_nobody',
      '/operations/%zz',
      '/organizations/%zz/billing',
    ]) {
      assert.equal((await visitor.ask('GET', path)).status, 404, path);
    }
  });

  test('what has moved under an open form is not adopted: the button meant the number that it named', async () => {
    const organization = await drifted(14);
    const page = await browser.page(`${dashboard.url}/operations`);
    await row(page, organization)
      .getByRole('button', { name: `Adopt 14, ${organization}` })
      .click();
    await page.getByLabel('Reason, kept in the audit trail').fill('They bought four.');

    dashboard.changeInStripe(organization, 15);
    await dashboard.seatbelt.mark(organization);
    await dashboard.seatbelt.advance(organization);
    await row(page, organization)
      .getByRole('button', { name: `Adopt 15, ${organization}` })
      .waitFor();
    await page.getByRole('button', { name: 'Adopt 14 now' }).click();
    await page
      .getByRole('alert')
      .getByText(
        'Stripe bills 15 by now and 10 was agreed on; it was 14 and 10 when this was decided. Nothing was done.',
      )
      .waitFor();
    assert.equal((await dashboard.seatbelt.seats(organization)).status, 'held');
    await page.close();

    const without = await act(organization, { action: 'adopt', reason: 'Whatever there is.' });
    assert.equal(without.status, 422);
    await act(organization, { action: 'adopt', reason: 'Five, then.', observed: 15, expected: 10 });
    assert.equal((await dashboard.seatbelt.seats(organization)).settledSeats, 15);
  });

  test('adopting, putting back and holding take a keyboard and a reason, and nothing else', async () => {
    const organizations = { adopt: await drifted(14), revert: await drifted(6), hold: await drifted(12) };
    const page = await browser.page(`${dashboard.url}/operations`);
    /** Presses Tab until that is focused, as somebody without a mouse does. */
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 200; presses += 1) {
        const focused = await page.evaluate(() => {
          const { activeElement: element } = document;
          return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
        });
        if (focused === name) return;
        await page.keyboard.press('Tab');
      }
      assert.fail(`Tab never reaches "${name}".`);
    };
    const focusedId = () => page.evaluate(() => document.activeElement?.id ?? '');
    const reasonIsFocused = () =>
      page.getByLabel('Reason, kept in the audit trail').evaluate((input) => input === document.activeElement);
    const press = async (label: string, organization: string, reason: string) => {
      await tabTo(`${label}, ${organization}`);
      await page.keyboard.press('Enter');
      assert.ok(await reasonIsFocused(), 'the reason is asked for at once');
      await page.keyboard.type(reason);
      await page.keyboard.press('Enter');
    };

    await row(page, organizations.adopt).waitFor();
    // Without a reason nothing is done and the question stays; Escape leads back to the button that asked it.
    await press('Adopt 14', organizations.adopt, 'no');
    await page.getByText('Say why in a few words. Nothing was done yet.').waitFor();
    assert.ok(await reasonIsFocused());
    await page.keyboard.press('Escape');
    await tabTo(`Adopt 14, ${organizations.adopt}`);
    assert.equal(await page.getByLabel('Reason, kept in the audit trail').count(), 0);
    assert.equal((await dashboard.seatbelt.seats(organizations.adopt)).status, 'held');

    await press('Adopt 14', organizations.adopt, 'They bought them there.');
    await row(page, organizations.adopt).waitFor({ state: 'detached' });
    assert.equal(await focusedId(), 'wrong-title');
    await press('Put back 10', organizations.revert, 'A slip in the portal.');
    await row(page, organizations.revert).waitFor({ state: 'detached' });
    await press('Hold', organizations.hold, 'A call with them first.');
    await row(page, organizations.hold).getByText('On hold', { exact: true }).waitFor();

    await dashboard.seatbelt.advance(organizations.revert);
    assert.deepEqual(
      Object.values(organizations).map((organization) => dashboard.quantityOf(organization)),
      [14, 10, 12],
    );
    for (const [organization, reason] of [
      [organizations.adopt, 'They bought them there.'],
      [organizations.revert, 'A slip in the portal.'],
      [organizations.hold, 'A call with them first.'],
    ] as const) {
      const said = (await trailOf(organization)).filter(({ actor }) => actor === 'staff:demo-owner');
      assert.deepEqual(
        said.map((entry) => entry.reason),
        [reason],
      );
    }
    await act(organizations.hold, { action: 'resume', reason: 'The call is over.' });
    await act(organizations.hold, { action: 'adopt', reason: 'They meant it.', observed: 12, expected: 10 });
    await page.close();
  });

  test('whether it grows is told against a quarter of an hour ago, by every server and after a restart', async () => {
    const before = (await read()).wrong;
    const organization = await drifted(13);
    const after = (await read()).wrong;
    assert.equal(after.trend.began, before.trend.began + 1);
    assert.equal(after.trend.before, before.trend.before);
    // Another one that was wrong for an hour and was put right a minute ago, as its incident in the database says.
    await dashboard.database.pool.query(
      `insert into seatbelt.incidents (id, organization_id, seat_type, kind, action, message, opened_at, closed_at)
       values ('drift:healed', $1, 'seat', 'drift', 'act', 'It was put right.', now() - interval '1 hour', now() - interval '1 minute')`,
      [await dashboard.organization({ seats: 5, used: 1 })],
    );
    const healed = (await read()).wrong.trend;
    assert.deepEqual([healed.before, healed.ended], [before.trend.before + 1, before.trend.ended + 1]);
    const page = await browser.page(`${dashboard.url}/operations`);
    await page.getByText(new RegExp(`${healed.began} came and ${healed.ended} (was|were) put right`)).waitFor();
    await page.close();
    await act(organization, { action: 'adopt', reason: 'They meant it.', observed: 13, expected: 10 });
  });

  test('putting back writes what was agreed on to Stripe again; hold and resume say so in the trail', async () => {
    const organization = await drifted(6);
    assert.equal(
      (
        await act(organization, {
          action: 'revert',
          reason: 'The portal was opened by mistake.',
          observed: 6,
          expected: 10,
        })
      ).status,
      200,
    );
    await dashboard.seatbelt.advance(organization);
    assert.equal(dashboard.quantityOf(organization), 10);
    assert.equal((await dashboard.seatbelt.seats(organization)).settledSeats, 10);

    await act(organization, { action: 'hold', reason: 'A call with the customer.' });
    assert.equal((await dashboard.seatbelt.seats(organization)).status, 'paused');
    await act(organization, { action: 'resume', reason: 'The call is over.' });
    assert.equal((await dashboard.seatbelt.seats(organization)).status, 'active');
    const reasons = (await trailOf(organization))
      .filter(({ actor }) => actor === 'staff:demo-owner')
      .map(({ reason }) => reason);
    for (const reason of ['The portal was opened by mistake.', 'A call with the customer.', 'The call is over.']) {
      assert.ok(reasons.includes(reason), `${reason} is in the trail: ${reasons.join(' | ')}`);
    }
  });

  test('a lost answer is in doubt, heals by itself, and then is gone from the list', async () => {
    const organization = await dashboard.organization({ seats: 10, used: 7 });
    const lost = dashboard.sim.faults.add({
      kind: 'drop_after',
      match: { route: 'POST /v1/subscriptions/:id' },
      times: Number.POSITIVE_INFINITY,
    });
    await dashboard.seatbelt.set(organization, 13, { waitMs: 200 });
    const page = await browser.page(`${dashboard.url}/operations`);
    await row(page, organization).getByText('Agreed on 10; Stripe may bill 13 already.').waitFor();
    await row(page, organization).getByText('Heals by itself').waitFor();
    dashboard.sim.faults.remove(lost);
    await row(page, organization).waitFor({ state: 'detached', timeout: 60_000 });
    assert.equal((await dashboard.seatbelt.seats(organization)).settledSeats, 13);
    await page.close();
  });

  test('a sweep that only reports finds the difference that no event told of, and changes nothing', async () => {
    const organization = await dashboard.organization({ seats: 10, used: 7 });
    dashboard.changeInStripe(organization, 5);
    const page = await browser.page(`${dashboard.url}/operations`, { width: 390, theme: 'dark' });
    const sweep = card(page, 'Sweep');
    await sweep.getByRole('button', { name: 'Sweep, report only' }).click();
    await sweep.getByLabel('Reason, kept in the audit trail').fill('Monday morning.');
    await sweep.getByRole('button', { name: 'Begin' }).click();
    await page.locator('[data-sweep="finished"]').waitFor({ timeout: 60_000 });
    await sweep.getByRole('link', { name: organization }).waitFor();
    assert.match((await sweep.textContent()) ?? '', new RegExp(`${organization}: agreed on 10, Stripe shows 5`));
    assert.equal(dashboard.quantityOf(organization), 5);
    assert.deepEqual(await violations(page), []);
    assert.equal(await sideways(page), 0);

    await sweep.getByRole('link', { name: organization }).click();
    await page.getByRole('heading', { name: organization }).waitFor();
    await card(page, 'Both sides').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.close();
  });

  test('what went through and how long it took is counted from the history; what took longer than a lease was recovered', async () => {
    const { health, pulse: shown } = await read();
    assert.equal(health.database, 'ok');
    assert.equal(typeof shown.pushesLastDay, 'number');

    const { pool } = dashboard.database;
    const pulse = () => readPulse(executorOf(pool), 'seat', policy.leaseMs);
    const before = await pulse();
    assert.ok(before.changesLastHour.ended > 0);
    assert.ok(before.pushesLastDay.ended > 0);
    assert.ok(before.busiestSubscription !== null && before.busiestSubscription.pushes > 0);
    const { rowCount } = await pool.query(
      `update seatbelt.pushes set intended_at = ended_at - interval '40 s'
        where id = (select id from seatbelt.pushes where outcome = 'confirmed' order by ended_at desc limit 1)`,
    );
    assert.equal(rowCount, 1);
    const { pushesLastDay } = await pulse();
    assert.equal(pushesLastDay.recovered, before.pushesLastDay.recovered + 1);
    assert.equal(pushesLastDay.slowestRecoveryMs, 40_000);
    assert.equal(pushesLastDay.ended, before.pushesLastDay.ended);
  });

  test('everything that staff did, or could not do, is listed with its reason', async () => {
    assert.equal(
      (await act('org_nobody', { action: 'adopt', reason: 'A slip of the hand.', observed: 14, expected: 10 })).status,
      404,
    );
    const { acts } = await read();
    const [latest] = acts;
    assert.deepEqual(
      [latest?.act, latest?.organization, latest?.reason, latest?.actor],
      ['adopt', 'org_nobody', 'A slip of the hand.', 'staff:demo-owner'],
    );
    assert.match(latest?.failed ?? '', /org_nobody/);
    const sweep = acts.find(({ act: name }) => name === 'sweep, report only');
    assert.deepEqual([sweep?.reason, sweep?.failed], ['Monday morning.', null]);
    // And it stays so, whoever has the database at hand.
    const { pool } = dashboard.database;
    for (const statement of [
      `update app.staff_acts set reason = 'Nothing.' where id = ${sweep?.id}`,
      `update app.staff_acts set failed = 'It was not me.', actor = 'staff:other' where id = ${sweep?.id}`,
      `update app.staff_acts set failed = null where id = ${latest?.id}`,
      `delete from app.staff_acts where id = ${sweep?.id}`,
      'truncate app.staff_acts',
    ]) {
      await assert.rejects(pool.query(statement), /app\.staff_acts is append-only/, statement);
    }
  });

  test('without a reason nothing is done, and who is not staff finds nothing', async () => {
    const organization = await drifted(12);
    assert.equal((await act(organization, { action: 'adopt', reason: ' ', observed: 12, expected: 10 })).status, 422);
    assert.equal((await act(organization, { action: 'delete', reason: 'because' })).status, 422);
    assert.equal((await visitor.ask('POST', '/api/operations/sweep', { body: { dryRun: true } })).status, 422);

    // An owner of another organization, and a program with the demo's own key: neither is a person of the host's staff.
    const stranger = await signUp(dashboard, 'Nora');
    const asked: [string, string, object | undefined][] = [
      ['GET', '/api/operations', undefined],
      ['GET', `/api/operations/${organization}`, undefined],
      [
        'POST',
        `/api/operations/${organization}`,
        { action: 'adopt', reason: 'I would like to', observed: 12, expected: 10 },
      ],
      ['POST', '/api/operations/sweep', { dryRun: false, reason: 'I would like to' }],
    ];
    for (const [method, path, body] of asked) {
      assert.equal(
        (await stranger.ask(method, path, body === undefined ? {} : { body })).status,
        404,
        `${method} ${path}`,
      );
      const keyed = await visitor.ask(method, path, {
        ...(body === undefined ? {} : { body }),
        headers: { authorization: `Bearer ${dashboard.apiKey}` },
      });
      assert.equal(keyed.status, 403, `${method} ${path} with a key`);
    }
    const screen = await stranger.ask('GET', '/operations');
    assert.equal(screen.status, 404);
    const crossSite = await visitor.ask('POST', `/api/operations/${organization}`, {
      body: { action: 'adopt', reason: 'from elsewhere', observed: 12, expected: 10 },
      headers: { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' },
    });
    assert.equal(crossSite.status, 403);
    const body = await visitor.get<OrganizationBody>('GET', `/api/operations/${organization}`);
    assert.equal(body.seats.status, 'held');
    assert.equal(body.wrong?.actions[0], 'adopt');
  });
});
