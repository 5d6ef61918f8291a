import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Product, product } from '../../engine/test/product.ts';
import { progress } from '../src/link-file/progress.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';

/** A file of a test's own. */
async function fileWith(name: string, text: string): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'seatbelt-link-'));
  const path = join(folder, name);
  await writeFile(path, text);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** Reads of Stripe that reached the simulator so far. */
function readsOf({ sim }: Product): number {
  return sim.truth().requests.filter(({ method }) => method === 'GET').length;
}

interface FileReport {
  rows: number;
  linked: number;
  skipped: number;
  held: number;
  failed: number;
  results: { line: number; organization: string; outcome: string; code: string | null; message: string | null }[];
}

describe('seatbelt link', () => {
  test('adopts a subscription with the seats that Stripe bills, and says so again the second time', async () => {
    await using p = await product();
    const env = environmentOf(p);
    const { subscription, item } = await p.sim.admin.createDemoSubscription({ quantity: 4 });
    const args = ['link', 'org_two', '--subscription', subscription.id, '--used', '3', '--actor', 'op_1'];
    const linked = await seatbelt(env, ...args, '--json');
    assert.equal(linked.code, 0);
    assert.deepEqual(jsonOf(linked), { organization: 'org_two', outcome: 'linked', seats: 4, stripeQuantity: 4 });
    const { rows } = await p.pool.query(
      `select subscription_id, subscription_item_id, seat_count, assigned_seats from seatbelt.accounts where organization_id = 'org_two'`,
    );
    assert.deepEqual(rows, [
      { subscription_id: subscription.id, subscription_item_id: item.id, seat_count: 4, assigned_seats: 3 },
    ]);
    const trail = await p.pool.query(`select entry from seatbelt.audit where organization_id = 'org_two'`);
    assert.equal(JSON.parse(trail.rows[0].entry).actor, 'op_1');

    const again = await seatbelt(env, ...args);
    assert.equal(again.code, 0);
    assert.match(again.out, /was linked already: 4 seats/);
  });

  test('holds where the two sides differ, and lets either side count where it is told to', async () => {
    await using p = await product();
    const env = environmentOf(p);
    const link = async (organization: string, ...more: string[]) => {
      const { subscription } = await p.sim.admin.createDemoSubscription({ quantity: 4 });
      const ended = await seatbelt(
        env,
        'link',
        organization,
        '--subscription',
        subscription.id,
        '--seats',
        '6',
        '--json',
        ...more,
      );
      const items = p.sim.truth().subscriptions.find(({ id }) => id === subscription.id)?.items.data;
      const report = jsonOf<{ outcome: string; seats: number }>(ended);
      return { ...report, code: ended.code, atStripe: items?.[0]?.quantity };
    };
    assert.deepEqual(await link('org_hold'), {
      organization: 'org_hold',
      outcome: 'held',
      seats: 6,
      stripeQuantity: 4,
      code: 1,
      atStripe: 4,
    });
    const stripe = await link('org_stripe', '--on-mismatch', 'stripe');
    assert.deepEqual([stripe.code, stripe.outcome, stripe.seats, stripe.atStripe], [0, 'linked', 4, 4]);
    const database = await link('org_database', '--on-mismatch', 'database');
    assert.deepEqual([database.code, database.outcome, database.seats, database.atStripe], [0, 'linked', 6, 6]);
  });

  test('a subscription that is not there is refused, and nothing is written', async () => {
    await using p = await product();
    const refused = await seatbelt(environmentOf(p), 'link', 'org_two', '--subscription', 'sub_none', '--json');
    assert.deepEqual([refused.code, refused.out, errorOf(refused).code], [1, '', 'no_subscription']);
    const { rowCount } = await p.pool.query(`select from seatbelt.accounts where organization_id = 'org_two'`);
    assert.equal(rowCount, 0);
  });
});

describe('seatbelt link --file', () => {
  test('links every row, reports those that failed, and goes on where it stopped', async () => {
    await using p = await product();
    const env = environmentOf(p);
    const made = [2, 3, 5].map((quantity) => p.sim.admin.createDemoSubscription({ quantity }));
    const [first, second, third] = made.map(({ subscription }) => subscription.id);
    const text = (last: string) =>
      `organization,subscription,seats,holders\r\norg_1,${first},,\r\n"org,2",${second},3,ann bob\r\norg_3,${last},9,\r\norg_4,sub_none,,\r\n`;
    await using file = await fileWith('accounts.csv', text(third ?? ''));

    const run = await seatbelt(env, 'link', '--file', file.path, '--json');
    assert.equal(run.code, 1);
    const report = jsonOf<FileReport>(run);
    assert.deepEqual(
      report.results.map(({ line, organization, outcome, code }) => [line, organization, outcome, code]),
      [
        [2, 'org_1', 'linked', null],
        [3, 'org,2', 'linked', null],
        [4, 'org_3', 'held', null],
        [5, 'org_4', 'failed', 'no_subscription'],
      ],
    );
    const holders = await p.pool.query(
      `select holder from seatbelt.holders where organization_id = 'org,2' order by holder`,
    );
    assert.deepEqual(
      holders.rows.map((row) => row.holder),
      ['ann', 'bob'],
    );

    // The second run asks Stripe about the row that failed, and about no other.
    const readsBefore = readsOf(p);
    const again = await seatbelt(env, 'link', '--file', file.path);
    assert.equal(again.code, 1);
    assert.equal(readsOf(p) - readsBefore, 1);
    assert.match(again.out, /^line 4: org_3 held: .*quantity 5.*\nline 5: org_4 failed: /);
    assert.match(again.out, /4 rows: 0 linked, 0 relinked, 2 linked already, 1 held, 1 failed\.\n/);

    const settled = jsonOf<FileReport>(
      await seatbelt(env, 'link', '--file', file.path, '--on-mismatch', 'database', '--json'),
    );
    assert.deepEqual([settled.skipped, settled.held, settled.failed], [3, 0, 1]);
    assert.equal(p.sim.truth().subscriptions.find(({ id }) => id === third)?.items.data[0]?.quantity, 9);
  });

  test('a file with a mistake links nothing, and names every line that is wrong', async () => {
    await using p = await product();
    const lines = [
      { organization: 'org_a', subscription: 'sub_a' },
      { organization: 'org_a', subscription: 'sub_b', seats: 1.5 },
      { organization: 'org_c' },
    ];
    await using file = await fileWith('accounts.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    const readsBefore = readsOf(p);
    const refused = await seatbelt(environmentOf(p), 'link', '--file', file.path, '--json');
    assert.equal(refused.code, 2);
    const { message } = errorOf(refused);
    assert.match(message, /nothing was linked/);
    assert.match(message, /line 2: seats is not a whole number from 0 to 1000000, organization org_a stands on line 1/);
    assert.match(message, /line 3: subscription is missing/);
    assert.equal(readsOf(p), readsBefore);
  });

  test('jsonl rows name their item', async () => {
    await using p = await product();
    const { subscription, item } = await p.sim.admin.createDemoSubscription({ quantity: 4 });
    const row = { organization: 'org_two', subscription: subscription.id, item: item.id, used: 2, holders: ['ann'] };
    await using file = await fileWith('accounts.jsonl', `${JSON.stringify(row)}\n`);
    const run = await seatbelt(environmentOf(p), 'link', '--file', file.path);
    assert.equal(run.code, 0);
    assert.match(run.out, /^1 row: 1 linked, /);
    assert.equal((await p.seatbelt.seats('org_two')).usedSeats, 3);
  });

  test('progress is a bar on a terminal, and plain lines elsewhere', () => {
    const written = (errIsTerminal: boolean) => {
      let text = '';
      const err = (more: string) => {
        text += more;
      };
      const io = { err, errIsTerminal } as Parameters<typeof progress>[0];
      const shown = progress(io, 200);
      const row = { organization: 'o', seats: 1, stripeQuantity: 1, code: null, message: null };
      for (let line = 1; line <= 100; line += 1) {
        shown.done({ ...row, line, outcome: line === 7 ? 'failed' : 'linked' });
      }
      shown.end();
      return text;
    };
    assert.match(written(true), /\r.\[K\[#{15}\.{15}\] 100\/200, 1 failed, \d+ s\n$/);
    assert.equal(written(false), '100 of 200 done, 1 failed\n');
  });
});
