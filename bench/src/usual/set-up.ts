import Stripe from 'stripe';
import { createSeatbelt } from '../../../packages/engine/src/index.ts';
import type { Customer, TwoSides } from '../lib/two-sides.ts';
import { schema } from '../usual-version/schema.ts';
import type { ProgramName } from './programs.ts';

/** Every organization starts full, so that each invite has to buy a seat. */
export const startingSeats = 10;

export async function createUsualSchema(place: TwoSides): Promise<void> {
  await place.pool.query(schema);
}

/** Gives organizations to a program: its rows, or Seatbelt's link. */
export async function handOver(place: TwoSides, program: ProgramName, customers: readonly Customer[]): Promise<void> {
  if (program !== 'Seatbelt') {
    const lists = [
      customers.map(({ organization }) => organization),
      customers.map(({ subscription }) => subscription),
      customers.map(({ item }) => item),
    ];
    await place.pool.query(
      `insert into usual.organizations (id, seat_count, stripe_subscription_id, stripe_subscription_item_id)
       select o, ${startingSeats}, s, i from unnest($1::text[], $2::text[], $3::text[]) as given (o, s, i)`,
      lists,
    );
    await place.pool.query(
      `insert into usual.members (organization_id, user_id)
       select o, 'user_' || n from unnest($1::text[]) as o, generate_series(1, ${startingSeats}) as n`,
      [lists[0]],
    );
    return;
  }
  const stripe = new Stripe('sk_test_bench', { host: '127.0.0.1', port: place.sim.port, protocol: 'http' });
  const seatbelt = createSeatbelt({ db: place.url, stripe, environment: 'bench' });
  try {
    for (const { organization, subscription } of customers) {
      await seatbelt.link(organization, { subscription, used: startingSeats });
    }
  } finally {
    await seatbelt.close();
  }
}

/** What the program's own database says of each organization. */
export async function databaseSeats(
  place: TwoSides,
  program: ProgramName,
): Promise<Map<string, { seats: number; used: number }>> {
  const { rows } = await place.pool.query<{ id: string; seats: number; used: number }>(
    program === 'Seatbelt'
      ? `select organization_id as id, seat_count as seats, used_seats as used from seatbelt.organization_seats`
      : `select o.id, o.seat_count as seats,
                (select count(*) from usual.members m where m.organization_id = o.id)::integer
                + (select count(*) from usual.invites i where i.organization_id = o.id and i.accepted_at is null)::integer as used
           from usual.organizations o`,
  );
  return new Map(rows.map(({ id, seats, used }) => [id, { seats, used }]));
}
