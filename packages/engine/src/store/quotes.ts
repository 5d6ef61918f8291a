import type { Executor } from '../db/executor.ts';
import type { AccountKey } from './store.ts';

export interface QuoteRow {
  readonly id: string;
  readonly seats: number;
  readonly seatCount: number;
  readonly settledSeats: number;
  /** Unix seconds. */
  readonly prorationDate: number;
  readonly amountDue: number;
  readonly total: number;
  readonly currency: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** What both sides showed, and what it cost then, as canonical text. */
  readonly bound: string;
  readonly amounts: string;
}

export async function storeQuote(db: Executor, key: AccountKey, quote: QuoteRow): Promise<void> {
  await db.executeSql(
    /* sql */ `
insert into seatbelt.quotes (organization_id, seat_type, id, seats, seat_count, settled_seats, proration_date, amount_due,
                             total, currency, expires_at, bound, amounts)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_timestamp($11::double precision / 1000), $12, $13)`,
    [
      key.organization,
      key.seatType,
      quote.id,
      quote.seats,
      quote.seatCount,
      quote.settledSeats,
      quote.prorationDate,
      quote.amountDue,
      quote.total,
      quote.currency,
      quote.expiresAt,
      quote.bound,
      quote.amounts,
    ],
  );
}

/** A quote of this organization that has not expired by the database's clock. */
export async function readQuote(db: Executor, key: AccountKey, id: string): Promise<QuoteRow | null> {
  const { rows } = await db.executeSql(
    /* sql */ `
select id, seats, seat_count, settled_seats, proration_date::text, amount_due::text, total::text, currency, bound, amounts,
       (extract(epoch from expires_at) * 1000)::bigint::text as expires_at
  from seatbelt.quotes
 where organization_id = $1 and seat_type = $2 and id = $3::uuid and expires_at > now()`,
    [key.organization, key.seatType, id],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    id: String(row.id),
    seats: Number(row.seats),
    seatCount: Number(row.seat_count),
    settledSeats: Number(row.settled_seats),
    prorationDate: Number(row.proration_date),
    amountDue: Number(row.amount_due),
    total: Number(row.total),
    currency: String(row.currency),
    expiresAt: Number(row.expires_at),
    bound: String(row.bound),
    amounts: String(row.amounts),
  };
}
