import { appSchema } from '#server/app-schema/migrate.ts';
import { countAttempt, organizationsFounded } from '#server/attempts.ts';
import { auth } from '#server/auth.ts';
import type { Access } from '#server/authorize.ts';
import type { PersonCaller } from '#server/caller.ts';
import { pool } from '#server/database.ts';
import { demoOrganizations } from '#server/demo-session.ts';
import { prepareDemo, prepareDemoPeople } from '#server/dev/prepare-demo.ts';
import { trialSubscription } from '#server/dev/trial-subscription.ts';
import { isDevMode } from '#server/environment.ts';
import { newToken } from '#server/ids.ts';
import { Refused } from '#server/problem.ts';
import { seatbelt } from '#server/seatbelt.ts';
import type { OrganizationBody } from '../contract.ts';

/** How many organizations a list shows. Whoever belongs to as many founds no more; staff find others by their address. */
const listedAtMost = 100;

/** The organizations of a person, in the order of their names. The demo's visitor owns all of the demo's. */
export async function organizationsOf(person: PersonCaller): Promise<OrganizationBody[]> {
  const demo = isDevMode() ? await demoOrganizations() : [];
  if (person.visitor) return ownedByVisitor(demo);
  for (const id of demo) await prepareDemo(id);
  await appSchema();
  const { rows } = await pool().query<OrganizationBody>(
    /* sql */ `
select o.id, o.name, m.role from app.members m join app.organizations o on o.id = m.organization_id
 where m.user_id = $1
 order by o.name, o.id
 limit $2`,
    [person.id, listedAtMost],
  );
  return rows;
}

/** One that was never opened has no row of ours yet, and is called by its id. */
async function ownedByVisitor(organizations: readonly string[]): Promise<OrganizationBody[]> {
  await appSchema();
  const { rows } = await pool().query<OrganizationBody>(
    /* sql */ `
select d.id, coalesce(o.name, d.id) as name, 'owner' as role
  from unnest($1::text[]) as d (id) left join app.organizations o on o.id = d.id
 order by name, d.id`,
    [organizations],
  );
  return rows;
}

/**
 * Founds an organization with this person as its owner. In the demo it gets a subscription at the simulated Stripe with
 * five seats, one of them the founder's; elsewhere its subscription is linked by an operator.
 * @throws Refused 409, 429
 */
export async function foundOrganization(person: PersonCaller, name: string): Promise<OrganizationBody> {
  // The demo's visitor is alone on the machine.
  if (person.visitor) await prepareDemoPeople();
  else {
    await countAttempt(organizationsFounded, person.id);
    if ((await organizationsOf(person)).length === listedAtMost) throw tooManyOrganizations();
  }
  const { api } = await auth();
  // The slug is a column of Better Auth's that no screen shows; addresses hold the id.
  const made = await api.createOrganization({ body: { name, slug: newToken(), userId: person.id } });
  if (made === null) throw new Error('Bug: an organization was made and is not there.');
  const subscription = await trialSubscription(made.id, name);
  await seatbelt().link(made.id, {
    subscription,
    holders: subscription === null ? [] : [person.id],
    actor: person.id,
    reason: 'The organization was founded.',
  });
  return { id: made.id, name, role: 'owner' };
}

function tooManyOrganizations(): Refused {
  return new Refused({
    status: 409,
    code: 'too_many_organizations',
    title: 'Too many organizations',
    detail: `You belong to ${listedAtMost} organizations. Leave one of them before you found another. Nothing was changed.`,
  });
}

/**
 * Gives an organization its account where a crash came between founding and linking: one without a subscription, which
 * the screens explain. Does nothing where there is one.
 */
export async function ensureAccount(organization: string): Promise<void> {
  await seatbelt().link(organization, { subscription: null, actor: 'dashboard', reason: 'Found without an account.' });
}

/** The name of an organization; its id where the app has no row of it (the demo's before they were opened). */
export async function organizationName(organization: string): Promise<string> {
  await appSchema();
  const { rows } = await pool().query<{ name: string }>(/* sql */ `select name from app.organizations where id = $1`, [
    organization,
  ]);
  return rows[0]?.name ?? organization;
}

export async function renameOrganization({ organization }: Access, name: string): Promise<{ name: string }> {
  await pool().query(/* sql */ `update app.organizations set name = $2 where id = $1`, [organization, name]);
  return { name };
}
