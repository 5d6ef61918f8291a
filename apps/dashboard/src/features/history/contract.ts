import type { ChangeBody } from 'seatbelt/http';

/** GET /api/billing/history */
export interface HistoryBody {
  readonly entries: readonly { readonly change: ChangeBody; readonly stripeRequestId: string | null }[];
  /** Give this as `?before=` for older ones; null at the end. A page may be empty and not be the last. */
  readonly before: number | null;
}

/** GET /api/billing/history/chain: whether the audit trail is whole and unaltered. */
export interface ChainBody {
  readonly whole: boolean;
  readonly entries: number;
  /** The first entry that does not fit, and why; null where all do. */
  readonly broken: { readonly sequence: number; readonly why: string } | null;
  /** ISO 8601. */
  readonly checkedAt: string;
}
