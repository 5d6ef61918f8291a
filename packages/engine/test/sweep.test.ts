import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seatbelt, SweepFinding, Terms } from '../src/index.ts';
import { type Product, product } from './product.ts';

/** As many organizations as asked for besides the first, each with 5 seats; the worker's own sweeps are off. */
async function shopOf(
  count: number,
  options: { readonly onForeignChange?: Terms['onForeignChange']; readonly engine?: object } = {},
): Promise<Product & { readonly subscriptions: readonly { id: string; item: string; organization: string }[] }> {
  const terms = { onForeignChange: options.onForeignChange ?? {} };
  const shop = await product({ engine: { sweepEveryMs: 0, eventsEveryMs: 0, ...options.engine }, link: { terms } });
  const subscriptions = [];
  for (let index = 0; index < count; index += 1) {
    const { subscription, item } = shop.sim.admin.createDemoSubscription({ quantity: 5 });
    const organization = `org_${String(index).padStart(4, '0')}`;
    await shop.seatbelt.link(organization, { subscription: subscription.id, used: 0, terms });
    subscriptions.push({ id: subscription.id, item: item.id, organization });
  }
  return Object.assign(shop, { subscriptions });
}

async function findings(seatbelt: Seatbelt, sweep: string): Promise<SweepFinding[]> {
  const found: SweepFinding[] = [];
  for await (const finding of seatbelt.sweepFindings(sweep)) found.push(finding);
  return found;
}

/** Reads of Stripe since the last call: lists of subscriptions, and single ones. */
function readsOf(shop: Product): () => { lists: number; single: number } {
  let seen = shop.sim.truth().requests.length;
  return () => {
    const fresh = shop.sim.truth().requests.slice(seen);
    seen += fresh.length;
    const gets = fresh.filter(({ method }) => method === 'GET').map(({ path }) => path);
    return {
      lists: gets.filter((path) => path === '/v1/subscriptions').length,
      single: gets.filter((path) => path.startsWith('/v1/subscriptions/')).length,
    };
  };
}

const fast = { callsPerSecond: 1_000 } as const;

test('where nothing drifted a sweep makes exactly ceil(n/100) list calls and no other', async () => {
  await using shop = await product({ engine: { sweepEveryMs: 0, eventsEveryMs: 0 } });
  shop.sim.admin.createSubscriptionsInBulk({ count: 249, quantity: 5 });
  const reads = readsOf(shop);
  const report = await shop.seatbelt.sweep({ ...fast, dryRun: false });
  assert.deepEqual(reads(), { lists: 3, single: 0 });
  assert.deepEqual(
    [report.state, report.subscriptions, report.linked, report.unlinked, report.rereads, report.pages],
    ['finished', 250, 1, 249, 0, 3],
  );
});

test('what drifted is read once by itself, given its cause and answered as the terms say', async () => {
  await using shop = await shopOf(3, { onForeignChange: { unknown: 'revert' } });
  const [first, second] = shop.subscriptions;
  assert.ok(first && second);
  // No event tells of these: only comparing finds them.
  for (const { id, item } of [first, second]) {
    shop.sim.admin.foreignQuantityChange({ subscription: id, item, quantity: 9, by: 'dashboard' });
  }
  await shop.seatbelt.changeTerms(second.organization, { onForeignChange: {} });
  const reads = readsOf(shop);
  const report = await shop.seatbelt.sweep({ ...fast, dryRun: false });
  assert.deepEqual(reads(), { lists: 1, single: 2 });
  assert.deepEqual([report.rereads, report.repairs, report.findings], [2, 1, 2]);
  const found = await findings(shop.seatbelt, report.id);
  assert.deepEqual(
    found
      .map(({ kind, organization, cause, expectedQuantity, observedQuantity, answer }) => [
        organization,
        kind,
        cause,
        expectedQuantity,
        observedQuantity,
        answer,
      ])
      .toSorted(),
    [
      [first.organization, 'drift', 'unknown', 5, 9, 'put_back'],
      [second.organization, 'drift', 'unknown', 5, 9, 'held'],
    ],
  );
  assert.equal((await shop.seatbelt.seats(first.organization)).hold, null);
  assert.equal((await shop.seatbelt.seats(second.organization)).hold?.cause, 'unknown');
  // What is held is known, and not read again as long as it shows the same.
  reads();
  assert.deepEqual((await shop.seatbelt.sweep({ ...fast, dryRun: false })).rereads, 0);
  assert.deepEqual(reads(), { lists: 1, single: 0 });
});

test('the first sweep of an installation only says what it would do, the next one does it', async () => {
  await using shop = await shopOf(1, { onForeignChange: { unknown: 'adopt' } });
  const [only] = shop.subscriptions;
  assert.ok(only);
  shop.sim.admin.foreignQuantityChange({ subscription: only.id, item: only.item, quantity: 9, by: 'dashboard' });
  const before = await shop.seatbelt.inspect(only.organization);
  const first = await shop.seatbelt.sweep(fast);
  assert.deepEqual([first.dryRun, first.repairs], [true, 0]);
  assert.deepEqual(
    (await findings(shop.seatbelt, first.id)).map(({ answer }) => answer),
    ['would_adopt'],
  );
  assert.deepEqual((await shop.seatbelt.inspect(only.organization)).account, before.account, 'nothing was written');
  const second = await shop.seatbelt.sweep(fast);
  assert.deepEqual([second.dryRun, second.repairs], [false, 1]);
  assert.equal((await shop.seatbelt.seats(only.organization)).settledSeats, 9);
});

test('a sweep stops before it changes more accounts than it may, and asks', async () => {
  await using shop = await shopOf(4, { onForeignChange: { unknown: 'adopt' } });
  for (const { id, item } of shop.subscriptions) {
    shop.sim.admin.foreignQuantityChange({ subscription: id, item, quantity: 9, by: 'dashboard' });
  }
  const report = await shop.seatbelt.sweep({ ...fast, dryRun: false, repairLimit: 2 });
  assert.deepEqual([report.state, report.repairs], ['stopped', 2]);
  const settled = async () =>
    Promise.all(
      shop.subscriptions.map(async ({ organization }) => (await shop.seatbelt.seats(organization)).settledSeats),
    );
  assert.deepEqual((await settled()).toSorted(), [5, 5, 9, 9]);
  const allowed = await shop.seatbelt.sweep({ ...fast, dryRun: false, repairLimit: 10 });
  assert.deepEqual([allowed.state, allowed.repairs], ['finished', 2]);
  assert.deepEqual(await settled(), [9, 9, 9, 9]);
});

test('a sweep that was cut short is gone on with where it stopped, by whoever comes', async () => {
  await using shop = await product({ engine: { sweepEveryMs: 0, eventsEveryMs: 0 } });
  shop.sim.admin.createSubscriptionsInBulk({ count: 450, quantity: 5 });
  const reads = readsOf(shop);
  const cut = new AbortController();
  const begun = await shop.seatbelt.sweep({
    ...fast,
    dryRun: false,
    signal: cut.signal,
    onProgress: ({ pages }) => {
      if (pages === 2) cut.abort();
    },
  });
  // The page that was under way when it was told to stop is brought to its end.
  assert.deepEqual([begun.state, begun.pages], ['walking', 3]);
  const rest = await shop.another().sweep({ ...fast, dryRun: false });
  assert.deepEqual([rest.id, rest.resumed, rest.state, rest.pages], [begun.id, true, 'finished', 5]);
  assert.deepEqual([rest.subscriptions, rest.linked, rest.rereads], [451, 1, 0]);
  assert.equal(reads().lists, 5, 'no page was listed twice');
});

test('what a killed process left is another one’s after its lease, and two never sweep at once', async () => {
  await using shop = await product({ engine: { sweepEveryMs: 0, eventsEveryMs: 0 } });
  shop.sim.admin.createSubscriptionsInBulk({ count: 150, quantity: 5 });
  let refused: unknown = null;
  const other = shop.another();
  const killed = shop.seatbelt.sweep({
    ...fast,
    dryRun: false,
    onProgress: () => {
      throw new Error('killed');
    },
  });
  await assert.rejects(killed, /killed/);
  await assert.rejects(
    other.sweep(fast).catch((error: unknown) => {
      refused = error;
      throw error;
    }),
    /Another process is sweeping/,
  );
  assert.ok(refused);
  await shop.pool.query('update seatbelt.sweeps set next_at = now()');
  const rest = await other.sweep(fast);
  assert.deepEqual([rest.resumed, rest.state, rest.subscriptions], [true, 'finished', 151]);
  const { rowCount } = await shop.pool.query('select 1 from seatbelt.sweep_listed');
  assert.equal(rowCount, 0, 'what only the walk needed is gone with it');
});

test('organizations whose subscription is gone are found: it is canceled, or Stripe knows it no more', async () => {
  await using shop = await shopOf(3);
  const [canceled, unknown] = shop.subscriptions;
  assert.ok(canceled && unknown);
  await shop.stripe.subscriptions.cancel(canceled.id);
  await shop.pool.query(`update seatbelt.accounts set subscription_id = 'sub_gone' where organization_id = $1`, [
    unknown.organization,
  ]);
  // An account must be older than the sweep to be missed by it.
  const reads = readsOf(shop);
  const dry = await shop.seatbelt.sweep({ ...fast, dryRun: true });
  assert.deepEqual(reads(), { lists: 1, single: 2 });
  const said = (found: SweepFinding[]) =>
    found
      .filter(({ kind }) => kind === 'gone')
      .map(({ organization, answer }) => [organization, answer])
      .toSorted();
  assert.deepEqual(said(await findings(shop.seatbelt, dry.id)), [
    [canceled.organization, 'would_end'],
    [unknown.organization, 'would_hold'],
  ]);
  const report = await shop.seatbelt.sweep({ ...fast, dryRun: false });
  assert.deepEqual(said(await findings(shop.seatbelt, report.id)), [
    [canceled.organization, 'ended'],
    [unknown.organization, 'held'],
  ]);
  assert.equal((await shop.seatbelt.inspect(canceled.organization)).account.status, 'ended');
});

test('an item that is gone is held; a second subscription of a customer is named as what it is', async () => {
  await using shop = await shopOf(1);
  const [only] = shop.subscriptions;
  assert.ok(only);
  const price = await shop.stripe.prices.create({
    currency: 'usd',
    unit_amount: 500,
    recurring: { interval: 'month' },
    product_data: { name: 'Other' },
  });
  await shop.stripe.subscriptions.update(only.id, {
    items: [
      { price: price.id, quantity: 1 },
      { id: only.item, deleted: true },
    ],
  });
  const { customer } = await shop.stripe.subscriptions.retrieve(only.id);
  const double = await shop.stripe.subscriptions.create({
    customer: String(customer),
    items: [{ price: price.id, quantity: 2 }],
  });
  const report = await shop.seatbelt.sweep({ ...fast, dryRun: false });
  const found = await findings(shop.seatbelt, report.id);
  assert.deepEqual(
    found.map(({ kind, organization, cause, answer }) => [kind, organization, cause, answer]).toSorted(),
    [
      ['duplicate_subscription', only.organization, 'duplicate_subscription', 'reported'],
      ['item_missing', only.organization, 'item_missing', 'held'],
    ],
  );
  assert.equal(found.find(({ kind }) => kind === 'duplicate_subscription')?.subscription, double.id);
});

test('first purchases that no webhook told of are found by the sweep and link themselves', async () => {
  await using shop = await shopOf(0, {
    engine: {
      resolveOrganization: ({ metadata }: { metadata: Record<string, string> }) => metadata.organization ?? null,
    },
  });
  shop.sim.admin.createDemoSubscription({ quantity: 6, metadata: { organization: 'org_bought' } });
  const dry = await shop.seatbelt.sweep({ ...fast, dryRun: true });
  assert.deepEqual(
    (await findings(shop.seatbelt, dry.id)).map(({ kind, answer }) => [kind, answer]),
    [['unlinked', 'would_ask']],
  );
  assert.equal((await shop.seatbelt.tick()).firstPurchases?.linked, 0);
  await shop.seatbelt.sweep({ ...fast, dryRun: false });
  assert.equal((await shop.seatbelt.tick()).firstPurchases?.linked, 1);
  assert.equal((await shop.seatbelt.seats('org_bought')).purchasedSeats, 6);
});

test('a tick sweeps within its budget, and the next one goes on', async () => {
  await using shop = await product({ engine: { eventsEveryMs: 0 } });
  shop.sim.admin.createSubscriptionsInBulk({ count: 350, quantity: 5 });
  assert.equal((await shop.seatbelt.tick({ sweepMs: 0 })).sweep, null, 'no time for it in this round');
  const slice = await shop.seatbelt.tick({ budgetMs: 10_000 });
  assert.deepEqual([slice.sweep?.state, slice.sweep?.dryRun, slice.sweep?.subscriptions], ['finished', true, 351]);
  assert.equal((await shop.seatbelt.tick()).sweep, null, 'the next one is tomorrow');
  assert.ok((await shop.seatbelt.duties()).some(({ name }) => name === 'sweep'));
});

test('a Stripe that cannot be listed ends the stretch, not the sweep', async () => {
  await using shop = await product({ engine: { sweepEveryMs: 0, eventsEveryMs: 0 } });
  shop.sim.admin.createSubscriptionsInBulk({ count: 150, quantity: 5 });
  const fault = shop.sim.faults.add({ kind: 'error_500_before', match: { method: 'GET' }, times: 1_000 });
  const stopped = new AbortController();
  const failing = shop.seatbelt.sweep({ ...fast, dryRun: false, signal: stopped.signal });
  stopped.abort();
  const report = await failing;
  assert.ok(report.state === 'walking');
  shop.sim.faults.remove(fault);
  const rest = await shop.seatbelt.sweep({ ...fast, dryRun: false });
  assert.deepEqual([rest.id, rest.state, rest.subscriptions], [report.id, 'finished', 151]);
});

test('a sweep that stood at a subscription that Stripe no longer knows ends, and the next one begins anew', async () => {
  await using shop = await product({ engine: { eventsEveryMs: 0 } });
  shop.sim.admin.createSubscriptionsInBulk({ count: 249, quantity: 5 });
  const stopped = new AbortController();
  const begun = await shop.seatbelt.sweep({ ...fast, signal: stopped.signal, onProgress: () => stopped.abort() });
  assert.deepEqual([begun.state, begun.position === null], ['walking', false]);
  // A sandbox whose data was deleted answers so to the place that was reached.
  shop.sim.faults.add({ kind: 'not_found_404', match: { route: 'GET /v1/subscriptions' } });

  const lists = readsOf(shop);
  const ended = await shop.seatbelt.tick();
  assert.deepEqual([ended.sweep?.id, ended.sweep?.state], [begun.id, 'stopped']);
  assert.match(ended.sweep?.failed ?? '', /No such object/);
  assert.equal(lists().lists, 1, 'what Stripe does not know it will not know when it is asked again');
  const next = await shop.seatbelt.tick();
  assert.deepEqual([next.sweep?.state, next.sweep?.subscriptions], ['finished', 250]);
  assert.notEqual(next.sweep?.id, begun.id);
});

test('a database of another installation is not swept', async () => {
  await using shop = await product({ engine: { sweepEveryMs: 0, eventsEveryMs: 0 } });
  await assert.rejects(shop.another({ environment: 'preview' }).sweep(fast), /another|belongs to the installation/);
});
