import type { PoolClient } from 'pg';
import { type ChangeBody, SeatRefused } from 'seatbelt';
import { Refused } from '#server/problem.ts';
import { seatbelt } from '#server/seatbelt.ts';

/** Who is to sit, and how many seats the person who asks has agreed to buy for it. */
export interface SeatsWanted {
  readonly organization: string;
  readonly holders: readonly string[];
  /** Reserve (for invitations) instead of assign. */
  readonly reserve: boolean;
  /** The seats whose price was shown and agreed to; 0: none, whatever happens meanwhile. */
  readonly buy: number;
  readonly actor: string;
  readonly reason: string;
  readonly idempotencyKey?: string;
}

/**
 * Takes seats in the caller's transaction, and never buys more of them than was agreed to: what was free when the screen
 * was drawn may be somebody else's now. Throwing rolls the caller's transaction back, and the intent with it.
 * A purchase that an owner has to approve is not left waiting here either: it would be made up to a week later, for people
 * who may be gone by then.
 * @throws Refused 409 `seats_taken`, `approval_needed`, `SeatRefused` for the rest
 */
export async function takeSeats(db: PoolClient, wanted: SeatsWanted): Promise<ChangeBody> {
  const { organization, holders, reserve, buy, ...said } = wanted;
  try {
    const { change } = await seatbelt().add(organization, holders.length, {
      db,
      holders,
      reserve,
      ...(buy > 0 ? { buyAtMost: buy } : { expand: false }),
      ...said,
    });
    if (change.status === 'awaiting_approval') throw approvalNeeded();
    return change;
  } catch (error) {
    if (error instanceof SeatRefused && error.code === (buy > 0 ? 'seats_changed' : 'no_seat_available')) {
      throw seatsTaken(buy);
    }
    throw error;
  }
}

function seatsTaken(agreed: number): Refused {
  const missing =
    agreed === 0
      ? 'There are not enough free seats'
      : `More seats would have to be bought than the ${agreed} agreed to`;
  return new Refused({
    status: 409,
    code: 'seats_taken',
    title: 'Somebody was faster',
    detail: `${missing}: somebody took one meanwhile. Nobody was added and nothing was bought. Look at the price, then decide.`,
  });
}

function approvalNeeded(): Refused {
  return new Refused({
    status: 409,
    code: 'approval_needed',
    title: 'An owner decides about so many seats',
    detail:
      'More seats would be bought than may be bought without an approval of an owner. Nobody was added and nothing was bought. ' +
      'Ask for the seats on the billing page; once an owner has approved them, add the people.',
  });
}
