import { randomUUID } from 'node:crypto';
import type { Executor } from '../../../packages/engine/src/db/executor.ts';

/**
 * The least that a change of this shape can be: one plain read, then two statements that each move the account where its
 * version still matches and write a line of history. Tables without rules, references, leases or a chain of hashes, so it says
 * what the machine and the driver take and not what could be left out.
 */
export async function bareShape(db: Executor, organizations: number) {
  for (const statement of tables) await db.executeSql(statement, []);
  await db.executeSql(
    `insert into bare.accounts select 'org_' || n, 1, 10 from generate_series(0, $1::integer - 1) as n`,
    [organizations],
  );
  return {
    async change(organization: string, seats: number): Promise<void> {
      const id = randomUUID();
      const { rows } = await db.executeSql('select version from bare.accounts where organization_id = $1', [
        organization,
      ]);
      const version = Number(rows[0]?.version);
      await written(db.executeSql(intent, [organization, version, seats, id, JSON.stringify({ is: 'requested', id })]));
      await written(db.executeSql(outcome, [organization, version + 1, id, JSON.stringify({ is: 'applied', id })]));
    },
  };
}

async function written(answer: ReturnType<Executor['executeSql']>): Promise<void> {
  if ((await answer).rows.length !== 1) throw new Error('The bare change met another version.');
}

const tables = [
  'create schema bare',
  'create table bare.accounts (organization_id text primary key, version bigint not null, seats integer not null)',
  'create table bare.changes (id uuid primary key, organization_id text not null, status text not null, seats integer not null)',
  'create table bare.audit (organization_id text, version bigint, entry jsonb not null, primary key (organization_id, version))',
];

const intent = `
with account as (
  update bare.accounts set version = version + 1, seats = $3::integer where organization_id = $1 and version = $2
  returning organization_id, version
), changed as (
  insert into bare.changes select $4::uuid, organization_id, 'requested', $3::integer from account
), told as (
  insert into bare.audit select organization_id, version, $5::jsonb from account
)
select 1 as committed from account`;

const outcome = `
with account as (
  update bare.accounts set version = version + 1 where organization_id = $1 and version = $2
  returning organization_id, version
), changed as (
  update bare.changes set status = 'applied' from account where id = $3::uuid
), told as (
  insert into bare.audit select account.organization_id, account.version, $4::jsonb from account
)
select 1 as committed from account`;
