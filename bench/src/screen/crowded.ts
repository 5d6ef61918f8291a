/**
 * An organization with 10,000 members and 100,000 changes: what its pages ask the database, and whether its list of members
 * scrolls smoothly. Run: node bench/src/screen/crowded.ts. Writes bench/results/crowded-screen.json.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../../apps/dashboard/test/support/browser.ts';
import { type RunningDashboard, startDashboard } from '../../../apps/dashboard/test/support/dashboard.ts';
import { median, percentile, round } from '../lib/figures.ts';
import { machine } from '../lib/machine.ts';

const members = 10_000;
const changes = 100_000;
const readings = 200;

const [dashboard, browser] = await Promise.all([startDashboard(), openBrowser()]);
try {
  const organization = await crowd(dashboard);
  // The module reads where the database is when it is asked for the first time.
  process.env.DATABASE_URL = dashboard.database.url;
  process.env.STRIPE_SECRET_KEY = 'sk_test_bench';
  process.env.SEATBELT_API_KEY = dashboard.apiKey;
  const { listMembers } = await import('../../../apps/dashboard/src/features/members/server/list-members.ts');
  const { pool } = await import('../../../apps/dashboard/src/server/database.ts');

  const middle = await afterPages(organization, listMembers, 50);
  const queries = {
    'the seats of the seat page': await timed(() => dashboard.seatbelt.seats(organization)),
    'the newest change': await timed(() => dashboard.seatbelt.changes(organization, { limit: 1 })),
    'the first page of the history': await timed(() => dashboard.seatbelt.history(organization, { limit: 50 })),
    'the first page of the members': await timed(() => listMembers(organization, { search: '', after: null })),
    'a page from the middle of the members': await timed(() =>
      listMembers(organization, { search: '', after: middle }),
    ),
    'a search that finds one member': await timed(() =>
      listMembers(organization, { search: 'person9999@', after: null }),
    ),
  };
  await pool().end();

  const page = await browser.page(`${dashboard.url}/organizations/${organization}/members`, { height: 900 });
  const loading = await frames(page, 'load');
  const scrolling = await frames(page, 'flick');
  const drawn = await page.locator('[data-member]').count();
  await page.close();

  const report = {
    machine: await machine(),
    members,
    changes,
    readings,
    queries,
    goalMs: 5,
    // While each page of a hundred is fetched and added, down to the last of them; then up and down again.
    scroll: { whileLoading: loading, whenLoaded: scrolling, rowsDrawn: drawn },
  };
  writeFileSync(
    join(import.meta.dirname, '..', '..', 'results', 'crowded-screen.json'),
    `${JSON.stringify(report, null, 2)}\n`,
  );
  console.log(JSON.stringify(report, null, 2));
} finally {
  await browser[Symbol.asyncDispose]();
  await dashboard[Symbol.asyncDispose]();
}

/** People with a row each in the app's tables, a seat each, and a history copied from changes that the engine has written. */
async function crowd({ database, ...place }: RunningDashboard): Promise<string> {
  const organization = await place.organization({ seats: members + 10, used: 0 });
  const names = Array.from({ length: members }, (_, index) => `crowd_${index + 1}`);
  for (let begin = 0; begin < names.length; begin += 1_000) {
    const holders = names.slice(begin, begin + 1_000);
    await place.seatbelt.add(organization, holders.length, { holders, expand: false });
  }
  await place.seatbelt.set(organization, members + 20);
  // The demo gives every holder a row as a person and as a member when the organization is opened for the first time.
  const headers = { 'seatbelt-organization': organization };
  const { total } = (await (await fetch(`${place.url}/api/members`, { headers })).json()) as { total: number };
  if (total < members) throw new Error(`Only ${total} members were made.`);
  const { pool } = database;
  await pool.query(
    `update app.users set name = 'Person ' || substr(id, 7), email = 'person' || substr(id, 7) || '@crowd.example'
      where id like 'crowd%'`,
  );
  await pool.query(
    `insert into seatbelt.seat_changes
     select copy.* from (select c from seatbelt.seat_changes c where organization_id = $1 order by number desc limit 1) as one,
            generate_series(1, $2::integer) as n,
            jsonb_populate_record(one.c, jsonb_build_object('id', gen_random_uuid(), 'number', (one.c).number + n,
              'push_id', null, 'idempotency_key', null)) as copy`,
    [organization, changes],
  );
  await pool.query('vacuum analyze');
  return organization;
}

type ListMembers = (
  organization: string,
  asked: { search: string; after: string | null },
) => Promise<{ after: string | null }>;

async function afterPages(organization: string, list: ListMembers, pages: number): Promise<string | null> {
  let after: string | null = null;
  for (let nth = 0; nth < pages; nth += 1) ({ after } = await list(organization, { search: '', after }));
  return after;
}

async function timed(ask: () => Promise<unknown>) {
  for (let nth = 0; nth < 20; nth += 1) await ask();
  const times: number[] = [];
  for (let nth = 0; nth < readings; nth += 1) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  return { p50Ms: round(median(times)), p99Ms: round(percentile(times, 0.99)) };
}

/** Scrolls the list of members, and tells how long each frame took. A frame of 60 a second is 16.7 ms. */
async function frames(page: Page, how: 'load' | 'flick') {
  const list = page.getByRole('region', { name: 'List of members' });
  await list.locator('[data-member]').first().waitFor();
  const { times, top } = await list.evaluate(
    (element, { way, wanted }) =>
      new Promise<{ times: number[]; top: number }>((resolve) => {
        const durations: number[] = [];
        let last = performance.now();
        let direction = -1;
        let turns = 0;
        const step = (now: number) => {
          durations.push(now - last);
          last = now;
          if (way === 'load') {
            element.scrollTop = element.scrollHeight;
            // A row is 64 pixels high; the demo's own people come on top.
            if (element.scrollHeight >= wanted * 64 || durations.length > 20_000) {
              resolve({ times: durations.slice(1), top: element.scrollTop });
              return;
            }
          } else {
            // Six rows in each frame, which is as fast as a hard flick of a finger.
            element.scrollTop += direction * 400;
            const atEdge =
              element.scrollTop <= 0 || element.scrollTop + element.clientHeight >= element.scrollHeight - 1;
            if (atEdge && durations.length > 10) {
              direction = -direction;
              turns += 1;
            }
            if (turns >= 2 || durations.length > 5_000) {
              resolve({ times: durations.slice(1), top: element.scrollTop });
              return;
            }
          }
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    { way: how, wanted: members },
  );
  return {
    frames: times.length,
    p50Ms: round(median(times), 1),
    p95Ms: round(percentile(times, 0.95), 1),
    longestMs: round(Math.max(...times), 1),
    // What a browser calls a long frame, and an eye a stutter.
    shareOver50Ms: round(times.filter((ms) => ms > 50).length / times.length, 4),
    endedAtPixel: Math.round(top),
  };
}
