import type { ChangeDetailBody, SeatsBody } from 'seatbelt/http';

/** An event of GET /api/billing/live named `state`: everything that a change can move, as it is now. */
export interface LiveState {
  readonly seats: SeatsBody;
  /** The newest change, with what was recorded of it; null: there was none yet. */
  readonly latest: ChangeDetailBody | null;
  /** When it was read, ISO 8601. */
  readonly readAt: string;
}

/** A `still` event comes at least this often while nothing moves, so that a screen knows that the line is not dead. */
export const stillMs = 10_000;
