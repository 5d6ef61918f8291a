import type { MemberRole } from '#server/permissions.ts';

/** How somebody stands with a seat. `waiting`: it hangs on a change that has not ended. */
export type SeatStanding = 'seated' | 'waiting' | 'none';

export interface MemberBody {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: MemberRole;
  readonly seat: SeatStanding;
  /** ISO 8601. */
  readonly joinedAt: string;
}

/** GET /api/members */
export interface MembersBody {
  readonly members: readonly MemberBody[];
  /** How many there are under this search. */
  readonly total: number;
  /** Give this as `?after=` for the next page; null at the end. */
  readonly after: string | null;
}
