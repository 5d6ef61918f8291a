import type { StripeSimClient } from '@seatbelt/stripe-sim';
import pg from 'pg';

/** What the two systems say about one organization at one moment. */
export type Sides = {
  /** Null where the database does not answer. */
  database: { seatCount: number; settledSeats: number; usedSeats: number; pushState: string | null } | null;
  /** The quantity that Stripe bills. */
  stripe: number;
};

export type Linked = { organization: string; subscription: string; item: string; customer: string };

/** Reads the public view, with a connection of its own: the database may have been away since the last time. */
export async function readSides(databaseUrl: string, simulator: StripeSimClient, linked: Linked): Promise<Sides> {
  const [database, stripe] = await Promise.all([
    readView(databaseUrl, linked.organization),
    quantityOf(simulator, linked),
  ]);
  return { database, stripe };
}

async function readView(databaseUrl: string, organization: string): Promise<Sides['database']> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 });
  // An idle connection that breaks says so by an event; the query on it rejects as well, and that is what counts.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(
      `select seat_count as "seatCount", settled_seats as "settledSeats", used_seats as "usedSeats", push_state as "pushState"
         from seatbelt.organization_seats where organization_id = $1`,
      [organization],
    );
    if (rows[0] === undefined) throw new Error(`${organization} is not in seatbelt.organization_seats.`);
    return rows[0];
  } catch (error) {
    if (isAway(error)) return null;
    throw error;
  } finally {
    await client.end();
  }
}

/** No connection, or the server is going down or coming up (class 57P). Anything else is not for a table to hide. */
function isAway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(ECONNREFUSED|ECONNRESET|57P0[123])$/.test(code);
}

async function quantityOf(simulator: StripeSimClient, { subscription, item }: Linked): Promise<number> {
  const { subscriptions } = await simulator.truth();
  const found = subscriptions.find(({ id }) => id === subscription);
  const quantity = found?.items.data.find(({ id }) => id === item)?.quantity;
  if (quantity === undefined) throw new Error(`Stripe does not know the item ${item}.`);
  return quantity;
}
