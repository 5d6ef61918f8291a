import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SweepRow } from 'seatbelt';
import { type Product, product } from '../../engine/test/product.ts';
import { line } from '../src/sweep/progress.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';

function drift(p: Product, quantity: number): void {
  p.sim.admin.foreignQuantityChange({ subscription: p.subscription, item: p.item, quantity, by: 'dashboard' });
}

const terms = { onForeignChange: { unknown: 'revert' } } as const;

test('the first sweep is a dry run and says what it would do; --apply does it', async () => {
  await using p = await product({ link: { terms } });
  drift(p, 15);
  const first = await seatbelt(environmentOf(p), 'sweep');
  assert.equal(first.code, 1);
  assert.match(first.out, /org_test .* drift: agreed on 10, Stripe shows 15; .* would be put back/);
  assert.match(first.out, /1 difference\. This was a dry run: nothing was changed/);
  assert.equal(p.stripeQuantity(), 15);
  const second = await seatbelt(environmentOf(p), 'sweep', '--apply', '--json');
  const { dryRun, repairs, kinds, state } = jsonOf(second);
  assert.deepEqual([second.code, dryRun, repairs, kinds, state], [1, false, 1, { drift: 1 }, 'finished']);
  assert.equal(p.stripeQuantity(), 10);
  const third = await seatbelt(environmentOf(p), 'sweep');
  assert.deepEqual([third.code, /Both sides agree/.test(third.out)], [0, true]);
});

test('a sweep that may change nothing stops before it does', async () => {
  await using p = await product({ link: { terms } });
  drift(p, 15);
  const ended = await seatbelt(environmentOf(p), 'sweep', '--apply', '--limit', '0');
  assert.equal(ended.code, 1);
  assert.match(ended.out, /It stopped after 0 changes/);
  assert.equal(p.stripeQuantity(), 15);
});

test('the report has every finding, as JSON and as a page that escapes what it shows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sweep-report-'));
  try {
    await using p = await product();
    const { subscription } = p.sim.admin.createDemoSubscription({ quantity: 2 });
    await p.seatbelt.link('<b>org</b>', { subscription: subscription.id });
    await p.stripe.subscriptions.cancel(subscription.id);
    for (const name of ['report.json', 'report.html']) {
      const ended = await seatbelt(environmentOf(p), 'sweep', '--dry-run', '--report', join(folder, name));
      assert.match(ended.out, /The report is in/);
    }
    const json = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
    assert.deepEqual(
      json.findings.map(({ organization, kind, answer }: Record<string, unknown>) => [organization, kind, answer]),
      [['<b>org</b>', 'gone', 'would_end']],
    );
    assert.equal(json.sweep.state, 'finished');
    const html = await readFile(join(folder, 'report.html'), 'utf8');
    assert.match(html, /&lt;b&gt;org&lt;\/b&gt;/);
    assert.doesNotMatch(html, /<b>org/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('where the sweep itself fails, no empty report is left, and a report that was there stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sweep-report-'));
  try {
    await using p = await product();
    const [fresh, kept] = [join(folder, 'fresh.json'), join(folder, 'kept.json')];
    await writeFile(kept, 'of last week');
    for (const file of [fresh, kept]) {
      const ended = await seatbelt(
        { ...environmentOf(p), DATABASE_URL: 'postgres://127.0.0.1:1/none' },
        'sweep',
        '--dry-run',
        '--report',
        file,
      );
      assert.equal(ended.code, 1);
    }
    assert.deepEqual(await readdir(folder), ['kept.json']);
    assert.equal(await readFile(kept, 'utf8'), 'of last week');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what cannot be meant is a usage error, and nothing is swept', async () => {
  await using p = await product();
  for (const wrong of [
    ['--dry-run', '--apply'],
    ['--report', 'report.pdf'],
    ['--apply', '--report', '/dev/null/report.json'],
    ['--limit', 'many'],
  ]) {
    const ended = await seatbelt(environmentOf(p), 'sweep', ...wrong, '--json');
    assert.deepEqual([ended.code, errorOf(ended).code], [2, 'usage']);
  }
  assert.equal(await p.seatbelt.lastSweep(), null);
});

test('progress shows how far it is, what was found, and how long it will take', () => {
  const sweep = { state: 'walking', subscriptions: 250, expected: 1_000, findings: 3 } as SweepRow;
  assert.equal(line(sweep, 250, 10_000), '[########......................] 250/1000, 3 found, 30 seconds left');
  // Gone on with: only what this run compared says how quick it is.
  assert.match(line(sweep, 50, 10_000), /2 minutes left/);
  assert.match(line({ ...sweep, subscriptions: 1_200, findings: 0 }, 1_200, 10_000), /1200\/1200, less than a second/);
  assert.match(line({ ...sweep, state: 'missing' }, 250, 1), /reading what was not listed/);
});
