import type { ChangeBody } from 'seatbelt/http';

/** The roles that an invitation can carry; owners are made from members. */
export type InvitedRole = 'admin' | 'member';

export interface InvitationBody {
  readonly id: string;
  readonly email: string;
  readonly role: InvitedRole;
  /** `reserved`: the seat is kept for them. `waiting`: it hangs on a change that has not ended. */
  readonly seat: 'reserved' | 'waiting';
  readonly invitedBy: string;
  /** ISO 8601. */
  readonly invitedAt: string;
  readonly expiresAt: string;
  /** When the link went out, by mail or by hand; null before. */
  readonly sentAt: string | null;
  /**
   * `waiting`: for its seat, or for the mail server. `trying`: the mail server did not take it and is asked again. `failed`: it is not tried
   * any more, the link has to be passed on by hand. `off`: this installation sends none.
   */
  readonly mail: 'sent' | 'waiting' | 'trying' | 'failed' | 'off';
}

/** Invitations that fell because their seats could not be bought, told to the one who made them. */
export interface WithdrawnBody {
  /** The seat change that they hung on. */
  readonly change: string;
  readonly emails: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly at: string;
}

/** GET /api/invitations */
export interface InvitationsBody {
  readonly invitations: readonly InvitationBody[];
  readonly total: number;
  readonly after: string | null;
  readonly withdrawn: readonly WithdrawnBody[];
}

/** POST /api/invitations */
export interface InviteBody {
  readonly emails: readonly string[];
  readonly role: InvitedRole;
  /** How many seats the person has agreed to buy for this, having seen the price; 0: none. */
  readonly buy: number;
}

/** POST /api/invitations/known, with addresses as they would be invited. */
export interface KnownBody {
  /** Members and open invitations among them. */
  readonly known: readonly string[];
}

/** The answer: one change for all of them, which is followed by its address. */
export interface InvitedBody {
  /** null where everybody was a member or invited already. */
  readonly change: ChangeBody | null;
  readonly invited: number;
  /** Members and pending invitations among the addresses: left as they are. */
  readonly skipped: readonly string[];
}

/** GET /api/invitations/progress?change= */
export interface ProgressBody {
  readonly invited: number;
  /** Their seats are kept. */
  readonly reserved: number;
  readonly sent: number;
  readonly withdrawn: number;
  /** Taken back, or run out; their seats are free again. */
  readonly ended: number;
  /** Whether this installation sends mails. */
  readonly mailed: boolean;
}

/** The most addresses that one request invites. */
export const invitedAtOnce = 500;
