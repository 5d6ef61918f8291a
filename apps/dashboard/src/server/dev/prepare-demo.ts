import { appSchema } from '../app-schema/migrate.ts';
import { inTransaction, type Sql } from '../database.ts';
import { isDemoOrganization } from '../demo-session.ts';
import { once, onceItWorks } from '../once.ts';
import { seatbelt } from '../seatbelt.ts';
import { demoPeople } from './demo-people.ts';

/**
 * Gives an organization of the demo what the app needs of it: its row, the demo's people with their roles, and a member
 * for everybody who holds a seat already. Does nothing where that was done, or where the organization is not known to
 * the engine. In devMode only.
 */
export async function prepareDemo(organization: string): Promise<void> {
  if (prepared().has(organization) || !(await isDemoOrganization(organization))) return;
  await prepareDemoPeople();
  const holders = await seatedHolders(organization);
  await inTransaction(async (db) => {
    const { rowCount } = await db.query(
      /* sql */ `insert into app.organizations (id, name, slug) values ($1, $2, $1) on conflict do nothing`,
      [organization, organization],
    );
    // An organization that somebody founded in the demo belongs to its founder alone.
    if (rowCount === 0) return;
    await db.query(
      /* sql */ `
insert into app.members (id, organization_id, user_id, role)
values ('member_' || $2 || '_' || $1, $1, $2, 'owner'), ('member_' || $3 || '_' || $1, $1, $3, 'admin'),
       ('member_' || $4 || '_' || $1, $1, $4, 'member')
on conflict do nothing`,
      [organization, demoPeople.owner.id, demoPeople.admin.id, demoPeople.member.id],
    );
    await seatMembers(db, organization, holders);
  });
  prepared().add(organization);
}

/** The demo's people, so that rows can refer to them. They have no credentials. */
export function prepareDemoPeople(): Promise<void> {
  return onceItWorks('demo-people', async () => {
    await appSchema();
    await inTransaction(async (db) => {
      for (const { id, name, email } of Object.values(demoPeople)) {
        await db.query(
          /* sql */ `insert into app.users (id, name, email, email_verified) values ($1, $2, $3, true) on conflict do nothing`,
          [id, name, email],
        );
      }
    });
  });
}

async function seatedHolders(organization: string): Promise<string[]> {
  // Asked through the engine first, so that what is due there is done before its rows are read.
  await seatbelt().seats(organization);
  return inTransaction(async (db) => {
    const { rows } = await db.query<{ holder: string }>(
      /* sql */ `select holder from seatbelt.holders where organization_id = $1 and state = 'assigned'`,
      [organization],
    );
    return rows.map((row) => row.holder);
  });
}

/** Holders of the demo are called `user_ada`; their members are called Ada. */
async function seatMembers(db: Sql, organization: string, holders: readonly string[]): Promise<void> {
  await db.query(
    /* sql */ `
insert into app.users (id, name, email, email_verified)
select holder, initcap(replace(regexp_replace(holder, '^user_', ''), '_', ' ')), lower(holder) || '@demo.example', true
  from unnest($1::text[]) as holder
on conflict do nothing`,
    [holders],
  );
  await db.query(
    /* sql */ `
insert into app.members (id, organization_id, user_id, role)
select 'member_' || id || '_' || $1, $1, id, 'member' from app.users where id = any ($2::text[])
on conflict do nothing`,
    [organization, holders],
  );
}

function prepared(): Set<string> {
  return once('prepared-demo-organizations', () => new Set<string>());
}
