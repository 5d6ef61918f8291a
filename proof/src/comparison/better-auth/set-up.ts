import { getMigrations } from 'better-auth/db/migration';
import type pg from 'pg';
import type { Customer } from '../../../../bench/src/lib/two-sides.ts';
import { type AuthSettings, createAuth } from './auth.ts';

/** Its tables by its own migrations, and organizations that have subscribed through it and hold `seats` members each. */
export async function setUpBetterAuth(
  database: pg.Pool,
  settings: AuthSettings,
  given: { readonly customers: readonly Customer[]; readonly seats: number; readonly people: readonly string[] },
): Promise<void> {
  const { auth, pool } = createAuth(settings);
  try {
    const { runMigrations } = await getMigrations(auth.options);
    await runMigrations();
  } finally {
    await pool.end();
  }
  const organizations = given.customers.map(({ organization }) => organization);
  // Everybody who will join has an account already: signing up is not what is compared.
  await database.query(
    `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
     select p, p, p, true, now(), now() from unnest($1::text[]) as p
     union all
     select o || '_user_' || n, 'Somebody', o || '_user_' || n || '@example.com', true, now(), now()
       from unnest($2::text[]) as o, generate_series(1, $3::integer) as n`,
    [given.people, organizations, given.seats],
  );
  await database.query(
    `insert into organization (id, name, slug, "createdAt", "stripeCustomerId")
     select o, o, o, now(), c from unnest($1::text[], $2::text[]) as given (o, c)`,
    [organizations, given.customers.map(({ customer }) => customer)],
  );
  await database.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     select o || '_member_' || n, o, o || '_user_' || n, 'member', now()
       from unnest($1::text[]) as o, generate_series(1, $2::integer) as n`,
    [organizations, given.seats],
  );
  await database.query(
    `insert into subscription (id, plan, "referenceId", "stripeCustomerId", "stripeSubscriptionId", status, seats)
     select 'subscription_' || o, 'team', o, c, s, 'active', $4::integer
       from unnest($1::text[], $2::text[], $3::text[]) as given (o, c, s)`,
    [
      organizations,
      given.customers.map(({ customer }) => customer),
      given.customers.map(({ subscription }) => subscription),
      given.seats,
    ],
  );
}
