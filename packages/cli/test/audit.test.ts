import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Product, product } from '../../engine/test/product.ts';
import { parseCsv } from '../src/link-file/parse-csv.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';

interface Verified {
  whole: boolean;
  organizations: number;
  entries: number;
  broken: { organization: string; entries: number; broken: { sequence: number; why: string } }[];
}

/** A superuser with a grudge: the trigger is off while it happens. */
async function tamper({ pool }: Product, statement: string): Promise<void> {
  await pool.query('alter table seatbelt.audit disable trigger all');
  const { rowCount } = await pool.query(statement);
  assert.equal(rowCount, 1);
  await pool.query('alter table seatbelt.audit enable trigger all');
}

/** Two organizations with a trail of some length. */
async function withTrails(): Promise<Product> {
  const p = await product();
  await p.seatbelt.link('org_two', { subscription: null });
  await p.seatbelt.set('org_test', 12);
  await p.seatbelt.set('org_test', 11);
  return p;
}

describe('seatbelt audit verify', () => {
  test('walks every trail when none is named, with the database alone', async () => {
    await using p = await withTrails();
    const ended = await seatbelt({ DATABASE_URL: p.databaseUrl }, 'audit', 'verify', '--json');
    assert.equal(ended.code, 0);
    const { rows } = await p.pool.query('select count(*)::int as entries from seatbelt.audit');
    assert.deepEqual(jsonOf(ended), {
      whole: true,
      organizations: 2,
      entries: rows[0].entries,
      broken: [],
      installation: { entries: 0, broken: null },
    });
    assert.match(
      (await seatbelt(environmentOf(p), 'audit', 'verify', 'org_two')).out,
      /^Whole: 1 entry of 1 organization/,
    );
  });

  test('one altered byte is found, with its sequence', async () => {
    await using p = await withTrails();
    await tamper(
      p,
      `update seatbelt.audit set entry = replace(entry, '"seatCountAfter":12', '"seatCountAfter":13')
        where organization_id = 'org_test' and sequence = 2`,
    );
    const ended = await seatbelt(environmentOf(p), 'audit', 'verify', '--json');
    assert.equal(ended.code, 1);
    const { whole, broken } = jsonOf<Verified>(ended);
    assert.equal(whole, false);
    assert.deepEqual(
      broken.map((report) => [report.organization, report.entries, report.broken.sequence]),
      [['org_test', 1, 2]],
    );
    const text = await seatbelt(environmentOf(p), 'audit', 'verify', 'org_test');
    assert.equal(text.code, 1);
    assert.match(
      text.out,
      /^BROKEN org_test: at sequence 2, the hash does not fit the text \(1 entry before it whole\)\n/,
    );
    assert.equal((await seatbelt(environmentOf(p), 'audit', 'verify', 'org_two')).code, 0);
  });

  test('an altered byte with a hash to match is found at the entry after it', async () => {
    await using p = await withTrails();
    const { rows } = await p.pool.query(
      `select sequence, entry, hash from seatbelt.audit where organization_id = 'org_test' and sequence <= 2 order by sequence`,
    );
    const entry = String(rows[1].entry).replace('"seatCountAfter":12', '"seatCountAfter":13');
    const hash = createHash('sha256').update(rows[0].hash).update('\n').update(entry).digest('hex');
    await tamper(
      p,
      `update seatbelt.audit set entry = $seatbelt$${entry}$seatbelt$, hash = '${hash}' where organization_id = 'org_test' and sequence = 2`,
    );
    const { broken } = jsonOf<Verified>(await seatbelt(environmentOf(p), 'audit', 'verify', '--json'));
    assert.deepEqual(
      broken.map((report) => report.broken.sequence),
      [3],
    );
  });

  for (const [column, what, value] of [
    ['change_id', 'given to another change', 'gen_random_uuid()'],
    ['change_id', 'taken from its change', 'null'],
    ['push_id', 'given to another push', 'gen_random_uuid()'],
    ['push_id', 'taken from its push', 'null'],
  ] as const) {
    test(`an entry ${what} beside its text is found`, async () => {
      await using p = await withTrails();
      const { rows } = await p.pool.query(
        `select min(sequence)::int as first from seatbelt.audit where organization_id = 'org_test' and ${column} is not null`,
      );
      const first: number = rows[0].first;
      await tamper(
        p,
        `update seatbelt.audit set ${column} = ${value} where organization_id = 'org_test' and sequence = ${first}`,
      );
      const ended = await seatbelt(environmentOf(p), 'audit', 'verify', '--json');
      assert.equal(ended.code, 1);
      const { broken } = jsonOf<Verified>(ended);
      assert.deepEqual(
        broken.map((report) => [report.organization, report.entries, report.broken]),
        [['org_test', first - 1, { sequence: first, why: `the column ${column} is not what the text says` }]],
      );
    });
  }

  test('an entry of nobody that was given to a change is found', async () => {
    await using p = await withTrails();
    await tamper(
      p,
      `update seatbelt.audit set change_id = gen_random_uuid()
        where organization_id = 'org_test' and sequence = 1`,
    );
    const { broken } = jsonOf<Verified>(await seatbelt(environmentOf(p), 'audit', 'verify', '--json'));
    assert.deepEqual(broken[0]?.broken, { sequence: 1, why: 'the column change_id is not what the text says' });
  });

  test('a trail that was moved to seats of another type is found', async () => {
    await using p = await withTrails();
    // The account goes along, or the trail would have no account to be walked from.
    const client = await p.pool.connect();
    try {
      await client.query(`set session_replication_role = replica`);
      for (const table of ['audit', 'accounts'])
        await client.query(`update seatbelt.${table} set seat_type = 'other' where organization_id = 'org_two'`);
    } finally {
      await client.query(`reset session_replication_role`);
      client.release();
    }
    const engine = p.another({ seatType: 'other' });
    assert.deepEqual((await engine.verifyAudit('org_two')).broken, {
      sequence: 1,
      why: 'the text belongs to another place in a trail',
    });
  });

  test('a tail that was cut off is found, and so is a gap', async () => {
    await using p = await withTrails();
    const { rows } = await p.pool.query(
      `select max(sequence)::int as last from seatbelt.audit where organization_id = 'org_test'`,
    );
    const last: number = rows[0].last;
    await tamper(p, `delete from seatbelt.audit where organization_id = 'org_test' and sequence = ${last}`);
    const cut = await seatbelt(environmentOf(p), 'audit', 'verify', '--json');
    assert.equal(cut.code, 1);
    assert.deepEqual(jsonOf<Verified>(cut).broken[0]?.broken, {
      sequence: last,
      why: 'entries at the end are missing',
    });
    await tamper(p, `delete from seatbelt.audit where organization_id = 'org_test' and sequence = 3`);
    const gap = jsonOf<Verified>(await seatbelt(environmentOf(p), 'audit', 'verify', 'org_test', '--json'));
    assert.deepEqual(gap.broken[0]?.broken, { sequence: 3, why: 'an entry is missing' });
  });
});

describe('seatbelt audit export', () => {
  test('jsonl: the chain can be verified from the export alone', async () => {
    await using p = await withTrails();
    const ended = await seatbelt(environmentOf(p), 'audit', 'export', 'org_test');
    assert.equal(ended.code, 0);
    const lines = ended.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { sequence: number; entry: string; hash: string });
    let head = '';
    for (const [index, { sequence, entry, hash }] of lines.entries()) {
      assert.equal(sequence, index + 1);
      head = createHash('sha256').update(`${head}\n${entry}`).digest('hex');
      assert.equal(hash, head);
    }
    const { rows } = await p.pool.query(
      `select audit_head, audit_length::int as length from seatbelt.accounts where organization_id = 'org_test'`,
    );
    assert.deepEqual(rows, [{ audit_head: head, length: lines.length }]);
  });

  test('csv: the same entries, with columns for people', async () => {
    await using p = await withTrails();
    const ended = await seatbelt(environmentOf(p), 'audit', 'export', 'org_test', '--format', 'csv');
    const [header, ...records] = parseCsv(ended.out).map(({ fields }) => fields);
    const stored = await p.pool.query(
      `select entry, hash from seatbelt.audit where organization_id = 'org_test' order by sequence`,
    );
    const column = (name: string) => records.map((fields) => fields[header?.indexOf(name) ?? -1]);
    assert.deepEqual(
      column('entry'),
      stored.rows.map(({ entry }) => entry),
    );
    assert.deepEqual(
      column('hash'),
      stored.rows.map(({ hash }) => hash),
    );
    assert.equal(column('kind')[0], 'linked');
    assert.deepEqual(column('seatCountAfter').slice(0, 2), ['10', '12']);
  });

  test('an unknown organization is no empty file, and --json does not go with csv', async () => {
    await using p = await product();
    const unknown = await seatbelt(environmentOf(p), 'audit', 'export', 'org_none', '--json');
    assert.deepEqual([unknown.code, unknown.out, errorOf(unknown).code], [2, '', 'unknown_organization']);
    const both = await seatbelt(environmentOf(p), 'audit', 'export', 'org_test', '--json', '--format', 'csv');
    assert.deepEqual([both.code, both.out, errorOf(both).code], [2, '', 'usage']);
  });
});
