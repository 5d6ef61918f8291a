import Stripe from 'stripe';
import { schema } from '../../../bench/src/usual-version/schema.ts';
import { createSeatbelt } from '../../../packages/engine/src/index.ts';
import { setUpBetterAuth } from './better-auth/set-up.ts';
import { stripeKey, stripeOptions } from './programs/connect.ts';
import type { ProgramName, ProgramSettings } from './programs.ts';
import type { Sides } from './sides.ts';

/** Every organization starts full, so that each person who joins has to be paid for. */
export const startingSeats = 10;

/** Gives the organizations to a program: its tables and rows, or Seatbelt's link. */
export async function handOver(sides: Sides, settings: ProgramSettings, people: readonly string[]): Promise<void> {
  switch (settings.name) {
    case 'usual':
    case 'usual, row locked':
    case 'Stripe-first':
      return setUpUsualTables(sides);
    case 'better-auth':
      return setUpBetterAuth(sides.pool, settings, { customers: sides.customers, seats: startingSeats, people });
    case 'Seatbelt':
      return linkAll(sides, settings);
  }
}

async function setUpUsualTables(sides: Sides): Promise<void> {
  await sides.pool.query(schema);
  await sides.pool.query(
    `insert into usual.organizations (id, seat_count, stripe_subscription_id, stripe_subscription_item_id)
     select o, $4::integer, s, i from unnest($1::text[], $2::text[], $3::text[]) as given (o, s, i)`,
    [
      sides.customers.map(({ organization }) => organization),
      sides.customers.map(({ subscription }) => subscription),
      sides.customers.map(({ item }) => item),
      startingSeats,
    ],
  );
  await sides.pool.query(
    `insert into usual.members (organization_id, user_id)
     select id, id || '_user_' || n from usual.organizations, generate_series(1, $1::integer) as n`,
    [startingSeats],
  );
}

async function linkAll(sides: Sides, settings: ProgramSettings): Promise<void> {
  const stripe = new Stripe(stripeKey, stripeOptions(settings));
  const seatbelt = createSeatbelt({ db: sides.url, stripe, environment: 'comparison' });
  try {
    for (const { organization, subscription } of sides.customers) {
      await seatbelt.link(organization, { subscription, used: startingSeats });
    }
  } finally {
    await seatbelt.close();
  }
}

export interface InDatabase {
  readonly people: ReadonlySet<string>;
  readonly held: number;
  readonly stored: number;
}

/** What the program's own database says of each organization: the people in it, and the number written down. */
const queries: Record<ProgramName, string> = {
  usual: usualQuery(),
  'usual, row locked': usualQuery(),
  'Stripe-first': usualQuery(),
  'better-auth': `
    select o.id,
           (select s.seats from subscription s where s."referenceId" = o.id) as stored,
           (select count(*) from member m where m."organizationId" = o.id)::integer as held,
           (select coalesce(array_agg(m."userId"), '{}') from member m where m."organizationId" = o.id) as people
      from organization o`,
  Seatbelt: `
    select s.organization_id as id, s.seat_count as stored, s.used_seats as held,
           (select coalesce(array_agg(h.holder), '{}') from seatbelt.holders h
             where h.organization_id = s.organization_id) as people
      from seatbelt.organization_seats s`,
};

function usualQuery(): string {
  return `
    select o.id, o.seat_count as stored,
           (select count(*) from usual.members m where m.organization_id = o.id)::integer + cardinality(i.people) as held,
           i.people
      from usual.organizations o
      cross join lateral (select coalesce(array_agg(email), '{}') as people from usual.invites
                           where organization_id = o.id and accepted_at is null) i`;
}

export async function inDatabase(sides: Sides, program: ProgramName): Promise<Map<string, InDatabase>> {
  const { rows } = await sides.pool.query<{ id: string; stored: number; held: number; people: string[] }>(
    queries[program],
  );
  return new Map(rows.map(({ id, stored, held, people }) => [id, { stored, held, people: new Set(people) }]));
}
